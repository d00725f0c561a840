"""$apply=aggregate(…) on observations: figures by interval instead of the values. Our extension.

Of `Datastreams(1)/Observations` the figures of this one; of `Observations` those of all the filter lets through, taken
together; `$select=Datastream` keeps them apart, each row with the link of its datastream. Values of different units are
not put together (but counted).

From rollups where these give the exact figures, else from the values; both stand in domain/store/aggregating.py. A
$filter speaks of phenomenonTime (which span) and of the datastream (which ones): `Datastream/Thing/name eq 'x' and
phenomenonTime ge now() sub duration'P7D'`. Bad values are left out of all figures but `count`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

import orjson

from stadtkern.core.problems import BadQuery
from stadtkern.hub.api.sta.entities import OBSERVATIONS
from stadtkern.hub.api.sta.formats import csv, json
from stadtkern.hub.api.sta.nodes import Aggregation, Binary, Literal, Node, Options, Path, Request, paths_of
from stadtkern.hub.api.sta.pieces import Head, Piece
from stadtkern.hub.api.sta.planning.columns import MOST_EXACT
from stadtkern.hub.api.sta.planning.listing import OF_STREAMS
from stadtkern.hub.api.sta.planning.plan import MOST, MOST_STREAMED
from stadtkern.hub.api.sta.planning.scope import Scope
from stadtkern.hub.api.sta.planning.spans import TICK, Span, parts_of, span_of_part
from stadtkern.hub.api.sta.planning.sql import Sql, all_of, sql, value
from stadtkern.hub.api.sta.planning.truth import condition
from stadtkern.hub.api.sta.planning.world import World
from stadtkern.hub.api.sta.printer import as_text
from stadtkern.hub.api.sta.rendering import Renderer
from stadtkern.hub.api.sta.resources import Resource, parent_id
from stadtkern.hub.api.sta.times import moment
from stadtkern.hub.domain.store.aggregating import aggregate, filled, intervals, widened
from stadtkern.hub.domain.store.port import Row

MOST_STREAMS = 100_000
BLOCK = 2_000
STREAMS = {"Datastream", "MultiDatastream"}
APART = ("Datastream",)
DAYS_TO_NEXT = {"day": 2, "week": 8, "month": 32, "year": 367}


@dataclass(frozen=True, slots=True)
class Chosen:
    """The datastreams and the span that are asked for.

    `multi`: those with several observed properties; `closed`: those that are not public; `apart`: figures of each;
    `linked`: every row says whose it is.
    `is_whole`: the filter says no more of datastreams than that they observe one of `properties` (None: nothing), so
    the store, which has figures of all together at hand, need not be told their numbers.
    """

    ids: list[int]
    multi: frozenset[int]
    closed: frozenset[int]
    since: datetime
    until: datetime
    apart: bool
    linked: bool
    is_whole: bool = False
    properties: tuple[int, ...] | None = None


def answer(request: Request, found: Resource, renderer: Renderer) -> Iterator[Piece]:
    """The rows, oldest first within each datastream. Raises BadQuery, NotFound."""
    _check(request, found)
    asked, options = request.options.apply, request.options
    assert asked is not None  # noqa: S101 (only such requests come here)
    world = renderer.world
    chosen = _chosen(world, found, options)
    rows = _rows(world, chosen, asked) if chosen else iter(())
    writer = Writer(asked, chosen, renderer) if chosen else None
    most = MOST if request.result_format == "json" else MOST_STREAMED
    top = most if options.top is None else min(options.top, most)
    page = islice(rows, options.skip, options.skip + top)
    if request.result_format == "csv":
        yield Head(csv.TYPE)
        yield from _table(page, asked, writer)
        return
    yield Head(json.TYPE)
    yield from _json(page, writer)
    yield b"]}" if next(rows, None) is None or not top else _closing(request, renderer, top)


def _check(request: Request, found: Resource) -> None:
    options = request.options
    if found.entities is not OBSERVATIONS or not found.is_collection or found.ending:
        raise BadQuery("$apply goes with a collection of Observations.")
    if found.way is not None and found.way not in OF_STREAMS:
        raise BadQuery("$apply goes with Observations and with those of a datastream.")
    if any((options.order, options.expand, options.count, options.after)) or options.select not in ((), APART):
        raise BadQuery("Only $filter, $top, $skip, $select=Datastream and $resultFormat go with $apply.")
    if request.result_format not in ("json", "csv"):
        raise BadQuery("$apply answers as json or csv.")


def _chosen(world: World, found: Resource, options: Options) -> Chosen | None:
    """The datastreams the reader sees, and the span cut to what they have; None when there is nothing."""
    id = parent_id(world, found)
    scope = Scope.over(world, OBSERVATIONS)
    scope.observations = "hub_latest"
    conditions, span = [scope.visible(), Sql(f"{scope.alias}.first_start is not null")], Span()
    if found.way is not None:
        conditions.append(world.related(found.way, scope.alias, value(id, "bigint")))
    said: list[Node] = []
    for part in parts_of(options.filter):
        if (here := span_of_part(part, scope)) is not None:
            span = span.and_also(here)
        else:
            _check_part(part, scope)
            said.append(part)
            conditions.append(condition(part, scope))
    statement = sql(
        _STREAMS.replace("{t}", scope.alias), scope.source, all_of(conditions), value(MOST_STREAMS + 1, "bigint")
    )
    rows = world.ask(statement)
    if len(rows) > MOST_STREAMS:
        raise BadQuery(f"These are more than {MOST_STREAMS} datastreams; say which, with $filter=Datastream/...")
    apart = found.way is not None or options.select == APART
    if not apart and options.apply is not None and set(options.apply.functions) != {"count"}:
        _check_units(rows)
    chosen = _cut(rows, span, options, apart=apart)
    properties = [one for part in said if (one := _property_in(part)) is not None]
    if chosen is None or apart or len(said) > 1 or len(properties) < len(said):
        return chosen
    return replace(chosen, is_whole=True, properties=tuple(properties) or None)


def _property_in(part: Node) -> int | None:
    """The number in `Datastream/ObservedProperty/id eq 7`."""
    match part:
        case Binary("eq", Path(("Datastream", "ObservedProperty", "id" | "@iot.id")), Literal(int(number))):
            return number
    return None


_STREAMS = """
select {t}.datastream_id, {t}d.is_multi, {t}d.visibility <> 'public', {t}.first_start,
    {t}.phenomenon_start, {t}d.unit::text
    from {} where {} order by 1 limit {}"""


def _check_part(part: Node, scope: Scope) -> None:
    paths = list(paths_of(part))
    if not paths or any(path.steps[0] not in STREAMS for path in paths):
        raise scope.problem("with $apply a filter speaks of phenomenonTime and of Datastream/...", part.at)


def _check_units(rows: Sequence[tuple[Any, ...]]) -> None:
    if len({row[5] for row in rows}) > 1:
        raise BadQuery(
            "These datastreams have different units; choose those of one, as with "
            "$filter=Datastream/ObservedProperty/id eq 1, or keep them apart with $select=Datastream."
        )


def _cut(rows: Sequence[tuple[Any, ...]], span: Span, options: Options, *, apart: bool) -> Chosen | None:
    if not rows or options.apply is None:
        return None
    since, until = min(row[3] for row in rows), max(row[4] for row in rows) + TICK
    since, until = widened(since, until, options.apply.interval)
    since, until = max(since, span.since or since), min(until, span.until or until)
    if since >= until:
        return None
    multi, closed = (frozenset(row[0] for row in rows if row[column]) for column in (1, 2))
    return Chosen([row[0] for row in rows], multi, closed, since, until, apart, options.select == APART)


def _rows(world: World, chosen: Chosen, asked: Aggregation) -> Iterator[Row]:
    found = aggregate(
        world.connection,
        None if chosen.is_whole else chosen.ids,
        since=chosen.since,
        until=chosen.until,
        interval=asked.interval,
        functions=asked.functions,
        reader=world.reader,
        apart=chosen.apart,
        property_ids=chosen.properties,
    )
    yield from filled(
        found,
        since=chosen.since,
        until=chosen.until,
        interval=asked.interval,
        functions=asked.functions,
        way=asked.gaps,
    )


@dataclass(slots=True)
class Writer:
    """Rows as they go out."""

    asked: Aggregation
    chosen: Chosen
    renderer: Renderer
    notes: bool = False
    ends: dict[datetime, datetime] = field(default_factory=dict)
    last: tuple[datetime | None, str] = (None, "")

    def __post_init__(self) -> None:
        self.notes = bool(self.chosen.closed) and not self.renderer.world.reader.is_anonymous

    def entity(self, row: Row) -> dict[str, Any]:
        made = self._link(row.datastream_id) if self.chosen.linked else {}
        made["phenomenonTime"] = self.time(row)
        made.update(zip(self.asked.functions, self.figures(row), strict=True))
        return made

    def cells(self, row: Row) -> list[Any]:
        return [row.datastream_id, self.time(row), *self.figures(row)]

    def figures(self, row: Row) -> list[float | None]:
        """A whole number has no .0, as in the results."""
        if self.notes:
            self._note(row)
        return [int(one) if one is not None and abs(one) < MOST_EXACT and one % 1 == 0 else one for one in row.values]

    def time(self, row: Row) -> str:
        at, end = row.start, self._end(row.start)
        start = self.last[1] if at == self.last[0] else moment(at)  # mostly it begins when the one before has ended
        self.last = (end, moment(end))
        return f"{start}/{self.last[1]}"

    def _link(self, stream: int | None) -> dict[str, Any]:
        kind = "MultiDatastream" if stream in self.chosen.multi else "Datastream"
        return {f"{kind}@iot.navigationLink": f"{self.renderer.root}/{kind}s({stream})"}

    def _end(self, start: datetime) -> datetime:
        interval = self.asked.interval
        if interval is None:
            return self.chosen.until - TICK
        if isinstance(interval, timedelta):
            return start + interval
        if start not in self.ends:
            following = intervals(start, start + timedelta(days=DAYS_TO_NEXT[interval]), interval)
            self.ends[start] = following[1]
        return self.ends[start]

    def _note(self, row: Row) -> None:
        of = self.chosen.closed if row.datastream_id is None else self.chosen.closed & {row.datastream_id}
        if of:
            self.renderer.told.closed += 1
            self.renderer.told.streams |= of


def _table(page: Iterator[Row], asked: Aggregation, writer: Writer | None) -> Iterator[bytes]:
    yield csv.text([["Datastream/id", "phenomenonTime", *asked.functions]])
    while rows := list(islice(page, BLOCK)):
        assert writer is not None  # noqa: S101 (there are rows)
        yield csv.text([writer.cells(row) for row in rows])


def _json(page: Iterator[Row], writer: Writer | None) -> Iterator[bytes]:
    yield b'{"value":['
    first = True
    while rows := list(islice(page, BLOCK)):
        assert writer is not None  # noqa: S101 (there are rows)
        yield (b"" if first else b",") + orjson.dumps([writer.entity(row) for row in rows])[1:-1]
        first = False


def _closing(request: Request, renderer: Renderer, given: int) -> bytes:
    options = replace(request.options, skip=request.options.skip + given)
    address = as_text(replace(request, options=options, extra=()))
    return b'],"@iot.nextLink":' + orjson.dumps(f"{renderer.root}/{address}") + b"}"
