"""What threads tell: plain values, no personal data."""

from stadtkern.core.events import event


@event("threads.entry_added")
class EntryAdded:
    """A line was added to a thread's history."""

    entry_id: int
    thread_id: int
    kind: str
    shown_to: str


@event("threads.notification_failed")
class NotificationFailed:
    """A delivery was given up; it stands in the operators' list."""

    delivery_id: int
    channel: str


@event("threads.contact_confirmed")
class ContactConfirmed:
    """Somebody proved that an e-mail address is theirs."""

    contact_id: int
