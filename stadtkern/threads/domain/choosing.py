"""What a contact wants: channels per topic, how often, when not; and the one-tap way out."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from typing import Any

from django.db import transaction

from stadtkern.core.parts import Topic, topics
from stadtkern.core.problems import NotFound
from stadtkern.people.rights import is_staff
from stadtkern.threads.domain.audience import EVERY_TOPIC, reachable
from stadtkern.threads.models import ChannelChoice, Contact, Delivery
from stadtkern.threads.words import Channel, DeliveryState, Pace

CHOSEN = (Channel.EMAIL, Channel.PUSH)  # the inbox holds everything


@dataclass(frozen=True)
class Cell:
    """One box of the table: a channel of a topic."""

    channel: str
    label: Any
    offered: bool
    wanted: bool


@dataclass(frozen=True)
class Row:
    key: str
    label: Any
    explanation: Any
    cells: tuple[Cell, ...]


def table(contact: Contact | None) -> list[Row]:
    """Topics x channels with the contact's present wishes (without a contact: the defaults)."""
    rows = contact.choices.all() if contact else ()
    chosen = {(choice.topic, choice.channel): choice.wanted for choice in rows}
    return [
        Row(
            topic.key,
            topic.label,
            topic.explanation,
            tuple(_cell(topic.key, topic.channels, c, chosen) for c in CHOSEN),
        )
        for topic in topics
        if _concerns(topic, contact)
    ]


def _concerns(topic: Topic, contact: Contact | None) -> bool:
    """Topics of the workplace are shown to staff only (a topic says so by `audience`, once core knows the word)."""
    if getattr(topic, "audience", "citizen") != "staff":
        return True
    return contact is not None and contact.person is not None and is_staff(contact.person)


def _cell(topic: str, offered: tuple[str, ...], channel: Channel, chosen: Mapping[tuple[str, str], bool]) -> Cell:
    wanted = chosen.get((topic, channel), chosen.get((EVERY_TOPIC, channel), True))
    return Cell(str(channel), channel.label, str(channel) in offered, wanted)


@transaction.atomic
def choose(contact: Contact, wanted: Mapping[tuple[str, str], bool]) -> None:
    """Keep the wish for each (topic, channel); what waits on a declined way does not go out."""
    rows = [
        ChannelChoice(contact=contact, topic=topic, channel=channel, wanted=wish)
        for (topic, channel), wish in wanted.items()
        if topic in topics and channel in CHOSEN
    ]
    _keep(rows)
    for row in rows:
        if not row.wanted:
            _skip_waiting(contact, channel=row.channel, topic=row.topic)


def set_rhythm(contact: Contact, *, pace: Pace, quiet_from: time | None, quiet_until: time | None) -> None:
    """How often the contact is told, and between which local times not."""
    contact.pace, contact.quiet_from, contact.quiet_until = pace, quiet_from, quiet_until
    contact.save(update_fields=["pace", "quiet_from", "quiet_until"])


@transaction.atomic
def end_mails(contact: Contact, topic: str) -> None:
    """No more e-mail on this topic ("*": on none). The inbox still holds everything."""
    if topic != EVERY_TOPIC and topic not in topics:
        raise NotFound()
    if topic == EVERY_TOPIC:
        contact.choices.filter(channel=Channel.EMAIL).delete()
    _keep([ChannelChoice(contact=contact, topic=topic, channel=Channel.EMAIL, wanted=False)])
    _skip_waiting(contact, channel=Channel.EMAIL, topic=topic)


def take_mails_again(contact: Contact, topic: str) -> None:
    """Undo of `end_mails`."""
    _keep([ChannelChoice(contact=contact, topic=topic, channel=Channel.EMAIL, wanted=True)])


def channels_of(contact: Contact | None) -> dict[str, bool]:
    """Which channels could reach the contact now."""
    found = reachable().filter(pk=contact.pk).first() if contact else None
    if found is None:
        return {"email": False, "push": False}
    return {"email": bool(found.address), "push": found.has_push}  # type: ignore[attr-defined]


def _keep(rows: list[ChannelChoice]) -> None:
    ChannelChoice.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["contact", "topic", "channel"],
        update_fields=["wanted"],
    )


def _skip_waiting(contact: Contact, *, channel: str, topic: str) -> None:
    waiting = Delivery.objects.filter(
        notification__contact=contact, channel=channel, state=DeliveryState.WAITING
    ).exclude(notification__happening__startswith="receipt:")
    if topic != EVERY_TOPIC:
        waiting = waiting.filter(notification__topic=topic)
    waiting.update(state=DeliveryState.SKIPPED)
