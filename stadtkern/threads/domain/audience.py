"""Who is told, and by which channels: the participants, the followers, minus what each one declined."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import time

from django.db.models import Case, CharField, Exists, F, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce

from stadtkern.core.parts import Topic
from stadtkern.threads.domain.due import quicker, slower
from stadtkern.threads.domain.following import follows_around
from stadtkern.threads.models import ChannelChoice, Contact, Follow, Participant, PushSubscription, Thread
from stadtkern.threads.words import INSIDE, Channel, Pace

EVERY_TOPIC = "*"


@dataclass(frozen=True)
class Listener:
    """A contact that is told, with all that the delivery needs."""

    contact_id: int
    language: str
    pace: Pace
    channels: tuple[str, ...]
    quiet_from: time | None
    quiet_until: time | None


def paces(
    *, thread: Thread | None, values: Mapping[str, Sequence[str]], at: tuple[float, float] | None
) -> dict[int, Pace]:
    """Contact -> the quickest pace at which it wants to hear of this.

    Followers and parties hear of public matters only; whose matter it is, of everything in it, at once.
    """
    found: dict[int, Pace] = {}
    if thread is None or thread.is_public:
        for wish in [*_followers(values), *(follows_around(*at) if at else [])]:
            found[wish.contact_id] = quicker(wish.pace, found.get(wish.contact_id, wish.pace))
    if thread is not None:
        parts = Participant.objects.filter(thread=thread)
        concerned = parts if thread.is_public else parts.filter(part__in=INSIDE)
        found |= dict.fromkeys(concerned.values_list("contact_id", flat=True), Pace.NOW)
    return found


def _followers(values: Mapping[str, Sequence[str]]) -> Iterable[Follow]:
    wanted = Q(pk__in=[])
    for topic, some in values.items():
        wanted |= Q(topic=topic, value__in=[str(value) for value in some])
    return Follow.objects.filter(wanted).only("contact_id", "pace") if values else []


def listeners(topic: Topic, wanted: Mapping[int, Pace]) -> list[Listener]:
    """The contacts with their channels, ordered by id so that two tellers never lock crosswise."""
    rows = reachable().filter(pk__in=list(wanted)).order_by("pk")
    declined = _choices(topic.key, wanted)
    return [_listener(contact, topic, wanted[contact.pk], declined) for contact in rows]


def reachable() -> QuerySet[Contact]:
    """Contacts that can be told something, with `address`, `has_push` and `speaks`."""
    gone = Q(merged_into__isnull=False) | Q(person__is_active=False)
    devices = PushSubscription.objects.filter(contact=OuterRef("pk"), gone_at=None)
    confirmed = Case(When(confirmed_at__isnull=False, then=F("email")), default=Value(""), output_field=CharField())
    return Contact.objects.exclude(gone).annotate(
        address=Coalesce("person__email", confirmed),
        has_push=Exists(devices),
        speaks=Coalesce("person__language", "language"),
    )


def _choices(topic: str, contacts: Iterable[int]) -> dict[tuple[int, str], bool]:
    """(contact, channel) -> wish; the wish for this very topic wins over the one for all."""
    rows = ChannelChoice.objects.filter(contact__in=list(contacts), topic__in=[topic, EVERY_TOPIC])
    found: dict[tuple[int, str], bool] = {}
    for choice in sorted(rows, key=lambda row: row.topic != EVERY_TOPIC):
        found[choice.contact_id, choice.channel] = choice.wanted
    return found


def _listener(contact: Contact, topic: Topic, pace: Pace, choices: Mapping[tuple[int, str], bool]) -> Listener:
    has = {Channel.EMAIL: bool(contact.address), Channel.PUSH: contact.has_push}  # type: ignore[attr-defined]
    ways = [c for c in topic.channels if has.get(Channel(c), False) and choices.get((contact.pk, c), True)]
    return Listener(
        contact_id=contact.pk,
        language=contact.speaks,  # type: ignore[attr-defined]
        pace=slower(pace, contact.pace),
        channels=tuple(ways),
        quiet_from=contact.quiet_from,
        quiet_until=contact.quiet_until,
    )
