"""Remove the values of an interval, in batches that commit: nobody waits long, and what is done stays done."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import psycopg

from stadtkern.hub.domain.connection import cursor
from stadtkern.hub.domain.connection import writing as transaction
from stadtkern.hub.domain.store import extents, rolling, thawing, writing
from stadtkern.hub.domain.store.extents import Ends

Connection = psycopg.Connection[Any]

BATCH = 20_000  # values in one transaction; a few more when moments are equal
SMALLEST = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Lost:
    """How many values were removed, and their outermost moments."""

    count: int
    ends: Ends


# The first value, and the first one of the next batch.
BOUNDS = """
select phenomenon_start from hub_observation
where datastream_id = %(id)s and phenomenon_start >= %(since)s and phenomenon_start < %(until)s
order by phenomenon_start offset %(skip)s limit 1
"""
REMOVE = """
with gone as (
    delete from hub_observation where datastream_id = %(id)s and phenomenon_start >= %(since)s
        and phenomenon_start < %(until)s
    returning phenomenon_start, phenomenon_end, result_time
),
noted as (
    insert into hub_dirty_hour (datastream_id, hour)
    select distinct l.datastream_id, date_bin('1 hour', g.phenomenon_start, timestamptz '1970-01-01 00:00:00+00')
    from gone g join hub_latest l on l.datastream_id = %(id)s and g.phenomenon_start < l.rolled_until
        and g.phenomenon_start >= coalesce(l.values_since, '-infinity')
    on conflict do nothing
)
select count(*), max(coalesce(phenomenon_end, phenomenon_start)), min(result_time), max(result_time) from gone
"""


def remove(datastream_id: int, *, since: datetime, until: datetime) -> int:
    """Delete values with since <= phenomenon_start < until, and their rollups; returns how many values there were.

    Archived months with some of them are thawed first. Raises UnknownDatastream.
    """
    lost: list[Lost] = []
    while not lost or lost[-1].count:
        with transaction() as connection:
            writing.lock(connection, [datastream_id])
            thawing.thaw_of(connection, [datastream_id], since=since, until=until)
            lost.append(remove_some(connection, datastream_id, since=since, until=until))
    with transaction() as connection:
        writing.lock(connection, [datastream_id])
        extents.restate_ends(connection, {datastream_id: extents.widest([one.ends for one in lost])})
        rolling.forget(connection, datastream_id, since=since, until=until)
    return sum(one.count for one in lost)


def remove_some(connection: Connection, datastream_id: int, *, since: datetime, until: datetime) -> Lost:
    """Delete the first BATCH of the values in the tables; the datastream is locked by the caller.

    Extents stay as they are: see extents.restate_ends.
    """
    asked = {"id": datastream_id, "since": since, "until": _end_of_batch(connection, datastream_id, since, until)}
    row = cursor(connection).execute(REMOVE, asked).fetchone()
    assert row is not None  # noqa: S101 (an aggregate has one row)
    if row[0]:
        extents.restate(connection, {datastream_id: row[0]})
    return Lost(row[0], Ends(*row[1:]))


def _end_of_batch(connection: Connection, datastream_id: int, since: datetime, until: datetime) -> datetime:
    asked = {"id": datastream_id, "since": since, "until": until}
    found = [cursor(connection).execute(BOUNDS, asked | {"skip": skip}).fetchone() for skip in (0, BATCH)]
    first, next_one = found
    if first is None or next_one is None:
        return until
    return max(next_one[0], first[0] + SMALLEST)
