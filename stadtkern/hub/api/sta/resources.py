"""What a path means: a collection, an entity or a property of one; and that its parents are there for the reader.

`Things(1)/Datastreams(2)/Observations`: every step must hang at the one before, else the answer is 404 as for what is
not there; so nobody learns of what he does not see.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from stadtkern.core.problems import NotFound
from stadtkern.hub.api.sta.entities import ID_NAMES, OBSERVATIONS, EntitySet, Navigation, set_named
from stadtkern.hub.api.sta.nodes import Segment
from stadtkern.hub.api.sta.planning.scope import unknown
from stadtkern.hub.api.sta.planning.sql import Sql, all_of, filled, sql, value
from stadtkern.hub.api.sta.planning.world import World
from stadtkern.hub.domain.store.ids import first_moment, month_named_by
from stadtkern.hub.domain.store.months import YEARS_AHEAD

ENDINGS = {"$ref", "$value", "$count"}
LAST_MONTH = (2100 - 1970) * 12 + YEARS_AHEAD  # a number that names a month beyond was not given by us


@dataclass(frozen=True, slots=True)
class Step:
    """An entity on the way: of which set, by which navigation from the one before, with which id (None: to-one)."""

    entities: EntitySet
    way: Navigation | None
    id: int | None


@dataclass(slots=True)
class Resource:
    """`steps`: entities, the last of them the answer or the parent of the collection `entities` by `way`."""

    entities: EntitySet
    steps: list[Step] = field(default_factory=list)
    way: Navigation | None = None
    is_collection: bool = False
    part: tuple[str, ...] = ()
    ending: str = ""

    @property
    def address(self) -> str:
        return "/".join(_text(step) for step in self.steps)


def resource(path: Sequence[Segment]) -> Resource:
    """The meaning of a path. Raises NotFound with a sentence that names the part that means nothing."""
    first, *rest = path
    entities = set_named(first.name)
    if entities is None:
        raise NotFound(f"There is no '{first.name[:40]}' here; the service root lists the entity sets.")
    found = Resource(entities, is_collection=first.id is None)
    if first.id is not None:
        found.steps.append(Step(entities, None, first.id))
    for segment in rest:
        _go(found, segment)
    _check_ending(found)
    return found


def _go(found: Resource, segment: Segment) -> None:
    if segment.name in ENDINGS:
        found.ending = segment.name
    elif found.part:
        found.part = (*found.part, segment.name)
    elif found.is_collection:
        raise NotFound(f"'{found.entities.name}' are many; name one, as in {found.entities.name}(1).")
    elif (way := found.entities.navigations.get(segment.name)) is not None:
        _follow(found, way, segment.id)
    elif segment.id is None and (segment.name in found.entities.properties or segment.name in ID_NAMES):
        found.part = ("id" if segment.name in ID_NAMES else segment.name,)
    else:
        raise NotFound(f"{unknown(segment.name, found.entities)}.")


def _follow(found: Resource, way: Navigation, id: int | None) -> None:
    target = set_named(way.target)
    assert target is not None  # noqa: S101 (the entity table is closed in itself)
    if id is not None and not way.many:
        raise NotFound(f"'{way.name}' is one entity and takes no id.")
    found.entities, found.way = target, way
    found.is_collection = way.many and id is None
    if not found.is_collection:
        found.steps.append(Step(target, way, id))


def _check_ending(found: Resource) -> None:
    if found.ending == "$count" and not found.is_collection:
        raise NotFound("$count counts a collection.")
    if found.ending == "$value" and not found.part:
        raise NotFound("$value is the bare value of a property.")
    if found.ending == "$ref" and found.part:
        raise NotFound("A property has no $ref.")


def chain(world: World, steps: Sequence[Step], alias: str, *, by_month: bool = True) -> Sql:
    """The condition that row `alias` is the last step and all before it are as the path says."""
    *before, step = steps
    conditions = [world.visible(step.entities, alias)]
    if step.id is not None:
        conditions.append(sql(f"{alias}.id = {{}}", value(step.id, "bigint")))
        if by_month and step.entities is OBSERVATIONS:
            conditions.append(_in_month(alias, step.id))
    if before and step.way is not None:
        parent, other = before[-1], world.alias("s")
        key = filled(step.way.key, world.marks(other))
        link = world.related(step.way, alias, key)
        above = chain(world, before, other, by_month=by_month)
        exists = sql("exists (select 1 from {} where {})", world.rows(parent.entities, other), all_of([above, link]))
        conditions.append(exists)
    return all_of(conditions)


def parent_id(world: World, found: Resource) -> int | None:
    """The id of the entity a collection hangs at; None for a whole set. Raises NotFound."""
    if not found.steps:
        return None
    entities = found.steps[-1].entities
    for by_month in attempts(found):
        alias = world.alias("s")
        condition = chain(world, found.steps, alias, by_month=by_month)
        rows = world.ask(sql("select {}.id from {} where {}", Sql(alias), world.rows(entities, alias), condition))
        if rows:
            return int(rows[0][0])
    raise not_there(found)


def attempts(found: Resource) -> tuple[bool, ...]:
    """An observation is looked for in the month its number names, then everywhere: it may have been moved."""
    numbered = any(step.entities is OBSERVATIONS and step.id is not None for step in found.steps)
    return (True, False) if numbered else (True,)


def not_there(found: Resource) -> NotFound:
    return NotFound(f"There is no {found.address}, or you may not see it.")


def _in_month(alias: str, id: int) -> Sql:
    month = month_named_by(id)
    if month > LAST_MONTH:
        return Sql("false")
    return sql(
        f"{alias}.phenomenon_start >= {{}} and {alias}.phenomenon_start < {{}}",
        value(first_moment(month), "timestamptz"),
        value(first_moment(month + 1), "timestamptz"),
    )


def _text(step: Step) -> str:
    name = step.way.name if step.way else step.entities.name
    return name if step.id is None else f"{name}({step.id})"
