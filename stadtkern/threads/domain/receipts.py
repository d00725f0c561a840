"""The receipt: the one mail that goes to an address before its owner has confirmed it."""

from datetime import timedelta

from stadtkern.core.limits import spend
from stadtkern.core.problems import TooMany
from stadtkern.threads.models import Contact, Notification, Thread

MARK = "receipt:"
MOST_RECEIPTS = 10
PER = timedelta(days=1)


def happening_of(thread: Thread) -> str:
    return f"{MARK}{thread.pk}"


def is_receipt(notification: Notification) -> bool:
    return notification.happening.startswith(MARK)


def may_write_to(contact: Contact) -> bool:
    """Somebody could type a stranger's address again and again: it gets no more than a few receipts a day."""
    if contact.confirmed_at or contact.person_id:
        return True
    try:
        spend("threads.receipt", contact.email, most=MOST_RECEIPTS, per=PER)
    except TooMany:
        return False
    return True
