"""Personal data of threads: looked at by staff (audited), exported, erased, kept no longer than needed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from stadtkern.core import audit
from stadtkern.core.parts import Eraser, PersonExport, RetentionRule, erasers, exports, retention_rules
from stadtkern.people.models import Person
from stadtkern.threads.domain.conversation import forget_contact
from stadtkern.threads.models import Contact, Entry, Follow, Notification, Participant, PushSubscription, Thread
from stadtkern.threads.words import Part


@dataclass(frozen=True)
class ContactCard:
    """What staff see of a participant."""

    contact_id: int
    part: str
    name: str
    email: str
    phone: str
    confirmed: bool
    language: str


@transaction.atomic
def read_contacts(thread: Thread, *, by: Person) -> list[ContactCard]:
    """The participants of a thread with their contact data, for staff; the look is written to the audit log."""
    parts = Participant.objects.filter(thread=thread).select_related("contact__person").order_by("pk")
    cards = [_card(part) for part in parts]
    if cards:
        who = {"contacts": [card.contact_id for card in cards]}
        audit.record("threads.contact_read", actor=by, subject=("thread", thread.pk), detail=who)
    return cards


def _card(part: Participant) -> ContactCard:
    contact, person = part.contact, part.contact.person
    return ContactCard(
        contact_id=contact.pk,
        part=str(Part(part.part).label),
        name=contact.name or (person.name if person else ""),
        email=person.email if person else contact.email,
        phone=contact.phone,
        confirmed=bool(person or contact.confirmed_at),
        language=person.language if person else contact.language,
    )


def export_of(person_id: int) -> Iterator[Mapping[str, Any]]:
    """All that threads keep of a person, one plain row after the other."""
    contact = Contact.objects.filter(person=person_id).first()
    if contact is None:
        return
    yield {
        "what": "contact",
        "name": contact.name,
        "phone": contact.phone,
        "language": contact.language,
        "pace": contact.pace,
        "quiet_from": contact.quiet_from,
        "quiet_until": contact.quiet_until,
    }
    for part in contact.parts.select_related("thread").order_by("pk"):
        yield {"what": "matter", "title": part.thread.title, "part": part.part, "since": part.since}
    for entry in Entry.objects.filter(Q(contact=contact) | Q(person=person_id)).order_by("pk").iterator():
        yield {"what": "entry", "at": entry.at, "kind": entry.kind, "text": entry.text}
    yield from contact.follows.order_by("pk").values("topic", "value", "label", "pace", "created_at")
    told = contact.notifications.order_by("pk").values("topic", "title", "body", "created_at", "read_at")
    yield from told.iterator()
    yield from contact.push_subscriptions.order_by("pk").values("endpoint", "created_at")


@transaction.atomic
def erase_person(person_id: int) -> int:
    """Take a person out of all threads; what was said for everybody stays, without a name."""
    count = Entry.objects.filter(person=person_id).update(person=None)
    for contact in Contact.objects.filter(person=person_id):
        forget_contact(contact)
        count += 1
    return count


def purge_read(before: datetime) -> int:
    return Notification.objects.filter(read_at__lt=before).delete()[0]


def purge_unread(before: datetime) -> int:
    return Notification.objects.filter(read_at=None, created_at__lt=before).delete()[0]


def purge_unconfirmed(before: datetime) -> int:
    """Nobody said the address is theirs: it goes. Follows without any matter go with their contact."""
    typed = Contact.objects.filter(person=None, confirmed_at=None, created_at__lt=before).exclude(email="")
    in_matter = Exists(Participant.objects.filter(contact=OuterRef("pk")))
    emptied = typed.filter(in_matter).update(email="")
    return emptied + typed.delete()[0]


def purge_gone(before: datetime) -> int:
    return PushSubscription.objects.filter(gone_at__lt=before).delete()[0]


def purge_idle(before: datetime) -> int:
    """Contacts without account that are in no matter, follow nothing and have nothing to read."""
    idle = Contact.objects.filter(person=None, merged_into=None, created_at__lt=before)
    for model in (Participant, Follow, Notification):
        idle = idle.exclude(Exists(model._default_manager.filter(contact=OuterRef("pk"))))
    return idle.exclude(Exists(Contact.objects.filter(merged_into=OuterRef("pk")))).delete()[0]


def _keep(key: str, what: Any, days: int, purge: Any) -> None:
    retention_rules.add(RetentionRule(key=f"threads.{key}", what=what, keep=timedelta(days=days), purge=purge))


_keep("notifications_read", _("Gelesene Mitteilungen"), 180, purge_read)
_keep("notifications_unread", _("Ungelesene Mitteilungen"), 730, purge_unread)
_keep("unconfirmed", _("E-Mail-Adressen, die niemand bestätigt hat"), 14, purge_unconfirmed)
_keep("push_gone", _("Abgemeldete Push-Adressen von Geräten"), 30, purge_gone)
_keep("without_matter", _("Kontakte ohne Vorgang und ohne Abonnement"), 30, purge_idle)

exports.add(PersonExport(key="threads", label=_("Mitteilungen und Nachrichten"), rows=export_of))
erasers.add(Eraser(key="threads", erase=erase_person))
