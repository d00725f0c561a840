"""The minute of the alerts: what time alone brings about. One step that fails holds up none of the others."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction

from stadtkern.core import clock
from stadtkern.core.jobs import every
from stadtkern.hub.domain.alerts import deliveries, judging, raising, silence, targets, telling, webhooks
from stadtkern.hub.domain.alerts.standing import Condition, State
from stadtkern.hub.models import AlertClock, AlertState

log = logging.getLogger(__name__)
STANDSTILL = timedelta(minutes=5)  # a longer pause between two turns was a standstill of ours
AT_ONCE = 1_000


@every("* * * * *", "hub.alerts.clock")
def turn() -> None:
    """Silence, minimum durations, escalation, what waited for the end of quiet hours, second tries."""
    running_since = note_turn()
    steps: list[Callable[[], object]] = [
        judging.judge_due,
        silence.watch,
        lambda: silence.look(running_since),
        tick_pending,
        lambda: telling.tell_of(telling.waiting_rules()),
        lambda: [telling.escalate(rule_id) for rule_id in telling.waiting_for_an_answer()],
        deliveries.free_lost,
        deliveries.wake_the_door,
        webhooks.send_due,
    ]
    _do_all(steps)


@every("*/10 * * * *", "hub.alerts.targets")
def follow_the_rights() -> None:
    targets.refresh_all()


def _do_all(steps: list[Callable[[], object]]) -> None:
    failed: list[Exception] = []
    for step in steps:
        try:
            step()
        except Exception as error:
            log.exception("a step of the alerts' clock failed")
            failed.append(error)
    if failed:
        raise failed[0]


@transaction.atomic
def note_turn() -> datetime:
    """Returns since when the clock goes without a break; a standstill or a jump of the clock is one."""
    now = clock.now()
    row, is_new = AlertClock.objects.select_for_update().get_or_create(
        pk=1, defaults={"ran_at": now, "running_since": now}
    )
    if not is_new:
        if abs(now - row.ran_at) > STANDSTILL:
            row.running_since = now
        row.ran_at = now
        row.save(update_fields=["ran_at", "running_since"])
    return min(row.running_since, now)


@transaction.atomic
def tick_pending() -> int:
    """What has lasted long enough is raised, also when no further value came."""
    pending = AlertState.objects.filter(state=State.PENDING, is_old=False, rule__is_active=True)
    locked = pending.select_related("rule").select_for_update(of=("self",), skip_locked=True)
    states = list(locked.order_by("pending_since", "pk")[:AT_ONCE])
    for state in states:
        standing = raising.standing_of(state)
        raising.take(state, standing, standing.tick(Condition.of(state.rule), clock.now()), value=None)
    raising.save(states)
    return len(states)
