"""What did not arrive, as operators see it: the reason, never the whole address."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Count, Min, Q
from django.utils import timezone

from stadtkern.core import audit
from stadtkern.core.paging import Page, keyset
from stadtkern.people.models import Person
from stadtkern.threads.domain.delivering import try_again
from stadtkern.threads.models import Delivery
from stadtkern.threads.words import DeliveryState

PAGE = 50
MOST_AT_ONCE = 500


@dataclass(frozen=True)
class State:
    """How the deliveries are doing."""

    failed: int
    waiting: int
    overdue_since: datetime | None
    sent_today: int


def state() -> State:
    """Waiting counts what is due; `overdue_since` is the oldest of it."""
    now = timezone.now()
    due = Q(state=DeliveryState.WAITING, due_at__lte=now)
    sent = Q(state=DeliveryState.SENT, sent_at__gte=now - timedelta(days=1))
    found = Delivery.objects.filter(Q(state=DeliveryState.FAILED) | due | sent).aggregate(
        failed=Count("pk", filter=Q(state=DeliveryState.FAILED)),
        waiting=Count("pk", filter=due),
        overdue_since=Min("due_at", filter=due),
        sent_today=Count("pk", filter=sent),
    )
    return State(**found)


def failures(*, after: str | None = None) -> Page[Delivery]:
    """Failed deliveries, the latest first."""
    rows = Delivery.objects.filter(state=DeliveryState.FAILED).select_related("notification__contact__person")
    return keyset(rows, order=("-id",), after=after, limit=PAGE)


def masked(address: str) -> str:
    """vera@stadtkern.example -> v…@stadtkern.example: enough to see a pattern, too little to know who."""
    name, at, host = address.partition("@")
    return f"{name[:1]}…@{host}" if at else ""


@transaction.atomic
def retry(delivery_ids: list[int], *, by: Person) -> int:
    """Send these failed deliveries once more; returns how many were still failed."""
    again = [id for id in delivery_ids if try_again(id)]
    for id in again:
        audit.record("threads.delivery_retried", actor=by, subject=("delivery", id))
    return len(again)


def retry_all(*, by: Person) -> int:
    failed = Delivery.objects.filter(state=DeliveryState.FAILED).order_by("pk")
    return retry(list(failed.values_list("pk", flat=True)[:MOST_AT_ONCE]), by=by)
