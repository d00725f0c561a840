"""Deliveries on their way: claimed, handed over, tried again, given up where an operator sees it.

At most once after the hand-over: a delivery is claimed (committed) before it is handed to the mail or push
server. A worker that dies in between leaves it claimed; after `LOST_AFTER` it is shown as failed ("may have
arrived") and never sent again by itself. A server that refuses or cannot be reached leaves it waiting for later.
"""

import logging
import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_noop

from stadtkern.core.events import emit
from stadtkern.core.jobs import every, job
from stadtkern.core.parts import notifiers
from stadtkern.threads.domain.carriers import Given, GiveUp, NotNow, NotWanted, carriers
from stadtkern.threads.domain.receipts import is_receipt
from stadtkern.threads.events import NotificationFailed
from stadtkern.threads.models import Contact, Delivery
from stadtkern.threads.words import DeliveryState

log = logging.getLogger(__name__)
MOST_AT_ONCE = 100
TRIES = 8
LOST_AFTER = timedelta(minutes=15)
LOST = gettext_noop("Die Zustellung wurde unterbrochen; vielleicht ist sie angekommen.")


@job("threads.deliver", retry=3)
def deliver_due(contact_id: int, channel: str) -> None:
    """Send what is due for this contact by this channel, bundled as the channel can."""
    for letter in _letters(claim(contact_id, channel)):
        settle(letter, *_hand_over(letter))


@transaction.atomic
def claim(contact_id: int, channel: str) -> list[Delivery]:
    """Take the due deliveries; another worker passes over them from now on."""
    due = Delivery.objects.filter(
        notification__contact=contact_id, channel=channel, state=DeliveryState.WAITING, due_at__lte=timezone.now()
    )
    rows = list(due.select_for_update(skip_locked=True, of=("self",)).order_by("pk")[:MOST_AT_ONCE])
    Delivery.objects.filter(pk__in=[row.pk for row in rows]).update(
        state=DeliveryState.SENDING, claimed_at=timezone.now(), attempts=F("attempts") + 1
    )
    ids = [row.pk for row in rows]
    return list(Delivery.objects.filter(pk__in=ids).select_related("notification__thread").order_by("pk"))


def send_one(delivery_id: int) -> None:
    """Send a single delivery now (the port of `core.parts.Notifier`); raises when it could not."""
    delivery = Delivery.objects.select_related("notification__contact__person", "notification__thread").get(
        pk=delivery_id
    )
    carriers[delivery.channel].carry(delivery.notification.contact, [delivery])


def defer(ways: Iterable[tuple[int, str]]) -> None:
    """One job for each contact and channel, in the open transaction."""
    jobs: list[dict[str, Any]] = [{"contact_id": contact, "channel": channel} for contact, channel in ways]
    if jobs:
        deliver_due.batch_defer(*jobs)


def _letters(given: Given) -> list[Given]:
    """What goes out together: receipts (and all of a channel that cannot bundle) each alone, the rest as one."""
    bundles = bool(given) and given[0].channel in carriers
    alone = [d for d in given if not bundles or is_receipt(d.notification)]
    together = [d for d in given if d not in alone]
    return [*([d] for d in alone), *([together] if together else [])]


def _hand_over(given: Given) -> tuple[DeliveryState, str, timedelta | None]:
    """The state afterwards, the reason, and how long to wait before the next try."""
    channel = given[0].channel
    contact = Contact.objects.select_related("person").get(pk=given[0].notification.contact_id)
    try:
        if channel in carriers:
            carriers[channel].carry(contact, given)
        else:
            for delivery in given:
                notifiers[channel].send(delivery.pk)
    except NotWanted as error:
        return DeliveryState.SKIPPED, str(error), None
    except GiveUp as error:
        return DeliveryState.FAILED, str(error), None
    except Exception as error:  # whatever the other side does: it waits, and an operator can see why
        log.warning("a %s delivery did not go out: %s", channel, type(error).__name__)
        return DeliveryState.WAITING, without_addresses(f"{type(error).__name__}: {error}"), _wait_of(error)
    return DeliveryState.SENT, "", None


def _wait_of(error: Exception) -> timedelta | None:
    return error.wait if isinstance(error, NotNow) else None


def without_addresses(text: str) -> str:
    """What a server said, fit for the operators' list."""
    return re.sub(r"[^\s<>'\"]+@[^\s<>'\"]+", "…", text)


@transaction.atomic
def settle(given: Sequence[Delivery], state: DeliveryState, error: str, wait: timedelta | None) -> None:
    """Write down what became of the hand-over."""
    now = timezone.now()
    for delivery in given:
        delivery.state, delivery.error, delivery.claimed_at = state, error.replace("\x00", "")[:300], None
        if state == DeliveryState.SENT:
            delivery.sent_at = now
        elif state == DeliveryState.WAITING and delivery.attempts >= TRIES:
            delivery.state = DeliveryState.FAILED
        elif state == DeliveryState.WAITING:
            delivery.due_at = now + (wait or backoff(delivery.attempts))
        if delivery.state == DeliveryState.FAILED:
            emit(NotificationFailed(delivery_id=delivery.pk, channel=delivery.channel))
    Delivery.objects.bulk_update(given, ["state", "error", "claimed_at", "sent_at", "due_at"])


def backoff(attempts: int) -> timedelta:
    """1, 2, 4 ... minutes, at most two hours."""
    return timedelta(minutes=min(2 ** (attempts - 1), 120))


@every("* * * * *", "threads.send_what_is_due")
def send_what_is_due() -> None:
    """Digests, the end of quiet hours and second tries: one job per contact and channel with something due."""
    give_up_lost()
    due = Delivery.objects.filter(state=DeliveryState.WAITING, due_at__lte=timezone.now())
    ways = due.values_list("notification__contact_id", "channel").distinct()[:5_000]
    with transaction.atomic():
        defer(ways)


@transaction.atomic
def give_up_lost(before: datetime | None = None) -> int:
    """Deliveries whose worker died between claim and answer become visible failures."""
    limit = before or timezone.now() - LOST_AFTER
    lost = list(
        Delivery.objects.filter(state=DeliveryState.SENDING, claimed_at__lt=limit).select_for_update(skip_locked=True)
    )
    settle(lost, DeliveryState.FAILED, LOST, None)
    return len(lost)


@transaction.atomic
def try_again(delivery_id: int) -> bool:
    """An operator wants a failed delivery to be sent once more; False when it is not failed (any more)."""
    failed = Delivery.objects.filter(pk=delivery_id, state=DeliveryState.FAILED)
    if not failed.update(state=DeliveryState.WAITING, attempts=0, error="", due_at=timezone.now()):
        return False
    delivery = Delivery.objects.select_related("notification").get(pk=delivery_id)
    deliver_due.defer(contact_id=delivery.notification.contact_id, channel=delivery.channel)
    return True
