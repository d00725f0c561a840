"""Which datastreams and which span a request with $apply means, as far as its reader sees them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from stadtkern.core.problems import BadQuery
from stadtkern.hub.api.sta.entities import OBSERVATIONS
from stadtkern.hub.api.sta.nodes import Binary, Literal, Node, Options, Path, paths_of
from stadtkern.hub.api.sta.planning.scope import Scope
from stadtkern.hub.api.sta.planning.spans import TICK, Span, parts_of, span_of_part
from stadtkern.hub.api.sta.planning.sql import Sql, all_of, sql, value
from stadtkern.hub.api.sta.planning.truth import condition
from stadtkern.hub.api.sta.planning.world import World
from stadtkern.hub.api.sta.resources import Resource, parent_id
from stadtkern.hub.domain.store.aggregating import widened

MOST_STREAMS = 100_000
STREAMS = {"Datastream", "MultiDatastream"}
APART = ("Datastream",)
_STREAMS = """
select {t}.datastream_id, {t}d.is_multi, {t}d.visibility <> 'public', {t}.first_start,
    {t}.phenomenon_start, {t}d.unit::text
from {} where {} order by 1 limit {}"""


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


def choose(world: World, found: Resource, options: Options) -> Chosen | None:
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
