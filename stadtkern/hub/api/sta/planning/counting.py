"""$count=true: exact where that is cheap, else estimated, and then the answer says so.

All observations, or those of some datastreams, are summed up from hub_latest; others are counted up to a bound and a
time; beyond, the planner's estimate is given (FROST-Server's issues 287 and 2096: exact counts that take minutes).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import orjson
import psycopg

from stadtkern.hub.api.sta.entities import OBSERVATIONS, Navigation
from stadtkern.hub.api.sta.nodes import Node, paths_of
from stadtkern.hub.api.sta.planning.listing import OF_STREAMS, PARENT, Listing
from stadtkern.hub.api.sta.planning.plan import Child
from stadtkern.hub.api.sta.planning.scope import Scope
from stadtkern.hub.api.sta.planning.sql import Sql, all_of, sql, value
from stadtkern.hub.api.sta.planning.truth import condition
from stadtkern.hub.api.sta.planning.world import World
from stadtkern.hub.domain.connection import cursor

MOST_COUNTED = 100_000
MOST_MILLISECONDS = 1_000
COUNTING = "select count(*) from ({}) counted"


@dataclass(frozen=True, slots=True)
class Count:
    number: int
    is_estimated: bool = False


def count(listed: Listing, *, way: Navigation | None, key: Sql) -> Count:
    """How many entities a collection has for this reader."""
    world = listed.scope.world
    if _in_latest(listed, way):
        return Count(int(world.ask(_sum(listed, way, key))[0][0]))
    return _bounded(world, listed)


def counts_of_parents(child: Child, parents: Sequence[int]) -> dict[int, Count]:
    """How many each parent has, up to the bound."""
    listed = child.plan.listing
    if _in_latest(listed, child.way):
        counting = _sum(listed, child.way, PARENT)
    else:
        rows = sql("select 1 from {} limit {}", listed.matching(), value(MOST_COUNTED + 1, "bigint"))
        counting = sql(COUNTING, rows)
    text = "select p.id, c.number from unnest({}) p (id) cross join lateral ({}) c (number)"
    found = listed.scope.world.ask(sql(text, value(list(parents), "bigint[]"), counting))
    return {id: Count(int(number), is_estimated=number == MOST_COUNTED + 1) for id, number in found}


def _in_latest(listed: Listing, way: Navigation | None) -> bool:
    if listed.scope.entities is not OBSERVATIONS or listed.options.distinct:
        return False
    if way is not None and way not in OF_STREAMS:
        return False
    filter = listed.options.filter
    return filter is None or _speaks_of_streams(filter)


def _speaks_of_streams(node: Node) -> bool:
    """Whether every path goes through the datastream."""
    paths = list(paths_of(node))
    return bool(paths) and all(path.steps[0] in {"Datastream", "MultiDatastream"} for path in paths)


def _sum(listed: Listing, way: Navigation | None, key: Sql) -> Sql:
    """The same conditions over hub_latest, which has a row for each datastream."""
    scope = Scope.over(listed.scope.world, OBSERVATIONS)
    scope.observations = "hub_latest"
    conditions = [scope.visible()]
    if way is not None:
        conditions.append(scope.world.related(way, scope.alias, key))
    if listed.options.filter is not None:
        conditions.append(condition(listed.options.filter, scope))
    total = Sql(f"{scope.alias}.count")
    return sql("select coalesce(sum({}), 0) from {} where {}", total, scope.source, all_of(conditions))


def _bounded(world: World, listed: Listing) -> Count:
    rows = sql("select 1 from {} limit {}", listed.matching(), value(MOST_COUNTED + 1, "bigint"))
    try:
        with world.connection.transaction():
            cursor(world.connection).execute(f"set local statement_timeout = {MOST_MILLISECONDS}")
            number = int(world.ask(sql(COUNTING, rows))[0][0])
            cursor(world.connection).execute(f"set local statement_timeout = {world.most_milliseconds}")
    except psycopg.errors.QueryCanceled:
        return _estimated(world, listed, 0)
    return Count(number) if number <= MOST_COUNTED else _estimated(world, listed, number)


def _estimated(world: World, listed: Listing, least: int) -> Count:
    plan = world.ask(sql("explain (format json) select 1 from {}", listed.matching()))[0][0]
    tree = plan if isinstance(plan, list) else orjson.loads(plan)
    return Count(max(least, int(tree[0]["Plan"]["Plan Rows"])), is_estimated=True)
