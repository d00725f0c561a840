"""Secret links: whoever holds one may take part in the thread, or manage the contact's notifications.

Addresses are fixed here and in web/urls.py; a test keeps them equal.
"""

from typing import TypeVar

import segno
from django.conf import settings
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from stadtkern.core import secrets
from stadtkern.core.problems import NotFound
from stadtkern.threads.models import Contact, Thread

R = TypeVar("R", Thread, Contact)


def absolute(path: str) -> str:
    """The path with the public address of this installation; a full address stays as it is."""
    return path if path.startswith(("https://", "http://")) else f"{settings.BASE_URL}{path}"


def secret_path(thread: Thread) -> str:
    """Where those whose matter it is come in without an account; whoever holds the link is one of them."""
    return f"/m/{secrets.token('thread', thread.pk, thread.nonce)}/"


def thread_by_token(text: str) -> Thread:
    """The thread a secret link speaks of; NotFound for a wrong or ended one."""
    return _row(Thread, text, "thread")


def end_links(thread: Thread) -> None:
    """From now on every link told before leads nowhere."""
    thread.nonce = secrets.new_nonce()
    thread.save(update_fields=["nonce"])


def contact_path(contact: Contact) -> str:
    """Where a contact without an account reads and manages its notifications."""
    return f"/mitteilungen/{secrets.token('contact', contact.pk, contact.nonce)}/"


def contact_by_token(text: str) -> Contact:
    return _standing(_row(Contact, text, "contact"))


def end_contact_links(contact: Contact) -> None:
    contact.nonce = secrets.new_nonce()
    contact.save(update_fields=["nonce"])


def feed_path(contact: Contact) -> str:
    """The Atom feed of the contact's inbox; the link reads, it cannot change anything."""
    return f"/feeds/mitteilungen/{secrets.token('feed', contact.pk, contact.nonce)}.atom"


def contact_by_feed_token(text: str) -> Contact:
    return _standing(_row(Contact, text, "feed"))


def unsubscribe_path(contact: Contact, topic: str) -> str:
    """End the mails of one topic ("*": of all); the signature covers the topic too."""
    return f"/abmelden/{topic}/{secrets.token(f'unsubscribe:{topic}', contact.pk, contact.nonce)}/"


def contact_by_unsubscribe_token(text: str, topic: str) -> Contact:
    return _standing(_row(Contact, text, f"unsubscribe:{topic}"))


def qr_svg(url: str) -> SafeString:
    """The address as a QR code (ISO 18004), an SVG that says what it is."""
    label = _("QR-Code mit dem Link zu diesem Vorgang")
    drawing = segno.make(url, error="m").svg_inline(
        omitsize=True, border=4, dark="#000", light="#fff", title=label, svgclass="qr", lineclass=None
    )
    return mark_safe(drawing.replace("<svg ", f'<svg role="img" aria-label="{escape(label)}" ', 1))


def _row(model: type[R], text: str, purpose: str) -> R:
    id = secrets.id_in(text)
    row = model._default_manager.filter(pk=id).first() if id is not None and id < 2**63 else None
    if row is None or not secrets.matches(text, purpose=purpose, id=row.pk, nonce=row.nonce):
        raise NotFound(_("Dieser Link gilt nicht (mehr). Bitte nehmen Sie den Link aus unserer letzten Nachricht."))
    return row


def _standing(contact: Contact) -> Contact:
    """The contact into which this one was merged, or itself."""
    return contact.merged_into or contact
