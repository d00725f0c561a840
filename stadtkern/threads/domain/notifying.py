"""Telling people: one notification per contact and happening, one delivery per channel they want."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils import timezone, translation

from stadtkern.core.parts import topics
from stadtkern.threads.domain.audience import Listener, listeners, paces
from stadtkern.threads.domain.delivering import defer
from stadtkern.threads.domain.due import due, quiet_of
from stadtkern.threads.domain.receipts import happening_of, may_write_to
from stadtkern.threads.models import Contact, Delivery, Thread
from stadtkern.threads.words import Channel, DeliveryState, Pace

MESSAGE = "threads.message"

Told = str | Callable[[str], str] | Any  # a text, a lazy translation, or language -> text
TELL = """
insert into threads_notification (contact_id, thread_id, topic, happening, title, body, url, created_at)
select contact, %s, %s, %s, title, body, %s, %s
from unnest(%s::bigint[], %s::text[], %s::text[]) as told(contact, title, body)
on conflict (contact_id, happening) do nothing
returning contact_id, id
"""


@transaction.atomic
def notify(
    *,
    topic: str,
    happening: str,
    title: Told,
    body: Told = "",
    url: str = "",
    thread: Thread | None = None,
    values: Mapping[str, Sequence[str]] = {},
    at: tuple[float, float] | None = None,
    to: Contact | Sequence[Contact] | None = None,
    except_contact: Contact | None = None,
    urgent: bool = False,
) -> int:
    """Tell everybody concerned, once; returns how many contacts were told for the first time.

    Concerned are the participants of the thread, the followers of the topics named in `values`
    ({"report": ["4711"], "district": ["mitte"]}) and of an area around `at` (lat, lon); followers only
    if the thread is public. With `to` exactly those contacts are told, and nobody else.
    `happening` names what is told ("report-moved:4711:93"): who was told of it is not told again.
    `urgent`: what cannot wait goes out at once, also in the quiet hours and to who wants bundles.
    Title and body may be a function of the language or a lazy translation; each contact reads its own.
    """
    wanted = paces(thread=thread, values=values, at=at) if to is None else _exactly(to)
    if except_contact is not None:
        wanted.pop(except_contact.pk, None)
    told = listeners(topics[topic], wanted)
    ids = _tell_once(told, topic=topic, happening=happening, title=title, body=body, url=url, thread=thread)
    _send(told, ids, urgent=urgent)
    return len(ids)


def take_back(happening: str) -> int:
    """What was told under this name and is still on its way is not delivered; returns how many deliveries."""
    waiting = Delivery.objects.filter(notification__happening=happening, state=DeliveryState.WAITING)
    return waiting.update(state=DeliveryState.SKIPPED)


@transaction.atomic
def send_receipt(thread: Thread, contact: Contact, *, title: Told, body: Told = "", url: str = "") -> None:
    """Tell a contact by mail, once, that its matter has arrived: tracking link and, if needed, confirm button.

    It goes to an address nobody has confirmed yet too (a few a day at most), and to those who declined mail.
    """
    told = listeners(topics[MESSAGE], _exactly(contact))
    ids = _tell_once(
        told, topic=MESSAGE, happening=happening_of(thread), title=title, body=body, url=url, thread=thread
    )
    has_address = bool(contact.email or contact.person_id)
    for contact_id, notification_id in ids.items():
        if has_address and may_write_to(contact):
            Delivery.objects.create(notification_id=notification_id, channel=Channel.EMAIL, due_at=timezone.now())
            defer([(contact_id, str(Channel.EMAIL))])


def _exactly(to: Contact | Sequence[Contact]) -> dict[int, Pace]:
    return {contact.pk: Pace.NOW for contact in ([to] if isinstance(to, Contact) else to)}


def _tell_once(
    told: Sequence[Listener], *, topic: str, happening: str, title: Told, body: Told, url: str, thread: Thread | None
) -> dict[int, int]:
    """Contact -> id of its new notification. Of two tellers at once the second waits and tells nobody twice."""
    if not told:
        return {}
    words = {language: _words(language, title, body) for language in {listener.language for listener in told}}
    titles = [words[listener.language][0] for listener in told]
    bodies = [words[listener.language][1] for listener in told]
    contacts = [listener.contact_id for listener in told]
    thread_id = thread.pk if thread else None
    with connection.cursor() as cursor:
        cursor.execute(TELL, [thread_id, topic, happening, url, timezone.now(), contacts, titles, bodies])
        return dict(cursor.fetchall())


def _words(language: str, title: Told, body: Told) -> tuple[str, str]:
    with translation.override(language):
        texts = [str(text(language) if callable(text) else text).replace("\x00", "") for text in (title, body)]
    return texts[0][:200], texts[1]


def _send(told: Sequence[Listener], ids: Mapping[int, int], *, urgent: bool) -> None:
    now = timezone.now()
    ways = [
        (listener.contact_id, _delivery(listener, ids[listener.contact_id], channel, now, urgent))
        for listener in told
        if listener.contact_id in ids
        for channel in listener.channels
    ]
    Delivery.objects.bulk_create([delivery for _contact, delivery in ways], batch_size=1_000)
    defer((contact, delivery.channel) for contact, delivery in ways if delivery.due_at <= now)


def _delivery(listener: Listener, notification_id: int, channel: str, now: datetime, urgent: bool) -> Delivery:
    quiet = None if urgent else quiet_of(channel, listener.quiet_from, listener.quiet_until)
    pace = Pace.NOW if urgent else listener.pace
    return Delivery(
        notification_id=notification_id, channel=channel, pace=pace, due_at=due(now, pace=pace, quiet=quiet)
    )
