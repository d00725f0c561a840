"""What threads do when something happens elsewhere."""

from stadtkern.core.events import follow
from stadtkern.people.events import PersonErased
from stadtkern.threads.domain.privacy import erase_person


@follow(PersonErased)
def forget_the_person(happened: PersonErased) -> None:
    erase_person(happened.person_id)
