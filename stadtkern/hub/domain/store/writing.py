"""Append: the hot path is one COPY; what is already there is corrected by a second way.

Order of every write: lock the rows of hub_latest (by number, so two writers never wait for each other in a circle),
write the values, update hub_latest (and notify CHANNEL), note the hours whose rollups are no longer true. All in the
caller's transaction.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from itertools import groupby
from operator import attrgetter
from typing import Any, NamedTuple

import orjson
import psycopg
from django.utils import timezone

from stadtkern.hub.domain.store import archived_keys, ids, locks, months
from stadtkern.hub.domain.store.columns import COLUMNS
from stadtkern.hub.domain.store.packing import SIGNATURE, TRAILER, packed
from stadtkern.hub.domain.store.port import Appended, Sample, UnknownDatastream
from stadtkern.hub.domain.store.slots import ORDINARY, UNIQUE
from stadtkern.hub.words import Flag

Connection = psycopg.Connection[Any]

PACKED_AT_ONCE = 2_000  # rows
KEY = attrgetter("datastream_id", "phenomenon_start", "slot")
OWNER = attrgetter("datastream_id")
NEVER = datetime(1, 1, 2, tzinfo=UTC)
DAY = timedelta(days=1)
CORRECTED = int(Flag.CORRECTED)

HELD = """
l.datastream_id, l.observation_id, l.phenomenon_start, l.number, l.text, l.json, l.rolled_until, l.received_at, l.count,
l.flags, l.watched
"""
STAGE = """
create temporary table if not exists hub_staged (like hub_observation) on commit delete rows
"""
MERGE = f"""
insert into hub_observation as o ({COLUMNS})
select {COLUMNS} from hub_staged order by datastream_id, phenomenon_start, slot
on conflict (datastream_id, phenomenon_start, slot) do update set
    phenomenon_end = excluded.phenomenon_end, result_time = excluded.result_time, number = excluded.number,
    feature_id = excluded.feature_id, valid_start = excluded.valid_start, valid_end = excluded.valid_end,
    text = excluded.text, json = excluded.json, quality = excluded.quality, parameters = excluded.parameters,
    flags = excluded.flags | case
        when (o.number, o.text, o.json) is distinct from (excluded.number, excluded.text, excluded.json)
        then {CORRECTED} else o.flags & {CORRECTED} end
returning o.datastream_id, o.phenomenon_start, o.slot, o.id, o.flags
"""  # noqa: S608  constants
CHANNEL = "hub_recorded"
MOST_NAMED = 500  # datastreams named in one notice; PostgreSQL takes 8000 bytes
UPDATE_LATEST = f"""
with updated as (
update hub_latest l set
    count = l.count + n.created,
    first_start = least(l.first_start, n.first_start),
    last_end = greatest(l.last_end, n.last_end),
    first_result = least(l.first_result, n.first_result),
    last_result = greatest(l.last_result, n.last_result),
    received_at = now(),
    observation_id = case when n.newer then n.id else l.observation_id end,
    phenomenon_start = case when n.newer then n.phenomenon_start else l.phenomenon_start end,
    phenomenon_end = case when n.newer then n.phenomenon_end else l.phenomenon_end end,
    result_time = case when n.newer then n.result_time else l.result_time end,
    number = case when n.newer then n.number else l.number end,
    text = case when n.newer then n.text else l.text end,
    json = case when n.newer then n.json else l.json end,
    flags = case when n.newer then n.flags else l.flags end
from json_to_recordset(%s::json) n (
    datastream_id bigint, created bigint, first_start timestamptz, last_end timestamptz, first_result timestamptz,
    last_result timestamptz, newer boolean, id bigint, phenomenon_start timestamptz, phenomenon_end timestamptz,
    result_time timestamptz, number double precision, text text, json jsonb, flags integer
)
where l.datastream_id = n.datastream_id)
select pg_notify('{CHANNEL}', told) from unnest(%s::text[]) told
"""  # noqa: S608  constants
NOTE_DIRTY = """
insert into hub_dirty_hour (datastream_id, hour) select * from unnest(%s::bigint[], %s::timestamptz[])
on conflict do nothing
"""
NOTE_FEATURES = """
insert into hub_feature_use (datastream_id, feature_id) select * from unnest(%s::bigint[], %s::bigint[])
on conflict do nothing
"""


class Newest(NamedTuple):
    """What hub_latest says of a datastream before a write. It is locked until the transaction ends."""

    datastream_id: int
    observation_id: int | None
    phenomenon_start: datetime | None
    number: float | None
    text: str | None
    json: Any
    rolled_until: datetime | None
    received_at: datetime | None
    count: int  # type: ignore[assignment]  # it hides tuple.count, which nobody needs here
    flags: int = 0
    watched: int = 0


Series = Sequence[tuple[Newest, list[Sample]]]  # by datastream, each in the order of time


def lock(connection: Connection, datastream_ids: Iterable[int]) -> dict[int, Newest]:
    """Hold the datastreams for this transaction; raises UnknownDatastream when one is not there."""
    wanted = sorted(set(datastream_ids))
    # Text is the cheapest array to send, binary the cheapest moment to read.
    statement = locks.statement(connection, HELD, "l.datastream_id = any(%s::bigint[])")
    rows = _cursor(connection).execute(statement, ["{" + ",".join(map(str, wanted)) + "}"], binary=True).fetchall()
    found = {row[0]: Newest._make(row) for row in rows}
    if missing := set(wanted) - found.keys():
        raise UnknownDatastream(f"no datastream {', '.join(map(str, sorted(missing)[:5]))}")
    return found


def append(
    connection: Connection,
    samples: Iterable[Sample],
    *,
    before: Mapping[int, Newest] | None = None,
    careful: bool = False,
) -> Appended:
    """See the port. `before`: what `lock` returned, when the caller has locked already.

    `careful`: do not believe that a value newer than the newest cannot be there (after a UniqueViolation).
    """
    ready = _last_of_each(samples)
    if not ready:
        return Appended([], 0, 0)
    newest = before if before is not None else lock(connection, (sample.datastream_id for sample in ready))
    _number(connection, ready)
    corrected = archived_keys.take_numbers(connection, ready)
    series = [(newest[datastream_id], list(group)) for datastream_id, group in groupby(ready, OWNER)]
    if _repeat_the_newest(series):
        corrected |= _merge(connection, ready)
    else:
        corrected |= _write(connection, ready, surely_new=not careful and _are_surely_new(series))
    _update_latest(connection, series, corrected)
    _note_dirty(connection, series)
    _note_features(connection, ready)
    return Appended(ready, len(ready) - len(corrected), len(corrected), corrected)


def _last_of_each(samples: Iterable[Sample]) -> list[Sample]:
    """One sample for each key, the one given last, in the order of the keys."""
    given = list(samples)
    held = dict(zip(map(KEY, given), given, strict=True))
    if len(held) == len(given):
        return [held[key] for key in sorted(held)]
    beside = [sample for sample in given if sample.slot == UNIQUE]
    once = {KEY(sample): sample for sample in given if sample.slot != UNIQUE}
    return sorted([*once.values(), *beside], key=KEY)


def _number(connection: Connection, samples: Sequence[Sample]) -> None:
    needed = set()
    since = until = NEVER
    high = 0
    for sample, number in zip(samples, ids.fresh(connection, len(samples)), strict=True):
        if not since <= sample.phenomenon_start < until:
            month = ids.month_of(sample.phenomenon_start)
            needed.add(month)
            since, until, high = ids.first_moment(month), ids.first_moment(month + 1), month << ids.BITS
        sample.id = high | number
        if sample.slot == UNIQUE:
            sample.slot = sample.id
    months.ensure_known(connection, needed)


def _are_surely_new(series: Series) -> bool:
    """True when all lie after the newest value of their datastream, lately: its row is locked, so nothing is there."""
    lately = _lately()
    return all(
        group[0].phenomenon_start >= lately
        and (newest.phenomenon_start is None or group[0].phenomenon_start > newest.phenomenon_start)
        for newest, group in series
    )


def _repeat_the_newest(series: Series) -> bool:
    """True when some value is for the moment of the newest one, lately.

    Loggers that send their last values each time do that: a COPY would fail, and leave its dead rows behind.
    """
    lately = _lately()
    return any(
        newest.phenomenon_start is not None
        and lately <= newest.phenomenon_start <= group[-1].phenomenon_start
        and group[0].phenomenon_start >= lately
        and any(sample.phenomenon_start == newest.phenomenon_start for sample in group)
        for newest, group in series
    )


def _lately() -> datetime:
    """From here on no partition is archived, nor dropped because all in it is past its time: a day is kept at least."""
    return ids.first_moment(ids.month_of(timezone.now() - DAY))


def _write(connection: Connection, samples: Sequence[Sample], *, surely_new: bool) -> set[int]:
    """Returns the numbers of those that were there already. `surely_new`: without a savepoint to go back to."""
    try:
        with nullcontext() if surely_new else connection.transaction():
            _copy(connection, "hub_observation", samples)
        return set()
    except psycopg.errors.UniqueViolation:
        if surely_new:
            raise
        return _merge(connection, samples)
    except psycopg.errors.CheckViolation:  # a partition that was known is gone: archived, past its time, rolled back
        months.forget()
        if surely_new:
            raise
        months.ensure_known(connection, {ids.month_of(sample.phenomenon_start) for sample in samples})
        return _merge(connection, samples)


def _merge(connection: Connection, samples: Sequence[Sample]) -> set[int]:
    connection.execute(STAGE)
    connection.execute("truncate hub_staged")
    _copy(connection, "hub_staged", samples)
    by_key = {KEY(sample): sample for sample in samples}
    there = set()
    for datastream_id, start, slot, id, flags in _cursor(connection).execute(MERGE).fetchall():
        sample = by_key[datastream_id, start, slot]
        sample.flags = flags
        if sample.id != id:
            sample.id = id
            there.add(id)
    return there


def _copy(connection: Connection, table: str, samples: Sequence[Sample]) -> None:
    statement = f"copy {table} ({COLUMNS}) from stdin (format binary)"
    with _cursor(connection) as cursor, cursor.copy(statement) as copy:
        copy.write(SIGNATURE)
        for start in range(0, len(samples), PACKED_AT_ONCE):
            copy.write(packed(samples[start : start + PACKED_AT_ONCE]))
        copy.write(TRAILER)


def _update_latest(connection: Connection, series: Series, corrected: set[int]) -> None:
    update_latest(connection, [_told(newest, group, corrected) for newest, group in series])


def update_latest(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """And tell who listens, when it commits: the numbers of the datastreams; who wants the values reads them.

    One parameter of JSON: fifteen arrays would cost more to send than the update itself.
    """
    named = [str(row["datastream_id"]) for row in rows]
    told = [",".join(named[start : start + MOST_NAMED]) for start in range(0, len(named), MOST_NAMED)]
    _cursor(connection).execute(UPDATE_LATEST, [orjson.dumps(rows).decode(), told])


def _told(before: Newest, group: list[Sample], corrected: set[int]) -> dict[str, Any]:
    """One datastream's row of UPDATE_LATEST; the group is in the order of time."""
    last = group[-1]
    told = {
        "datastream_id": before.datastream_id,
        "created": sum(sample.id not in corrected for sample in group) if corrected else len(group),
        "first_start": group[0].phenomenon_start,
        "last_end": max([last.phenomenon_start, *(s.phenomenon_end for s in group if s.phenomenon_end)]),
        "newer": before.phenomenon_start is None or last.phenomenon_start >= before.phenomenon_start,
        "id": last.id,
        "phenomenon_start": last.phenomenon_start,
        "phenomenon_end": last.phenomenon_end,
        "result_time": last.result_time,
        "number": last.number,
        "text": last.text,
        "json": last.json,
        "flags": last.flags,
    }
    if results := [sample.result_time for sample in group if sample.result_time]:
        told |= {"first_result": min(results), "last_result": max(results)}
    return told


def _note_dirty(connection: Connection, series: Series) -> None:
    hours = set()
    for newest, group in series:
        rolled = newest.rolled_until
        if rolled is not None and group[0].phenomenon_start < rolled:
            late = (sample.phenomenon_start for sample in group if sample.phenomenon_start < rolled)
            hours |= {(newest.datastream_id, ids.hour_of(start)) for start in late}
    if hours:
        _cursor(connection).execute(NOTE_DIRTY, [list(column) for column in zip(*sorted(hours), strict=True)])


def _note_features(connection: Connection, samples: Sequence[Sample]) -> None:
    """Features other than the datastream's own; that one is noted when it becomes its own."""
    pairs = {(s.datastream_id, s.feature_id) for s in samples if s.slot != ORDINARY and s.feature_id}
    if pairs:
        _cursor(connection).execute(NOTE_FEATURES, [list(column) for column in zip(*sorted(pairs), strict=True)])


def _cursor(connection: Connection) -> "psycopg.Cursor[tuple[Any, ...]]":
    """A cursor that binds on the server; Django's connections would hand out another kind."""
    return psycopg.Cursor(connection)
