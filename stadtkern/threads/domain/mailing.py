"""E-mail: a letter of one notification or of a bundle, with its way out (RFC 8058) in the head.

Only confirmed addresses are written to; the receipt of a matter just filed is the one exception.
"""

from dataclasses import asdict, dataclass
from smtplib import SMTPDataError, SMTPRecipientsRefused
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from stadtkern.core.city import city
from stadtkern.core.mail import compose
from stadtkern.threads.domain.audience import EVERY_TOPIC
from stadtkern.threads.domain.carriers import Carrier, Given, GiveUp, NotWanted, carriers
from stadtkern.threads.domain.confirming import confirm_path
from stadtkern.threads.domain.conversation import address_of, language_of
from stadtkern.threads.domain.links import absolute, contact_path, secret_path, unsubscribe_path
from stadtkern.threads.domain.receipts import is_receipt
from stadtkern.threads.models import Contact, Notification, Participant
from stadtkern.threads.words import INSIDE

REFUSED_FOR_GOOD = 500


@dataclass(frozen=True)
class Line:
    """One notification as a letter shows it."""

    matter: str
    title: str
    body: str
    url: str


def carry(contact: Contact, given: Given) -> None:
    """Hand one letter to the mail server."""
    told = [delivery.notification for delivery in given]
    receipt = all(is_receipt(notification) for notification in told)
    address = address_of(contact) or (contact.email if receipt else "")
    if not address:
        raise NotWanted("keine bestätigte Adresse")
    letter = compose(
        _template(told, receipt),
        to=address,
        context=_context(contact, told),
        language=language_of(contact),
        headers=_headers(contact, given, receipt),
    )
    try:
        letter.send()
    except SMTPRecipientsRefused as error:
        _give_up_if_final(min(code for code, _text in error.recipients.values()))
        raise
    except SMTPDataError as error:
        _give_up_if_final(error.smtp_code)
        raise


def _give_up_if_final(code: int) -> None:
    if code >= REFUSED_FOR_GOOD:
        raise GiveUp(f"Der Mailserver lehnt die Adresse oder die Nachricht ab ({code}).")


def _template(told: list[Notification], receipt: bool) -> str:
    if receipt:
        return "threads/mail/receipt"
    return "threads/mail/notification" if len(told) == 1 else "threads/mail/digest"


def _context(contact: Contact, told: list[Notification]) -> dict[str, Any]:
    parts = _own_threads(contact, told)
    lines = [asdict(_line(contact, notification, parts)) for notification in told]
    return {
        "city": city().name,
        "name": contact.name,
        "lines": lines,
        "line": lines[0],
        "confirm_url": "" if contact.confirmed_at or contact.person_id else absolute(confirm_path(contact)),
        "unsubscribe_url": absolute(unsubscribe_path(contact, _topic(told))),
        "manage_url": absolute("/mitteilungen/" if contact.person_id else contact_path(contact)),
    }


def _own_threads(contact: Contact, told: list[Notification]) -> set[int]:
    ids = [notification.thread_id for notification in told if notification.thread_id]
    mine = Participant.objects.filter(contact=contact, thread__in=ids, part__in=INSIDE)
    return set(mine.values_list("thread_id", flat=True))


def _line(contact: Contact, notification: Notification, parts: set[int]) -> Line:
    """Whose matter it is and who has no account comes in by the secret link, everybody else by the public one."""
    thread = notification.thread
    secret = thread is not None and thread.pk in parts and not contact.person_id
    url = secret_path(thread) if secret and thread is not None else notification.url
    return Line(
        matter=thread.title if thread else "",
        title=" ".join(notification.title.split()),
        body=notification.body,
        url=absolute(url) if url else "",
    )


def _topic(told: list[Notification]) -> str:
    found = {notification.topic for notification in told}
    return found.pop() if len(found) == 1 else EVERY_TOPIC


def _headers(contact: Contact, given: Given, receipt: bool) -> dict[str, str]:
    """The Message-ID stays the same over all tries: a server that took a lost try can tell."""
    host = urlsplit(settings.BASE_URL).hostname or "localhost"
    headers = {"Message-ID": f"<delivery-{given[0].pk}@{host}>", "Auto-Submitted": "auto-generated"}
    if not receipt:
        way_out = absolute(unsubscribe_path(contact, _topic([delivery.notification for delivery in given])))
        headers |= {"List-Unsubscribe": f"<{way_out}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    return headers


carriers.add(Carrier(key="email", carry=carry))
