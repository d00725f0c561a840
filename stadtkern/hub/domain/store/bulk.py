"""Whole stretches of ordinary numbers that surely are new: packed for COPY from their lists, without a Sample for each.

The second hot path beside writing.py, for imports. The same order: the caller holds the rows of hub_latest, then the
values, then hub_latest and the hours whose rollups are no longer true.
"""

import struct
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import islice, pairwise
from typing import Any, NamedTuple

import psycopg

from stadtkern.hub.domain.store import ids, months, packing
from stadtkern.hub.domain.store.columns import COLUMNS
from stadtkern.hub.domain.store.writing import NOTE_DIRTY, Newest, update_latest

Connection = psycopg.Connection[Any]
PACKED_AT_ONCE = 2_000  # rows
EXTENTS = """
select datastream_id, first_start, last_end from hub_latest
where datastream_id = any(%s::bigint[]) and first_start is not null
"""
# As packing.PLAIN, with everything that is the same for a whole line as bytes: moment, number of the row, value differ.
HEAD, SLOT, BETWEEN = struct.Struct(">h iq i"), struct.pack(">iq i", 8, 0, 8), struct.pack(">ii i", -1, -1, 8)


class Line(NamedTuple):
    """Finite numbers of one datastream. Moments are aware. `flags`: of each of them."""

    datastream_id: int
    feature_id: int | None
    at: Sequence[datetime]
    values: Sequence[float]
    flags: int = 0


def surely_new(connection: Connection, lines: Iterable[Line]) -> set[int]:
    """The datastreams of which no value can stand in its line's span, neither in the tables nor in the archive.

    Only true while the caller holds their rows of hub_latest. Moments must rise: each comes once then.
    """
    rising = {line.datastream_id: line for line in lines if all(a < b for a, b in pairwise(line.at))}
    rows = psycopg.Cursor(connection).execute(EXTENTS, [list(rising)]).fetchall()
    beyond = {id: rising[id].at[0] > last or rising[id].at[-1] < first for id, first, last in rows}
    return {id for id in rising if beyond.get(id, True)}


def append_lines(connection: Connection, lines: Sequence[Line], before: Mapping[int, Newest]) -> int:
    """Write them in the caller's transaction; returns how many values. One line for each datastream, all of them new.

    `before`: what writing.lock returned. Raises BeyondTime.
    """
    ordered = sorted(lines, key=lambda line: line.datastream_id)
    count = sum(len(line.at) for line in ordered)
    if not count:
        return 0
    months.ensure(connection, {month for line in ordered for month in _months(line)})
    numbers = ids.fresh(connection, count)
    last = _copy(connection, ordered, numbers)
    update_latest(connection, [_told(line, before[line.datastream_id], last) for line in ordered])
    _note_dirty(connection, ordered, before)
    return count


def _months(line: Line) -> range:
    return range(ids.month_of(line.at[0]), ids.month_of(line.at[-1]) + 1)


def _copy(connection: Connection, lines: Sequence[Line], numbers: Iterator[int]) -> dict[int, int]:
    """Returns the number of each datastream's last row."""
    moments: dict[int, list[int]] = {}  # columns of one table share their list of moments
    last = {}
    statement = f"copy hub_observation ({COLUMNS}) from stdin (format binary)"
    with psycopg.Cursor(connection) as own, own.copy(statement) as copy:
        copy.write(packing.SIGNATURE)
        for line in lines:
            counted = moments.get(id(line.at)) or [packing.microseconds(at) for at in line.at]
            moments[id(line.at)] = counted
            mine = _numbered(line, numbers)
            last[line.datastream_id] = mine[-1]
            for start in range(0, len(mine), PACKED_AT_ONCE):
                copy.write(_packed(line, counted, mine, slice(start, start + PACKED_AT_ONCE)))
        copy.write(packing.TRAILER)
    return last


def _numbered(line: Line, numbers: Iterator[int]) -> list[int]:
    """The numbers of a line's rows, the month in the high bits."""
    found: list[int] = []
    for month in _months(line):
        end = bisect_left(line.at, ids.first_moment(month + 1))
        high = month << ids.BITS
        found += [high | number for number in islice(numbers, end - len(found))]
    return found


def _packed(line: Line, moments: Sequence[int], numbers: Sequence[int], part: slice) -> bytes:
    head = HEAD.pack(packing.COLUMNS, 8, line.datastream_id, 8)
    tail = packing.tail(line.feature_id, line.flags)
    pack = struct.Struct(f">18s q 16s q 12s d {len(tail)}s").pack
    rows = zip(moments[part], numbers[part], line.values[part], strict=True)
    return b"".join([pack(head, at, SLOT, number, BETWEEN, value, tail) for at, number, value in rows])


def _told(line: Line, before: Newest, last: Mapping[int, int]) -> dict[str, Any]:
    """A row of writing.UPDATE_LATEST."""
    end = line.at[-1]
    return {
        "datastream_id": line.datastream_id,
        "created": len(line.at),
        "first_start": line.at[0],
        "last_end": end,
        "newer": before.phenomenon_start is None or end >= before.phenomenon_start,
        "id": last[line.datastream_id],
        "phenomenon_start": end,
        "number": line.values[-1],
        "flags": line.flags,
    }


def _note_dirty(connection: Connection, lines: Sequence[Line], before: Mapping[int, Newest]) -> None:
    hours: dict[int, set[datetime]] = {}
    dirty = []
    for line in lines:
        rolled = before[line.datastream_id].rolled_until
        if rolled is None or line.at[0] >= rolled:
            continue
        touched = hours.get(id(line.at)) or {ids.hour_of(at) for at in line.at}
        hours[id(line.at)] = touched
        dirty += [(line.datastream_id, hour) for hour in sorted(touched) if hour < rolled.astimezone(UTC)]
    if dirty:
        columns = [list(column) for column in zip(*dirty, strict=True)]
        psycopg.Cursor(connection).execute(NOTE_DIRTY, columns)
