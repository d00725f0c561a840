"""Contacts and threads: who speaks with the city, and what is said and done about one matter."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from stadtkern.core import audit, quick
from stadtkern.core.events import emit
from stadtkern.core.problems import BadInput, NotFound
from stadtkern.core.secrets import new_nonce
from stadtkern.people.models import Organisation, Person
from stadtkern.threads.events import EntryAdded
from stadtkern.threads.models import Contact, Entry, Participant, Thread
from stadtkern.threads.words import INSIDE, EntryKind, Part, ShownTo

LONGEST_TEXT = 20_000
SEEN_BY: dict[str, tuple[ShownTo, ...]] = {
    "public": (ShownTo.PUBLIC,),
    "participants": (ShownTo.PUBLIC, ShownTo.PARTICIPANTS),
    "staff": tuple(ShownTo),
}


def contact_for(
    *, person: Person | None = None, email: str = "", name: str = "", phone: str = "", language: str = "de"
) -> Contact:
    """The contact of a person (always the same one), or of an address somebody typed.

    A typed address proves nothing. An existing contact is taken only when its owner confirmed it and the
    name and phone typed now say nothing else; it is never changed. Whoever typed the address sees no more
    than the matter just opened: links of a contact go only by mail to the address itself.
    Otherwise a new, unconfirmed contact is made; confirming makes the two one (see confirming.py).
    """
    if person is not None:
        return _contact_of(person, name=name, phone=phone)
    known = _confirmed(email).first() if email else None
    if known and name in {"", known.name} and phone in {"", known.phone}:
        return known
    return Contact.objects.create(email=email.strip().lower(), name=name, phone=phone, language=language)


def device_contact(*, language: str) -> Contact:
    """A contact for a browser of which nothing else is known."""
    return Contact.objects.create(language=language)


def _contact_of(person: Person, *, name: str, phone: str) -> Contact:
    contact, _made = Contact.objects.get_or_create(person=person, defaults={"language": person.language})
    given = {"name": name, "phone": phone, "language": person.language}
    news = {field: value for field, value in given.items() if value and value != getattr(contact, field)}
    if news:
        for field, value in news.items():
            setattr(contact, field, value)
        contact.save(update_fields=list(news))
    return contact


def _confirmed(email: str) -> QuerySet[Contact]:
    mine = Contact.objects.filter(person=None, merged_into=None, confirmed_at__isnull=False)
    return mine.filter(email__iexact=email.strip()).order_by("pk")


def address_of(contact: Contact) -> str:
    """The address we may write to, or "" (an unconfirmed one is none)."""
    if contact.person is not None:
        return contact.person.email if contact.person.is_active else ""
    return contact.email if contact.confirmed_at else ""


def language_of(contact: Contact) -> str:
    return contact.person.language if contact.person is not None else contact.language


def open_thread(*, kind: str, title: str, subject_id: int | None = None, public: bool = True) -> Thread:
    """The thread of a matter, whose id may be reserved before the matter itself is kept."""
    return quick.insert(Thread(kind=kind, title=title[:200], subject_id=subject_id, is_public=public))


def set_public(thread: Thread, public: bool) -> None:
    """Only a public thread's news reach followers and parties; whose matter it is hears of it in any case."""
    thread.is_public = public
    thread.save(update_fields=["is_public"])


def join(thread: Thread, contact: Contact, part: Part = Part.REPORTER) -> Participant:
    """Give the contact a part in the thread; who has one keeps it."""
    return Participant.objects.get_or_create(thread=thread, contact=contact, defaults={"part": part})[0]


def insiders(thread: Thread) -> list[Contact]:
    """The contacts whose matter it is: they alone are told what is not public."""
    mine = Participant.objects.filter(thread=thread, part__in=INSIDE).select_related("contact").order_by("pk")
    return [participant.contact for participant in mine]


def leave(thread: Thread, contact: Contact) -> None:
    """The contact hears no more of this matter."""
    Participant.objects.filter(thread=thread, contact=contact).delete()


def add_entry(
    thread: Thread,
    *,
    kind: EntryKind,
    at: datetime | None = None,
    code: str = "",
    text: str = "",
    shown_to: ShownTo,
    person: Person | None = None,
    organisation: Organisation | None = None,
    contact: Contact | None = None,
    data: Mapping[str, Any] | None = None,
) -> Entry:
    """Write one line of the history; it cannot be changed afterwards, only hidden or emptied."""
    if len(text) > LONGEST_TEXT:
        raise BadInput(fields={"text": _("Höchstens %(most)d Zeichen.") % {"most": LONGEST_TEXT}})
    entry = Entry(
        thread=thread,
        kind=kind,
        at=at or timezone.now(),
        code=code,
        text=text.replace("\x00", ""),
        shown_to=shown_to,
        person=person,
        organisation=organisation,
        contact=contact,
        data=dict(data or {}),
    )
    with transaction.atomic(savepoint=False):
        quick.insert(entry)
        emit(EntryAdded(entry_id=entry.pk, thread_id=thread.pk, kind=str(kind), shown_to=str(shown_to)))
    return entry


def timeline(thread: Thread, *, as_seen_by: str) -> QuerySet[Entry]:
    """The history from the first line on, as the "public", the "participants" or the "staff" may see it.

    Hidden lines are in the staff's view only (`hidden_at` says so).
    """
    entries = Entry.objects.filter(thread=thread, shown_to__in=SEEN_BY[as_seen_by])
    if as_seen_by != "staff":
        entries = entries.filter(hidden_at=None)
    return entries.select_related("organisation", "person", "contact").order_by("at", "pk")


@transaction.atomic
def hide_entry(entry_id: int, *, because: str, by: Person) -> Entry:
    """Take a line out of everybody's sight but the staff's; the reason stays beside it."""
    if not because.strip():
        raise BadInput(fields={"because": _("Bitte nennen Sie den Grund.")})
    return _show(entry_id, hidden_at=timezone.now(), because=because.strip()[:200], by=by)


def restore_entry(entry_id: int, *, by: Person) -> Entry:
    """Show a hidden line again."""
    return _show(entry_id, hidden_at=None, because="", by=by)


@transaction.atomic
def _show(entry_id: int, *, hidden_at: datetime | None, because: str, by: Person) -> Entry:
    entry = Entry.objects.select_for_update(of=("self",)).filter(pk=entry_id).first()
    if entry is None:
        raise NotFound()
    entry.hidden_at, entry.hidden_because = hidden_at, because
    entry.save(update_fields=["hidden_at", "hidden_because"])
    action = "threads.entry_hidden" if hidden_at else "threads.entry_restored"
    audit.record(action, actor=by, subject=("thread", entry.thread_id), detail={"entry": entry.pk})
    return entry


@transaction.atomic
def forget_contact(contact: Contact) -> None:
    """Empty the contact and all that only it told us; its links end.

    What it wrote for everybody stays without its author; what it wrote for the participants is emptied.
    """
    own = Entry.objects.filter(contact=contact)
    own.exclude(shown_to=ShownTo.PUBLIC).exclude(Q(text="") & Q(data={})).update(text="", data={})
    own.update(contact=None)
    for told in (contact.notifications, contact.follows, contact.choices, contact.push_subscriptions):
        told.all().delete()
    contact.person = None
    contact.email = contact.name = contact.phone = ""
    contact.confirmed_at = contact.quiet_from = contact.quiet_until = None
    contact.nonce = new_nonce()
    contact.save()
    for twin in contact.absorbed.all():
        forget_contact(twin)
