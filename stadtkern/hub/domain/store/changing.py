"""Single observations: found by their number, replaced, removed; and hub_latest made true again after that.

All in the caller's transaction, after `writing.lock` of the datastreams: appending only ever widens what hub_latest
says, taking away may narrow it, so it is read anew from the values.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from itertools import groupby
from typing import Any

import psycopg

from stadtkern.hub.domain.connection import cursor
from stadtkern.hub.domain.store.ids import first_moment, hour_of, month_named_by, month_of
from stadtkern.hub.domain.store.port import Sample

Connection = psycopg.Connection[Any]

MONTHS = (9999 - 1970) * 12  # numbers that name a later month are nobody's
READ = tuple(field.name for field in fields(Sample))
IN_MONTH = "o.phenomenon_start >= %(since)s and o.phenomenon_start < %(until)s"
FIND = f"""
select {", ".join(f"o.{name}" for name in READ)}
from hub_observation o join hub_latest l on l.datastream_id = o.datastream_id where o.id = any(%(ids)s)
"""  # noqa: S608  constants; a removed datastream's values are not there any more
IS_TAKEN = "select 1 from hub_observation where (datastream_id, phenomenon_start, slot) = (%s, %s, %s)"
RENUMBER = """
update hub_observation set id = %(new)s
where datastream_id = %(stream)s and phenomenon_start = %(start)s and slot = %(slot)s
"""
RENUMBER_LATEST = """
update hub_latest set observation_id = %(new)s where datastream_id = %(stream)s and observation_id = %(old)s
"""
REMOVE = f"""
delete from hub_observation o using unnest(%(streams)s::bigint[], %(starts)s::timestamptz[], %(slots)s::bigint[])
    k (datastream_id, phenomenon_start, slot)
where o.datastream_id = k.datastream_id and o.phenomenon_start = k.phenomenon_start and o.slot = k.slot and {IN_MONTH}
returning o.id
"""  # noqa: S608  constants
NOTE_DIRTY = """
insert into hub_dirty_hour (datastream_id, hour)
select n.datastream_id, n.hour from unnest(%s::bigint[], %s::timestamptz[]) n (datastream_id, hour)
join hub_latest l on l.datastream_id = n.datastream_id and n.hour < l.rolled_until
on conflict do nothing
"""
RESTATE = """
update hub_latest l set
    count = l.count - n.removed,
    observation_id = o.id, phenomenon_start = o.phenomenon_start, phenomenon_end = o.phenomenon_end,
    result_time = o.result_time, number = o.number, text = o.text, json = o.json, flags = coalesce(o.flags, 0),
    first_start = (select v.phenomenon_start from hub_observation v where v.datastream_id = n.datastream_id
                   order by v.phenomenon_start limit 1)
from unnest(%s::bigint[], %s::bigint[]) n (datastream_id, removed)
left join lateral (
    select * from hub_observation v where v.datastream_id = n.datastream_id
    order by v.phenomenon_start desc, v.slot desc limit 1
) o on true
where l.datastream_id = n.datastream_id
"""
EXTENTS = "select datastream_id, last_end, first_result, last_result from hub_latest where datastream_id = any(%s)"
RESTATE_EXTENTS = """
update hub_latest l set last_end = o.last_end, first_result = o.first_result, last_result = o.last_result
from unnest(%s::bigint[]) n (datastream_id)
left join lateral (
    select max(coalesce(phenomenon_end, phenomenon_start)) last_end,
           min(result_time) first_result, max(result_time) last_result
    from hub_observation v where v.datastream_id = n.datastream_id
) o on true
where l.datastream_id = n.datastream_id
"""


@dataclass(frozen=True, slots=True)
class Key:
    """What makes an observation one of its own."""

    datastream_id: int
    phenomenon_start: datetime
    slot: int


class MomentTaken(ValueError):
    """Another observation of the datastream has this moment already."""


def key_of(sample: Sample) -> Key:
    return Key(sample.datastream_id, sample.phenomenon_start, sample.slot)


def find(connection: Connection, ids: Collection[int]) -> list[Sample]:
    """Those of these observations that are there, in no order. Most are found in the month their number names."""
    found = []
    possible = [id for id in sorted(ids) if month_named_by(id) < MONTHS]
    for month, group in groupby(possible, month_named_by):
        span = {"since": first_moment(month), "until": first_moment(month + 1)}
        found += _read(connection, f"{FIND} and {IN_MONTH}", {"ids": list(group), **span})
    missing = set(ids) - {sample.id for sample in found}
    return found + (_read(connection, FIND, {"ids": sorted(missing)}) if missing else [])


def check_free(connection: Connection, key: Key) -> None:
    """Raises MomentTaken."""
    there = cursor(connection).execute(IS_TAKEN, [key.datastream_id, key.phenomenon_start, key.slot])
    if there.fetchone():
        raise MomentTaken("the datastream has another observation for this moment")


def renumber(connection: Connection, sample: Sample, id: int) -> None:
    """An observation that was written anew gets back the number it had."""
    names = {"old": sample.id, "new": id, "stream": sample.datastream_id, "start": sample.phenomenon_start}
    cursor(connection).execute(RENUMBER, names | {"slot": sample.slot})
    cursor(connection).execute(RENUMBER_LATEST, names)


def remove(connection: Connection, samples: Sequence[Sample]) -> int:
    """Delete these, and hub_latest says so; returns how many were still there. Extents stay: see restate_extents."""
    gone = set()
    for month, group in groupby(sorted(samples, key=_moment), lambda sample: month_of(sample.phenomenon_start)):
        gone |= _remove_in(connection, month, list(group))
    lost = [sample for sample in samples if sample.id in gone]
    note_dirty(connection, lost)
    restate(connection, Counter(sample.datastream_id for sample in lost))
    return len(lost)


def note_dirty(connection: Connection, samples: Iterable[Sample]) -> None:
    """The hours of these are to be rolled up again."""
    hours = sorted({(sample.datastream_id, hour_of(sample.phenomenon_start)) for sample in samples})
    if hours:
        cursor(connection).execute(NOTE_DIRTY, [list(column) for column in zip(*hours, strict=True)])


def restate(connection: Connection, removed: "Counter[int]") -> None:
    """The newest value, the first moment and the count of each datastream, after so many were removed."""
    if removed:
        counts = sorted(removed.items())
        cursor(connection).execute(RESTATE, [list(column) for column in zip(*counts, strict=True)])


def restate_extents(connection: Connection, lost: Iterable[Sample]) -> None:
    """Until when values last and from when to when results come, where one of the lost was the outermost.

    Reads all values of such a datastream: once after many removals, not after each.
    """
    by_stream: dict[int, list[Sample]] = {}
    for sample in lost:
        by_stream.setdefault(sample.datastream_id, []).append(sample)
    rows = cursor(connection).execute(EXTENTS, [sorted(by_stream)]).fetchall()
    touched = [stream for stream, *edges in rows if _touches(by_stream[stream], edges)]
    if touched:
        cursor(connection).execute(RESTATE_EXTENTS, [touched])


def _touches(lost: list[Sample], edges: list[datetime | None]) -> bool:
    last_end, *results = edges
    return any(
        (sample.phenomenon_end or sample.phenomenon_start) == last_end
        or (sample.result_time is not None and sample.result_time in results)
        for sample in lost
    )


def _remove_in(connection: Connection, month: int, samples: list[Sample]) -> set[int]:
    keys = {
        "streams": [sample.datastream_id for sample in samples],
        "starts": [sample.phenomenon_start for sample in samples],
        "slots": [sample.slot for sample in samples],
    }
    span = {"since": first_moment(month), "until": first_moment(month + 1)}
    return {id for (id,) in cursor(connection).execute(REMOVE, keys | span).fetchall()}


def _read(connection: Connection, statement: str, names: dict[str, Any]) -> list[Sample]:
    rows = cursor(connection).execute(statement, names).fetchall()
    return [Sample(**dict(zip(READ, row, strict=True))) for row in rows]


def _moment(sample: Sample) -> datetime:
    return sample.phenomenon_start
