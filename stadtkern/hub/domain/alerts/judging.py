"""Judge new values: what was noted as due is taken, each rule of the datastream goes over its values in their order.

Every value since the last judged one counts, so a peak between two looks is seen. Values flagged as bad raise
nothing (a broken sensor is no flood), and neither does what is older than NEWS: history that is loaded is no news.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db import transaction

from stadtkern.core import clock
from stadtkern.core.jobs import job
from stadtkern.hub.domain.alerts import due, raising, telling
from stadtkern.hub.domain.alerts.standing import Condition, Kind, measure
from stadtkern.hub.domain.connection import cursor, here
from stadtkern.hub.models import AlertState
from stadtkern.hub.words import Flag

NEWS = timedelta(days=2)
BEFORE = timedelta(days=1)  # how far back the value before the first new one is looked for
AHEAD = timedelta(minutes=15)  # what lies further ahead is a forecast or a wrong clock
MOST_VALUES = 2_000  # the newest of them, when more came at once
AT_ONCE = 200
BY_VALUE = (Kind.THRESHOLD, Kind.RATE)
TAKE = """
delete from hub_alert_due where id in (
    select id from hub_alert_due order by id limit %s for update skip locked
) returning datastream_id
"""
NEW = f"""
select phenomenon_start, number from hub_observation
where datastream_id = %s and phenomenon_start >= %s and phenomenon_start < %s
  and number is not null and flags & {Flag.BAD:d} = 0
order by phenomenon_start desc, slot limit {MOST_VALUES}
"""  # noqa: S608  constants
Values = Sequence[tuple[datetime, float]]


@job(due.JOB, queue=due.QUEUE)
def judge_due() -> None:
    """Judge all that is due now, in parts; what another worker has taken is left to it."""
    while judge_some():
        pass


@transaction.atomic
def judge_some() -> int:
    """Returns how many notes were taken. When the worker dies they are due again."""
    ids = [row[0] for row in cursor(here()).execute(TAKE, [AT_ONCE]).fetchall()]
    rules = judge(set(ids))
    telling.tell_of(rules)
    return len(ids)


def judge(datastream_ids: Iterable[int]) -> set[int]:
    """Bring the states of these datastreams up to their newest value; returns the rules of which there is news."""
    mine = AlertState.objects.filter(
        datastream__in=set(datastream_ids), is_old=False, rule__is_active=True, rule__kind__in=BY_VALUE
    )
    states = list(mine.select_related("rule").select_for_update(of=("self",)).order_by("datastream_id", "pk"))
    news = {state.rule_id for state in states if _judge(state)}
    raising.save(states)
    return news


def _judge(state: AlertState) -> bool:
    """Go over the new values; True when something was raised or ended."""
    values, standing, told = _new_values(state), raising.standing_of(state), False
    condition = Condition.of(state.rule)
    before: tuple[datetime, float] | None = None
    for at, number in values:
        if at > (state.seen_until or at - BEFORE) and at > clock.now() - NEWS:
            extent = measure(state.rule, number, at, before)
            news = None if extent is None else standing.step(condition, extent, min(at, clock.now()))
            raising.take(state, standing, news, value=number)
            told = told or news is not None
            state.seen_until = at
        before = (at, number)
    return told


def _new_values(state: AlertState) -> Values:
    """Those to judge and the one before, oldest first."""
    now = clock.now()
    since = max(state.seen_until or now - NEWS, now - NEWS)
    rows = cursor(here()).execute(NEW, [state.datastream_id, since - BEFORE, now + AHEAD]).fetchall()
    new = sum(1 for at, _number in rows if at > since)
    return rows[: new + 1][::-1]
