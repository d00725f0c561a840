"""Write flags at values that are there already, and have their hours rolled up anew."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import psycopg

from stadtkern.hub.domain.connection import cursor
from stadtkern.hub.domain.store import writing
from stadtkern.hub.domain.store.ids import hour_of
from stadtkern.hub.domain.store.port import Sample

VALUES = """
select phenomenon_start, slot, number, text, json, flags, phenomenon_end, result_time from hub_observation
where datastream_id = %s and phenomenon_start >= %s and phenomenon_start < %s
order by phenomenon_start, slot limit %s
"""
SET = """
update hub_observation o set flags = n.flags
from unnest(%s::timestamptz[], %s::bigint[], %s::integer[]) n (phenomenon_start, slot, flags)
where o.datastream_id = %s and o.phenomenon_start = n.phenomenon_start and o.slot = n.slot
  and o.phenomenon_start between %s and %s
"""
SET_NEWEST = """
update hub_latest l set flags = o.flags from hub_observation o
where l.datastream_id = %s and o.datastream_id = l.datastream_id and o.id = l.observation_id
  and o.phenomenon_start = l.phenomenon_start
"""
Found = Sequence[tuple[Sample, int]]


def values(
    connection: "psycopg.Connection[Any]", datastream_id: int, *, since: datetime, until: datetime, most: int
) -> list[Sample]:
    """Values with since <= phenomenon < until, oldest first; the archive is not looked into."""
    rows = cursor(connection).execute(VALUES, [datastream_id, since, until, most]).fetchall()
    return [
        Sample(
            datastream_id=datastream_id,
            phenomenon_start=start,
            slot=slot,
            number=number,
            text=text,
            json=json,
            flags=flags,
            phenomenon_end=end,
            result_time=result,
        )
        for start, slot, number, text, json, flags, end, result in rows
    ]


def set_flags(connection: "psycopg.Connection[Any]", newest: writing.Newest, found: Found) -> None:
    """Give these values other flags. The caller holds the datastream (store.writing.lock gave `newest`)."""
    if not found:
        return
    starts = [sample.phenomenon_start for sample, _flags in found]
    slots, flags = [sample.slot for sample, _flags in found], [flags for _sample, flags in found]
    bounds = [newest.datastream_id, min(starts), max(starts)]
    cursor(connection).execute(SET, [starts, slots, flags, *bounds])
    cursor(connection).execute(SET_NEWEST, [newest.datastream_id])
    _roll_again(connection, newest, starts)


def _roll_again(connection: "psycopg.Connection[Any]", newest: writing.Newest, starts: Iterable[datetime]) -> None:
    """Rollups leave bad values out and count flagged ones."""
    rolled = newest.rolled_until
    hours = sorted({hour_of(start) for start in starts if rolled is not None and start < rolled})
    if hours:
        cursor(connection).execute(writing.NOTE_DIRTY, [[newest.datastream_id] * len(hours), hours])
