"""Where the figures of hours come from, in SQL: rolled hours from the rollups, all others from the values.

`HOURS` and `DAYS` are rows (datastream_id, bucket, the columns of figures.py) of the datastreams a reader sees among
%(ids)s (null: all) in [%(since)s, %(until)s), as exact as if every value had been read: the hours after rolled_until
and those that have changed since are computed now. Parts of an hour at both ends are rows too. `filled` puts in the
reader's condition and the table expression of values.
"""
# ruff: noqa: S608 (statements are made of our own constants; values are parameters)

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import psycopg

from stadtkern.hub.domain.connection import cursor
from stadtkern.hub.domain.readers import Reader
from stadtkern.hub.domain.store import figures

ASKED = """
asked as (
    select l.datastream_id, coalesce(l.rolled_until, '-infinity') as rolled_until,
           coalesce(l.values_since, '-infinity') as values_since,
           d.visibility = 'public' as is_public, coalesce(d.observed_property_id, 0) as property_id
    from hub_latest l join hub_datastream d on d.id = l.datastream_id
    where {which} and {sees}
),
spoiled as not materialized (
    select y.datastream_id, y.hour from hub_dirty_hour y join asked a on a.datastream_id = y.datastream_id
    where {changed} and y.hour >= a.values_since and y.hour >= {first_hour} and y.hour < %(until)s::timestamptz
)
"""
# Without any such hour the planner is told so, and leaves out all that would compare.
ANY_CHANGED = "select exists (select 1 from hub_dirty_hour where hour >= %s - interval '1 hour' and hour < %s)"
_FLOOR = figures.HOUR
_CEIL = figures.HOUR.format(moment="{moment} + interval '1 hour' - interval '1 microsecond'")

# windows (datastream_id, low, high, rolled_until): hours wholly in the window may come from the rollups.
_OF_WINDOWS = f"""
framed as (
    select datastream_id, low, high, {_CEIL.format(moment="low")} as low_hour,
           greatest(low, least({_FLOOR.format(moment="high")}, rolled_until)) as high_hour
    from windows where low < high
),
spans as (
    select datastream_id, low, least(low_hour, high) as high from framed where low < low_hour
    union all
    select datastream_id, greatest(low_hour, high_hour), high from framed where greatest(low_hour, high_hour) < high
    union all
    select f.datastream_id, s.hour, s.hour + interval '1 hour'
    from framed f join spoiled s on s.datastream_id = f.datastream_id and s.hour >= f.low_hour and s.hour < f.high_hour
),
hours as (
    select h.datastream_id, h.bucket, {{columns}}
    from framed f join hub_hourly h
        on h.datastream_id = f.datastream_id and h.bucket >= f.low_hour and h.bucket < f.high_hour
    where not {{changed}} or not exists (
        select 1 from spoiled s where s.datastream_id = h.datastream_id and s.hour = h.bucket
    )
    union all
    select p.datastream_id, v.bucket, {{computed}}
    from spans p cross join lateral (
        select {figures.HOUR_OF_VALUE} as bucket, {figures.OF_VALUES} from {{observations}} o
        where o.datastream_id = p.datastream_id and o.phenomenon_start >= p.low and o.phenomenon_start < p.high
        group by 1
    ) v
)
"""


def _listed(alias: str, without: tuple[str, ...] = ()) -> str:
    return ", ".join(f"{alias}.{name}" for name in figures.COLUMNS.split(", ") if name not in without)


_HOURS_OF_WINDOWS = _OF_WINDOWS.replace("{columns}", _listed("h")).replace("{computed}", _listed("v"))

HOURS = f"""
{ASKED.replace("{first_hour}", _FLOOR.format(moment="%(since)s::timestamptz"))},
windows as (
    select datastream_id, %(since)s::timestamptz as low, %(until)s::timestamptz as high, rolled_until from asked
),
{_HOURS_OF_WINDOWS}
"""

# Whole local days: from hub_daily when nothing in them has changed since, else from their hours. since and until are
# local midnights. A bucket is the date.
_MIDNIGHT = "date_trunc('day', {moment}, %(zone)s::text)"
_OF_DAY = "((({moment} at time zone %(zone)s::text)::date + {more})::timestamp at time zone %(zone)s::text)"
_DAYS_BEGIN = f"""
{ASKED.replace("{first_hour}", "%(since)s::timestamptz")},
broken as (
    select distinct datastream_id, {_MIDNIGHT.format(moment="hour")} as day from spoiled
),
kept as (
    select datastream_id, rolled_until,
        case when rolled_until > %(since)s::timestamptz
            then {_MIDNIGHT.format(moment="least(rolled_until, %(until)s::timestamptz)")}
            else %(since)s::timestamptz end as kept_until
    from asked
),
windows as (
    select datastream_id, kept_until as low, %(until)s::timestamptz as high, rolled_until from kept
    union all
    select b.datastream_id, b.day, {_OF_DAY.format(moment="b.day", more=1)}, k.rolled_until
    from broken b join kept k on k.datastream_id = b.datastream_id and b.day < k.kept_until
),
{_HOURS_OF_WINDOWS}
"""
_FIRST_DAY = "(%(since)s::timestamptz at time zone %(zone)s::text)::date"
_END_DAY = "(%(until)s::timestamptz at time zone %(zone)s::text)::date"
_IS_WHOLE = """(not {changed} or not exists (
        select 1 from broken b where b.datastream_id = h.datastream_id
            and (b.day at time zone %(zone)s::text)::date = h.bucket))"""
_DAYS_OF_HOURS = f"""
    select r.datastream_id, ({_MIDNIGHT.format(moment="r.bucket")} at time zone %(zone)s::text)::date as bucket,
        {figures.of_parts()}
    from hours r group by 1, 2
"""
DAYS = f"""
{_DAYS_BEGIN},
days as (
    select h.datastream_id, h.bucket, {_listed("h")}
    from kept k join hub_daily h on h.datastream_id = k.datastream_id
        and h.bucket >= {_FIRST_DAY}
        and h.bucket < (k.kept_until at time zone %(zone)s::text)::date
    where {_IS_WHOLE}
    union all
    {_DAYS_OF_HOURS}
)
"""

# Days of all datastreams together: of the public ones from hub_property_day. Where that is behind (`whole`: nothing
# of a property is to be believed, `loose`: one of its days) and for what else the reader sees: from hub_daily.
CITY = f"""
{_DAYS_BEGIN},
whole as (select observed_property_id as property_id from hub_property_stale where bucket = '-infinity'),
loose as (
    select observed_property_id as property_id, bucket from hub_property_stale
    where bucket >= {_FIRST_DAY} and bucket < {_END_DAY}
    union
    select a.property_id, (b.day at time zone %(zone)s::text)::date
    from broken b join asked a on a.datastream_id = b.datastream_id and a.is_public
),
city as (
    select h.bucket, {_listed("h", without=("first", "last"))} from hub_property_day h
    where h.bucket >= {_FIRST_DAY} and h.bucket < {_END_DAY} and {{of_property}}
      and h.observed_property_id not in (select property_id from whole)
      and (h.observed_property_id, h.bucket) not in (select property_id, bucket from loose)
    union all
    select h.bucket, {_listed("h", without=("first", "last"))}
    from asked a join hub_daily h
        on h.datastream_id = a.datastream_id and h.bucket >= {_FIRST_DAY} and h.bucket < {_END_DAY}
    where (not a.is_public or a.property_id in (select property_id from whole)) and {_IS_WHOLE}
    union all
    select h.bucket, {_listed("h", without=("first", "last"))}
    from loose s join asked a on a.property_id = s.property_id and a.is_public
    join hub_daily h on h.datastream_id = a.datastream_id and h.bucket = s.bucket
    where s.property_id not in (select property_id from whole) and {_IS_WHOLE}
    union all
    select d.bucket, {_listed("d", without=("first", "last"))} from ({_DAYS_OF_HOURS}) d
)
"""


def filled(
    statement: str,
    connection: "psycopg.Connection[Any]",
    *,
    datastream_ids: Sequence[int] | None,
    since: datetime,
    until: datetime,
    observations: str,
    reader: Reader,
    property_ids: Sequence[int] | None = None,
) -> str:
    """A statement of the parts above, ready for its parameters."""
    row = cursor(connection).execute(ANY_CHANGED, [since, until]).fetchone()
    which = ["true"]
    if datastream_ids is not None:
        which.append("l.datastream_id = any(%(ids)s::bigint[])")
    if property_ids is not None:
        which.append("d.observed_property_id = any(%(properties)s::bigint[])")
    return statement.format(
        which=" and ".join(which),
        of_property="true" if property_ids is None else "h.observed_property_id = any(%(properties)s::bigint[])",
        sees=reader.sees_datastream("d"),
        changed="true" if row and row[0] else "false",
        observations=observations,
    )
