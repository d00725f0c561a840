"""The clock of the connectors: who is due, whose run broke off, whose feed is dead."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import DateTimeField, ExpressionWrapper, F, Q, Value
from procrastinate.exceptions import AlreadyEnqueued

from stadtkern.core import clock
from stadtkern.core.events import emit
from stadtkern.core.jobs import every, job
from stadtkern.core.problems import NotFound
from stadtkern.hub.domain.connecting.pacing import silent_after
from stadtkern.hub.domain.connecting.running import Busy, run_connector, sweep_broken_off
from stadtkern.hub.events import FeedSilent
from stadtkern.hub.models import Connector, Run

AT_ONCE = 200  # connectors picked in one minute; the others are due in the next
CLOCKS_DIFFER = timedelta(minutes=5)  # of machines at most


@every("* * * * *", "hub.connectors_minute")
def minute() -> None:
    """What has to be looked at every minute."""
    sweep_broken_off()
    pick_due()
    tell_silent()


def pick_due() -> int:
    """Queue a run for each connector that is due; returns how many. Two that pick at once pick different ones."""
    now = clock.now()
    with transaction.atomic():
        active = Connector.objects.select_for_update(skip_locked=True).filter(state=Connector.State.ACTIVE)
        rows = list(active.filter(Q(next_at__lte=now) | _put_off_too_far(now)).order_by("next_at")[:AT_ONCE])
        for connector in rows:
            connector.next_at = now + timedelta(minutes=connector.interval_minutes or 60)
            connector.save(update_fields=["next_at"])
    return sum(queue_run(connector.pk, cause=Run.Cause.CLOCK) for connector in rows)


def _put_off_too_far(now: datetime) -> Q:
    """Without a failure nobody waits longer than the interval: our clock was ahead then, and has been put right."""
    minutes = F("interval_minutes") * Value(timedelta(minutes=1))
    latest = ExpressionWrapper(Value(now + CLOCKS_DIFFER) + minutes, output_field=DateTimeField())
    return Q(failures=0, next_at__gt=latest)


def queue_run(
    connector_id: int,
    *,
    cause: Run.Cause,
    by_id: int | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> bool:
    """False when one waits already (a gap to fill never stands back)."""
    lock = f"hub-connector-{connector_id}" if cause != Run.Cause.GAP else None
    span: dict[str, Any] = {"since": since and since.isoformat(), "until": until and until.isoformat()}
    try:
        with transaction.atomic():
            run_job.configure(queueing_lock=lock).defer(
                connector_id=connector_id, cause=str(cause.value), by_id=by_id, **span
            )
    except AlreadyEnqueued:
        return False
    return True


@job("hub.run_connector", retry=5, queue="connectors")
def run_job(
    connector_id: int,
    cause: str = "clock",
    by_id: int | None = None,
    since: str | None = None,
    until: str | None = None,
) -> None:
    """A run that the clock wanted and that is under way already is no loss; one that a person wanted is tried again.

    Of a source that is given up nothing is wanted any more.
    """
    try:
        run_connector(
            connector_id,
            cause=Run.Cause(cause),
            by_id=by_id,
            since=datetime.fromisoformat(since) if since else None,
            until=datetime.fromisoformat(until) if until else None,
        )
    except NotFound:
        return
    except Busy:
        if cause != Run.Cause.CLOCK:
            raise


def tell_silent() -> int:
    """Tell each dead feed once, until it speaks again; returns how many were told now."""
    now = clock.now()
    asked = Connector.objects.filter(state=Connector.State.ACTIVE, silent_since__isnull=True)
    asked = asked.filter(Q(expect_minutes__gt=0) | Q(interval_minutes__gt=0))
    dead = [pk for pk in asked.values_list("pk", flat=True) if _tell_if_silent(pk, now)]
    return len(dead)


@transaction.atomic
def _tell_if_silent(connector_id: int, now: datetime) -> bool:
    connector = Connector.objects.select_for_update().get(pk=connector_id)
    since = last_news(connector)
    minutes = connector.expect_minutes or connector.interval_minutes
    if connector.silent_since or since is None or not minutes or now - since <= silent_after(minutes):
        return False
    Connector.objects.filter(pk=connector.pk).update(silent_since=since)
    emit(FeedSilent(connector_id=connector.pk, organisation_id=connector.organisation_id, since=since.isoformat()))
    return True


def last_news(connector: Connector) -> datetime | None:
    """When it last brought something new; before its first value, since when it could have."""
    told = [moment for moment in (connector.fresh_at, connector.started_at) if moment]
    return max(told, default=None)
