"""Dull builders of the tests."""

from typing import Any

from django.utils import timezone

from stadtkern.threads.domain.conversation import device_contact, open_thread
from stadtkern.threads.domain.notifying import notify
from stadtkern.threads.models import Contact, PushSubscription, Thread

MESSAGE = "threads.message"


def mail_contact(email: str = "vera@stadtkern.example", **given: Any) -> Contact:
    """Somebody without an account whose address is confirmed."""
    return Contact.objects.create(**{"email": email, "confirmed_at": timezone.now(), "language": "de"} | given)


def lamp(**given: Any) -> Thread:
    return open_thread(**{"kind": "report", "title": "Die Laterne ist dunkel"} | given)


def tell(contact: Contact, happening: str = "answer:1", **given: Any) -> int:
    return notify(**{"topic": MESSAGE, "happening": happening, "title": "Eine Antwort", "to": contact} | given)


def with_push(contact: Contact | None = None, endpoint: str = "https://push.example/1") -> Contact:
    contact = contact or device_contact(language="de")
    PushSubscription.objects.create(contact=contact, endpoint=endpoint, p256dh="x", auth="y")
    return contact
