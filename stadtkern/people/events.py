"""What people tell."""

from stadtkern.core.events import event


@event("people.person_erased")
class PersonErased:
    """A person's identity has been erased; the id points to an empty shell."""

    person_id: int
