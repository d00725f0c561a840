"""Single observations: found by their number, replaced, removed; and hub_latest made true again after that.

All in the caller's transaction, after `writing.lock` of the datastreams: appending only ever widens what hub_latest
says, taking away may narrow it, so it is read anew from the values.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

import psycopg

from stadtkern.hub.domain.connection import cursor
from stadtkern.hub.domain.store import extents, thawing
from stadtkern.hub.domain.store.extents import Ends
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
    """Those of these observations that are there, in no order. Most are found in the month their number names.

    An archived month that has some of them is thawed: whoever looks here is about to change them.
    """
    found = []
    possible = [id for id in sorted(ids) if month_named_by(id) < MONTHS]
    for month, group in groupby(possible, month_named_by):
        span = {"since": first_moment(month), "until": first_moment(month + 1)}
        found += _read(connection, f"{FIND} and {IN_MONTH}", {"ids": list(group), **span})
    missing = set(ids) - {sample.id for sample in found}
    if not missing:
        return found
    thawing.thaw_numbers(connection, missing)
    return found + _read(connection, FIND, {"ids": sorted(missing)})


def check_free(connection: Connection, key: Key) -> None:
    """Raises MomentTaken."""
    end = key.phenomenon_start + timedelta(microseconds=1)
    thawing.thaw_of(connection, [key.datastream_id], since=key.phenomenon_start, until=end)
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
    extents.restate(connection, Counter(sample.datastream_id for sample in lost))
    return len(lost)


def note_dirty(connection: Connection, samples: Iterable[Sample]) -> None:
    """The hours of these are to be rolled up again."""
    hours = sorted({(sample.datastream_id, hour_of(sample.phenomenon_start)) for sample in samples})
    if hours:
        cursor(connection).execute(NOTE_DIRTY, [list(column) for column in zip(*hours, strict=True)])


def restate_extents(connection: Connection, lost: Iterable[Sample]) -> None:
    """Until when values last and from when to when results come, where one of the lost was the outermost.

    Reads all values of such a datastream: once after many removals, not after each.
    """
    by_stream: dict[int, list[Ends]] = {}
    for sample in lost:
        ends = Ends(sample.phenomenon_end or sample.phenomenon_start, sample.result_time, sample.result_time)
        by_stream.setdefault(sample.datastream_id, []).append(ends)
    extents.restate_ends(connection, {id: extents.widest(ends) for id, ends in by_stream.items()})


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
