"""Rollups: hours (UTC) and local days of the city, brought up to date step by step.

`hub_latest.rolled_until` moves on to the start of the present hour; behind it, hub_hourly is complete and hub_daily
holds every whole day, apart from the hours in hub_dirty_hour. A step takes some datastreams, locks their rows of
hub_latest in the order of their numbers (as writers do), reads with a snapshot taken after that, and commits. So a
writer either came before and is seen, or waits, sees the new rolled_until and notes its hour. Two that roll at the
same time wait for each other and find the work done. Days are unions of hours: zones with half hours are refused.
"""
# ruff: noqa: S608 (statements are made of our own constants; values are parameters)

import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
from django.utils import timezone

from stadtkern.core.city import city
from stadtkern.core.jobs import every
from stadtkern.hub.domain.connection import cursor, writing
from stadtkern.hub.domain.store import figures, ids, locks, property_days
from stadtkern.hub.domain.store.archive_reading import with_archive_of_hours

Connection = psycopg.Connection[Any]

STEP = timedelta(days=31)  # a datastream moves on by this much at most
MOST_STREAMS, MOST_ROWS, MOST_HOURS = 2_000, 400_000, 2_000
SECONDS_A_TURN = 50.0

_START = f"coalesce(l.rolled_until, {figures.HOUR.format(moment='l.first_start')})"
_END = f"least(%(target)s::timestamptz, {_START} + %(step)s::interval)"
# Somebody is behind who has values there, or who still owes the rest of the last day with values.
_BEHIND = f"""
{_START} < %(target)s::timestamptz
and (l.rolled_until is null or l.last_end >= date_trunc('day', l.rolled_until, %(zone)s::text))
"""
CHOOSE = f"""
select datastream_id from (
    select datastream_id, sum(weight) over (order by datastream_id) - weight as before
    from (
        select l.datastream_id, l.count * least(1, extract(epoch from {_END} - {_START})
            / greatest(1, extract(epoch from l.last_end - l.first_start))) as weight
        from hub_latest l where {_BEHIND}
    ) behind
) chosen where before < %(rows)s::integer order by datastream_id limit %(most)s::integer
"""
MINE = "l.datastream_id = any(%(ids)s::bigint[])"
STILL = f"select l.datastream_id from hub_latest l where {MINE} and {_BEHIND}"
_KEEP = """
on conflict (datastream_id, bucket) do update set
    count = excluded.count, flagged = excluded.flagged, bad = excluded.bad, values = excluded.values,
    total = excluded.total, minimum = excluded.minimum, maximum = excluded.maximum,
    first = excluded.first, last = excluded.last
"""
NEW_HOURS = f"""
insert into hub_hourly (datastream_id, bucket, {figures.COLUMNS})
select l.datastream_id, f.* from hub_latest l cross join lateral (
    select {figures.HOUR_OF_VALUE} as bucket, {figures.OF_VALUES}
    from hub_observation o
    where o.datastream_id = l.datastream_id and o.phenomenon_start >= {_START} and o.phenomenon_start < {_END}
    group by 1
) f
where l.datastream_id = any(%(ids)s::bigint[])
{_KEEP}
"""
NEW_DAYS = f"""
with changed as (
insert into hub_daily (datastream_id, bucket, {figures.COLUMNS})
select r.datastream_id, (r.bucket at time zone %(zone)s::text)::date, {figures.of_parts()}
from hub_latest l join hub_hourly r on r.datastream_id = l.datastream_id
    and r.bucket >= date_trunc('day', {_START}, %(zone)s::text)
    and r.bucket < date_trunc('day', {_END}, %(zone)s::text)
where l.datastream_id = any(%(ids)s::bigint[])
group by 1, 2
{_KEEP}
returning datastream_id, bucket
)
{property_days.NOTE}
"""
MOVE_ON = f"""
update hub_latest l set rolled_until = {_END} where l.datastream_id = any(%(ids)s::bigint[])
"""

CHOOSE_DIRTY = "select datastream_id from hub_dirty_hour order by datastream_id, hour limit %(hours)s"
TAKE_DIRTY = """
with chosen as (
    select datastream_id, hour from hub_dirty_hour where datastream_id = any(%(ids)s::bigint[])
    order by datastream_id, hour limit %(hours)s::integer
)
delete from hub_dirty_hour y using chosen c where y.datastream_id = c.datastream_id and y.hour = c.hour
returning y.datastream_id, y.hour
"""
_AGAIN = """
again as (
    select distinct l.datastream_id, {what} as moment, l.rolled_until
    from unnest(%(ids)s::bigint[], %(hours)s::timestamptz[]) y (datastream_id, hour)
    join hub_latest l on l.datastream_id = y.datastream_id {which}
)
"""
# Hours before values_since are what is left of deleted values: never made again from nothing.
_KEPT = "and y.hour >= coalesce(l.values_since, '-infinity')"
_DAY = "date_trunc('day', y.hour, %(zone)s::text)"
_HOURS_AGAIN = _AGAIN.format(what="y.hour", which=_KEPT)
_DAYS_AGAIN = _AGAIN.format(what=_DAY, which=_KEPT)
_DAYS_FORGOTTEN = _AGAIN.format(what=_DAY, which="")
DROP_HOURS = f"""
with {_HOURS_AGAIN}
delete from hub_hourly h using again a where h.datastream_id = a.datastream_id and h.bucket = a.moment
"""
HOURS_AGAIN = f"""
with {_HOURS_AGAIN}
insert into hub_hourly (datastream_id, bucket, {figures.COLUMNS})
select a.datastream_id, a.moment, f.* from again a cross join lateral (
    select {figures.OF_VALUES} from {{observations}} o
    where o.datastream_id = a.datastream_id
      and o.phenomenon_start >= a.moment and o.phenomenon_start < a.moment + interval '1 hour'
    having count(*) > 0
) f
where a.moment < a.rolled_until
{_KEEP}
"""
DROP_DAYS = f"""
with {{again}},
changed as (
delete from hub_daily d using again a
where d.datastream_id = a.datastream_id and d.bucket = (a.moment at time zone %(zone)s::text)::date
returning d.datastream_id, d.bucket
)
{property_days.NOTE}
"""
FORGET_HOURS = """
delete from hub_hourly h using hub_latest l
where l.datastream_id = %(id)s and h.datastream_id = l.datastream_id and h.bucket < l.values_since
    and h.bucket >= %(since)s and h.bucket + interval '1 hour' <= %(until)s
returning h.bucket
"""
_NEXT_DAY = "(((a.moment at time zone %(zone)s::text)::date + 1)::timestamp at time zone %(zone)s::text)"
DAYS_AGAIN = f"""
with {{again}},
changed as (
insert into hub_daily (datastream_id, bucket, {figures.COLUMNS})
select r.datastream_id, (a.moment at time zone %(zone)s::text)::date, {figures.of_parts()}
from again a join hub_hourly r on r.datastream_id = a.datastream_id
    and r.bucket >= a.moment and r.bucket < {_NEXT_DAY}
where {_NEXT_DAY} <= a.rolled_until
group by 1, 2
{_KEEP}
returning datastream_id, bucket
)
{property_days.NOTE}
"""


def roll(*, until: datetime | None = None, seconds: float = SECONDS_A_TURN) -> int:
    """Bring rollups up to date, in steps that commit; returns how many steps.

    `until`: a moment (default: now); whole hours before it are rolled. Stops after `seconds`; the next call goes on.
    """
    end = time.monotonic() + seconds
    target = ids.hour_of(min(until or timezone.now(), timezone.now()))
    steps = 0
    while _step(target) and time.monotonic() < end:
        steps += 1
    return steps


@every("* * * * *", "hub.roll")
def roll_by_the_clock() -> None:
    roll()
    property_days.refresh()


def hold(connection: Connection, datastream_ids: Sequence[int]) -> None:
    """Keep the rows of hub_latest that there are until the transaction ends."""
    cursor(connection).execute(locks.statement(connection, "l.datastream_id", MINE), {"ids": list(datastream_ids)})


def forget(connection: Connection, datastream_id: int, *, since: datetime, until: datetime) -> None:
    """Drop the rollups of whole hours whose values were deleted before, because their time was over."""
    run = cursor(connection).execute
    gone = run(FORGET_HOURS, {"id": datastream_id, "since": since, "until": until}).fetchall()
    if gone:
        property_days.share(connection)
        asked = {"ids": [datastream_id] * len(gone), "hours": [hour for (hour,) in gone], "zone": zone()}
        run(DROP_DAYS.format(again=_DAYS_FORGOTTEN), asked)
        run(DAYS_AGAIN.format(again=_DAYS_FORGOTTEN), asked)


def _step(target: datetime) -> bool:
    """False when nothing is left to do."""
    try:
        return _redo_some() or _advance_some(target)
    except psycopg.errors.DeadlockDetected:  # with somebody who holds several datastreams in another order
        return True


def zone() -> str:
    """The city's time zone. Raises ValueError when its days are not made of whole hours."""
    name = city().timezone
    offset = datetime(2026, 1, 1, tzinfo=ZoneInfo(name)).utcoffset() or timedelta()
    if offset % timedelta(hours=1):
        raise ValueError(f"days in {name} are not made of whole hours (UTC), rollups need that")
    return name


def _advance_some(target: datetime) -> bool:
    """One step for those that are behind; False when nobody is."""
    asked = {"target": target, "step": STEP, "zone": zone(), "rows": MOST_ROWS, "most": MOST_STREAMS}
    with writing() as connection:
        run = cursor(connection).execute
        chosen = [id for (id,) in run(CHOOSE, asked).fetchall()]
        if not chosen:
            return False
        hold(connection, chosen)
        asked["ids"] = [id for (id,) in run(STILL, asked | {"ids": chosen}).fetchall()]
        property_days.share(connection)
        for statement in (NEW_HOURS, NEW_DAYS, MOVE_ON):
            run(statement, asked)
    return True


def _redo_some() -> bool:
    """One step for hours that have changed since they were rolled; False when there are none."""
    with writing() as connection:
        run = cursor(connection).execute
        chosen = sorted({id for (id,) in run(CHOOSE_DIRTY, {"hours": MOST_HOURS}).fetchall()})
        if not chosen:
            return False
        hold(connection, chosen)
        taken = run(TAKE_DIRTY, {"ids": chosen, "hours": MOST_HOURS}).fetchall()
        redo(connection, taken)
    return True


def redo(connection: Connection, hours: "list[tuple[int, datetime]]") -> None:
    """Make rolled hours and their days again from the values; the rows of hub_latest are locked by the caller."""
    if not hours:
        return
    run = cursor(connection).execute
    asked = {"ids": [id for id, _hour in hours], "hours": [hour for _id, hour in hours], "zone": zone()}
    run(DROP_HOURS, asked)
    property_days.share(connection)
    run(HOURS_AGAIN.format(observations=with_archive_of_hours(connection, hours)), asked)
    run(DROP_DAYS.format(again=_DAYS_AGAIN), asked)
    run(DAYS_AGAIN.format(again=_DAYS_AGAIN), asked)
