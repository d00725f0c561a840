"""Functions of values by any interval: a fixed length counted from 1970 (UTC), or a local day, week, month, year.

Figures that rollups have are made from hours or days, all others from the values; both are exact. `stddev` is the
sample standard deviation (n - 1), `median` interpolates between the two middle values.
"""
# ruff: noqa: S608 (statements are made of our own constants; values are parameters)

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import groupby
from operator import attrgetter
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
from django.utils.translation import gettext_lazy as _

from stadtkern.core.problems import BadQuery
from stadtkern.hub.domain.readers import Reader
from stadtkern.hub.domain.store import figures, gaps, locks, parts
from stadtkern.hub.domain.store.archive_reading import with_archive, with_archive_of_changed
from stadtkern.hub.domain.store.port import Row
from stadtkern.hub.domain.store.reading import blocks, listed
from stadtkern.hub.domain.store.rolling import zone

Connection = psycopg.Connection[Any]
Interval = timedelta | str | None

CALENDAR = ("day", "week", "month", "year")
MOST_INTERVALS = 100_000  # that are listed to fill gaps
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)

_VALUES = f"filter (where {figures.VALUE})"
_IN_ORDER = f"array_agg(o.number order by o.phenomenon_start, o.datastream_id, o.slot) {_VALUES}"
OF_VALUES = {
    "count": "count(*)",
    "bad": figures.BAD,
    "sum": f"sum(o.number) {_VALUES}",
    "mean": f"sum(o.number) {_VALUES} / nullif(count(*) {_VALUES}, 0)",
    "min": f"min(o.number) {_VALUES}",
    "max": f"max(o.number) {_VALUES}",
    "first": f"({_IN_ORDER})[1]",
    "last": f"({_IN_ORDER})[count(*) {_VALUES}]",
    "median": f"percentile_cont(0.5) within group (order by o.number) {_VALUES}",
    # A square of more than 1e150 is no double.
    "stddev": f"stddev_samp(o.number) filter (where {figures.VALUE} and o.number between -1e145 and 1e145)",
}
_PARTS_IN_ORDER = "array_agg(r.{end} order by r.bucket, r.datastream_id) filter (where r.values > 0)"
OF_PARTS = {
    "count": "sum(r.count)",
    "bad": "sum(r.bad)",
    "sum": "sum(r.total)",
    "mean": "sum(r.total) / nullif(sum(r.values), 0)",
    "min": "min(r.minimum)",
    "max": "max(r.maximum)",
    "first": f"({_PARTS_IN_ORDER.format(end='first')})[1]",
    "last": f"({_PARTS_IN_ORDER.format(end='last')})[count(*) filter (where r.values > 0)]",
}
OF_ONE_PART = {
    "count": "r.count",
    "bad": "r.bad",
    "sum": "r.total",
    "mean": "r.total / nullif(r.values, 0)",
    "min": "r.minimum",
    "max": "r.maximum",
    "first": "r.first",
    "last": "r.last",
}
COUNTS = ("count", "bad")
_START: dict[type, str] = {
    timedelta: "date_bin(%(interval)s::interval, {moment}, timestamptz '1970-01-01 00:00:00+00')",
    str: "date_trunc(%(interval)s::text, {moment}, %(zone)s::text)",
    type(None): "%(since)s::timestamptz",
}
# Of days: by the calendar alone, time zones only for the few rows that are left.
_DAY: dict[type, str] = {str: "date_trunc(%(interval)s::text, r.bucket::timestamp)", type(None): "null::timestamp"}
_AS_IT_IS: dict[type, str] = dict.fromkeys(_START, "g.start")
_OF_DAY: dict[type, str] = {str: "g.start at time zone %(zone)s::text", type(None): "%(since)s::timestamptz"}


@dataclass(frozen=True, slots=True)
class Source:
    """Where the figures are made from: what stands before and after FROM, a row's interval, that interval's start
    (both by the type of the interval), the functions. Not `grouped`: a row is an interval."""

    before: str
    rows: str
    interval: Mapping[type, str]
    start: Mapping[type, str]
    functions: Mapping[str, str]
    grouped: bool = True


VALUES = Source(
    parts.ASKED.replace("{first_hour}", "%(since)s::timestamptz"),
    "asked r join {observations} o on o.datastream_id = r.datastream_id"
    " and o.phenomenon_start >= %(since)s::timestamptz and o.phenomenon_start < %(until)s::timestamptz",
    {kind: text.format(moment="o.phenomenon_start") for kind, text in _START.items()},
    _AS_IT_IS,
    OF_VALUES,
)
HOURS = Source(
    parts.HOURS,
    "hours r",
    {kind: text.format(moment="r.bucket") for kind, text in _START.items()},
    _AS_IT_IS,
    OF_PARTS,
)
DAYS = Source(parts.DAYS, "days r", _DAY, _OF_DAY, OF_PARTS)
# Where an interval is just one part there is nothing to put together.
ONE_PART: dict[tuple[str, Interval], Source] = {
    (HOURS.rows, HOUR): replace(HOURS, functions=OF_ONE_PART, grouped=False),
    (DAYS.rows, "day"): replace(DAYS, functions=OF_ONE_PART, grouped=False),
}
CITY = Source(
    parts.CITY,
    "city r",
    _DAY,
    _OF_DAY,
    {name: text for name, text in OF_PARTS.items() if name not in ("first", "last")},
)


def in_blocks(
    connection: Connection,
    datastream_ids: Sequence[int] | None,
    *,
    since: datetime,
    until: datetime,
    interval: Interval,
    functions: Sequence[str],
    reader: Reader,
    apart: bool = True,
    property_ids: Sequence[int] | None = None,
) -> Iterator[list[tuple[Any, ...]]]:
    """(datastream id, start of the interval, figures as asked) by datastream and time, many at a time.

    Intervals without an observation are left out (see `gaps`); the id is None of all datastreams together.
    `interval` None: the whole; `functions`: of OF_VALUES; `apart` False: of all the datastreams together (then they
    should be of one unit); `property_ids`: only datastreams that observe one of these. Raises BadQuery.
    """
    _check(interval, functions)
    asked = {"ids": listed(datastream_ids), "since": since, "until": until, "interval": interval, "zone": zone()}
    asked["properties"] = listed(property_ids)
    source = _source(since, until, interval, functions)
    source = ONE_PART.get((source.rows, interval), source) if apart else source
    together = source is DAYS and datastream_ids is None and not apart and set(functions) <= CITY.functions.keys()
    if together and not locks.is_distributed(connection):
        source = CITY
    archive = with_archive if source is VALUES else with_archive_of_changed
    statement = parts.filled(
        _statement(source, interval, functions, apart), connection, datastream_ids=datastream_ids, since=since,
        until=until, observations=archive(connection, datastream_ids, since, until), reader=reader,
        property_ids=property_ids,
    )  # fmt: skip
    yield from blocks(connection, statement, asked, reader)


def as_rows(found: Iterable[list[tuple[Any, ...]]]) -> Iterator[Row]:
    return (Row(id, start, tuple(figures)) for block in found for id, start, *figures in block)


def filled(
    found: Iterable[Row], *, since: datetime, until: datetime, interval: Interval, functions: Sequence[str], way: str
) -> Iterator[Row]:
    """What was found, with rows for the intervals between; raises BadQuery when these are too many."""
    if way == gaps.LEAVE or interval is None:
        yield from found
        return
    starts = intervals(since, until, interval)
    counts = [place for place, name in enumerate(functions) if name in COUNTS]
    for _id, group in groupby(found, attrgetter("datastream_id")):
        yield from gaps.fill(list(group), starts, way=way, counts=counts)


def intervals(since: datetime, until: datetime, interval: timedelta | str) -> list[datetime]:
    """When the intervals begin that have a part in [since, until), in UTC."""
    start = _begin(since, interval)
    starts: list[datetime] = []
    while start < until:
        if len(starts) == MOST_INTERVALS:
            raise BadQuery(_("Das sind zu viele Intervalle; bitte den Zeitraum eingrenzen."))
        starts.append(start)
        start = start + interval if isinstance(interval, timedelta) else _next(start, interval)
    return starts


def _check(interval: Interval, functions: Sequence[str]) -> None:
    if strange := [name for name in functions if name not in OF_VALUES]:
        raise BadQuery(f"unknown function: {', '.join(strange)}; known: {', '.join(OF_VALUES)}")
    if isinstance(interval, str) and interval not in CALENDAR:
        raise BadQuery(f"an interval is a length of time or one of {', '.join(CALENDAR)}")
    if isinstance(interval, timedelta) and interval <= timedelta():
        raise BadQuery("an interval is longer than nothing")


def widened(since: datetime, until: datetime, interval: Interval) -> tuple[datetime, datetime]:
    """To the borders of the intervals they lie in: where there are no values between, that finds whole parts."""
    if interval is None:
        return since, until
    start = _begin(until, interval)
    if start < until:
        start = start + interval if isinstance(interval, timedelta) else _next(start, interval)
    return _begin(since, interval), start


def _source(since: datetime, until: datetime, interval: Interval, functions: Sequence[str]) -> Source:
    """The coarsest that still gives exact figures."""
    if not set(functions) <= OF_PARTS.keys() or (isinstance(interval, timedelta) and interval % HOUR):
        return VALUES
    if isinstance(interval, timedelta):
        return HOURS
    whole = all(_begin(moment, "day") == moment for moment in (since, until))
    return DAYS if whole else HOURS


def _statement(source: Source, interval: Interval, functions: Sequence[str], apart: bool) -> str:
    id = "r.datastream_id" if apart else "null::bigint"
    kind = type(interval)
    asked = ", ".join(f"({source.functions[name]})::double precision as f{n}" for n, name in enumerate(functions))
    told = ", ".join(f"g.f{n}" for n in range(len(functions)))
    grouped = "group by 1, 2" if source.grouped else ""
    return (
        f"with {source.before} select g.id, {source.start[kind]}, {told} from (select {id} as id, "
        f"{source.interval[kind]} as start, {asked} from {source.rows} {grouped}) g order by 1, 2"
    )


def _begin(moment: datetime, interval: timedelta | str) -> datetime:
    """When the interval began that a moment lies in."""
    if isinstance(interval, timedelta):
        return moment.astimezone(UTC) - (moment - EPOCH) % interval
    local = moment.astimezone(ZoneInfo(zone())).replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    days = {"day": 0, "week": local.weekday(), "month": local.day - 1, "year": local.timetuple().tm_yday - 1}
    return (local - timedelta(days=days[interval])).astimezone(UTC)


def _next(start: datetime, interval: str) -> datetime:
    """The beginning of the local day, week, month or year after one; a day has 23 to 25 hours."""
    days = {"day": 1, "week": 7, "month": 31, "year": 366}[interval]
    noon = start.astimezone(ZoneInfo(zone())).replace(hour=12)
    return _begin(noon + timedelta(days=days), interval)
