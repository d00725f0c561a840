"""The tree of a request: a listing for each level of $expand, with how many rows one parent may bring."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from stadtkern.hub.api.sta.entities import EntitySet, Navigation, set_named
from stadtkern.hub.api.sta.nodes import Expansion, Options
from stadtkern.hub.api.sta.planning.listing import PARENT, Listing, Only, in_order, listing
from stadtkern.hub.api.sta.planning.scope import unknown
from stadtkern.hub.api.sta.planning.sql import Sql, filled
from stadtkern.hub.api.sta.planning.world import World
from stadtkern.hub.api.sta.syntax import SyntaxProblem

USUAL, MOST, MOST_STREAMED = 100, 10_000, 1_000_000
BUDGET = 100_000  # rows of one statement of an expansion


@dataclass(slots=True)
class Plan:
    """One level. `top`: most rows of a page, or of one parent."""

    entities: EntitySet
    listing: Listing
    top: int
    children: list["Child"] = field(default_factory=list)
    expanded: set[str] = field(default_factory=set)

    @property
    def weight(self) -> int:
        """How many rows of all levels below one row may bring."""
        return sum(child.rows * (1 + child.plan.weight) for child in self.children)

    @property
    def block(self) -> int:
        """How many rows are answered together: one statement for each level below."""
        return max(20, min(5_000, BUDGET // (1 + self.weight)))


@dataclass(slots=True)
class Child:
    """An expansion. `column`: where a row of the parent has the key of a to-one relation."""

    way: Navigation
    plan: Plan
    column: int = 0

    @property
    def rows(self) -> int:
        return self.plan.top if self.way.many else 1


def usual_top(form: str) -> int:
    """$top when a request says none. A table has no link to a next page, so it has all."""
    return MOST_STREAMED if form == "csv" else USUAL


def plan(
    world: World,
    entities: EntitySet,
    options: Options,
    *,
    way: Navigation | None = None,
    key: Sql = PARENT,
    most: int = MOST,
    only: Only | None = None,
    grouped: bool = False,
    usual: int = USUAL,
) -> Plan:
    """Plan a collection with its expansions (see `listing`); `usual`: $top, when the request says none.

    Raises SyntaxProblem and BadQuery.
    """
    found = listing(world, entities, options, way=way, key=key, only=only, grouped=grouped)
    top = min(usual if options.top is None else options.top, most)
    planned = Plan(entities, found, top)
    for term in options.expand:
        planned.children.append(_child(world, planned, term))
        planned.expanded.add(term.name)
    return planned


def _child(world: World, parent: Plan, term: Expansion) -> Child:
    way = parent.entities.navigations.get(term.name)
    if way is None:
        raise SyntaxProblem(unknown(term.name, parent.entities), where="$expand", at=term.at)
    target = set_named(way.target)
    assert target is not None  # noqa: S101 (the entity table is closed in itself)
    if term.query.apply is not None or term.query.distinct:
        raise SyntaxProblem("$apply and distinct: do not go inside $expand", where="$expand", at=term.at)
    if way.many:
        options = in_order(term.query, target, way)
        return Child(way, plan(world, target, options, way=way))
    _check_one(term)
    listed = parent.listing
    listed.keys.append(filled(way.key, world.marks(listed.scope.alias)))
    column = listed.width - 1
    return Child(way, plan(world, target, replace(term.query, top=1)), column)


def _check_one(term: Expansion) -> None:
    query = term.query
    asked: Sequence[object] = (query.filter, query.order, query.skip, query.count, query.top)
    if any(asked):
        raise SyntaxProblem(
            f"'{term.name}' is one entity; only $select and $expand go with it", where="$expand", at=term.at
        )
