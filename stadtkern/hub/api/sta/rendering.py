"""Rows become entities: names and links as SensorThings has them, expansions asked level by level and put in place."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote

from stadtkern.hub.api.sta.entities import EntitySet
from stadtkern.hub.api.sta.planning.columns import ABSENT, CLOSED, ID, SELF_LINK, STREAM, Row, Shown
from stadtkern.hub.api.sta.planning.counting import counts_of_parents
from stadtkern.hub.api.sta.planning.plan import BUDGET, Child, Plan
from stadtkern.hub.api.sta.planning.sql import Sql
from stadtkern.hub.api.sta.planning.world import World
from stadtkern.hub.api.sta.printer import SAFE_IN_QUERY, option_texts

Entity = dict[str, Any]


@dataclass(slots=True)
class Told:
    """What was given out, for the access log and for the bounds of a page."""

    rows: int = 0
    closed: int = 0
    streams: set[int] = field(default_factory=set)

    def note(self, row: Row) -> None:
        self.rows += 1
        if row[CLOSED]:
            self.closed += 1
            if row[STREAM] is not None:
                self.streams.add(row[STREAM])


@dataclass(slots=True)
class Renderer:
    """`root`: the address of the service, without a slash at its end."""

    world: World
    root: str
    told: Told = field(default_factory=Told)

    def entities(self, plan: Plan, rows: Sequence[Row]) -> list[Entity]:
        """Rows of one level with everything below them."""
        made = [self.entity(plan, row) for row in rows]
        for child in plan.children:
            if child.way.many:
                self._put_many(plan, child, rows, made)
            else:
                self._put_one(child, rows, made)
        return made

    def entity(self, plan: Plan, row: Row) -> Entity:
        """One entity without what is expanded."""
        self.told.note(row)
        columns = plan.listing.columns
        link = self.link(plan.entities, row[ID])
        made: Entity = {}
        if columns.with_self:
            made[SELF_LINK] = link
        if columns.with_id:
            made["@iot.id"] = row[ID]
        for shown in columns.shown:
            built = shown.build(*row[shown.start : shown.start + shown.width])
            if built is not None or shown.always:
                put(made, shown, built)
        for name in columns.links:
            if name != row[ABSENT] and name not in plan.expanded:
                made[f"{name}@iot.navigationLink"] = f"{link}/{name}"
        return made

    def link(self, entities: EntitySet, id: int) -> str:
        return f"{self.root}/{entities.name}({id})"

    def ones(self, child: Child, rows: Sequence[Row]) -> list[Row]:
        """The rows of a to-one relation, each once."""
        keys = sorted({row[child.column] for row in rows if row[child.column] is not None})
        return self._ask(child.plan.listing.with_ids(keys)) if keys else []

    def _put_one(self, child: Child, rows: Sequence[Row], made: list[Entity]) -> None:
        found = self.ones(child, rows)
        by_id = {row[ID]: entity for row, entity in zip(found, self.entities(child.plan, found), strict=True)}
        for row, entity in zip(rows, made, strict=True):
            if child.way.name != row[ABSENT]:
                entity[child.way.name] = by_id.get(row[child.column])

    def _put_many(self, plan: Plan, child: Child, rows: Sequence[Row], made: list[Entity]) -> None:
        parents = [row[ID] for row in rows]
        most = min(child.plan.top, max(1, BUDGET // max(1, len(parents))))
        found, more = self._of_parents(child, parents, most)
        below = self.entities(child.plan, found)
        by_parent: dict[int, list[Entity]] = {id: [] for id in parents}
        for row, entity in zip(found, below, strict=True):
            by_parent[row[-1]].append(entity)
        link = _following(child, most) if more else ""
        counts = counts_of_parents(child, parents) if child.plan.listing.options.count and parents else {}
        for id, entity in zip(parents, made, strict=True):
            entity[child.way.name] = by_parent[id]
            if id in counts:
                entity.update(counted(counts[id], f"{child.way.name}@iot."))
            if id in more:
                entity[f"{child.way.name}@iot.nextLink"] = f"{self.link(plan.entities, id)}/{link}"

    def _of_parents(self, child: Child, parents: list[int], most: int) -> tuple[list[Row], set[int]]:
        """Rows of all parents, at most `most` each, and the parents that have more."""
        listed = child.plan.listing
        if not parents or most == 0:
            return [], set()
        if listed.newest_only:
            found = self._ask(listed.newest_of_parents(parents))
            return found, {row[-1] for row in found if row[-2] > 1}
        found = self._ask(listed.of_parents(parents, limit=most + 1))
        return [row for row in found if row[-2] <= most], {row[-1] for row in found if row[-2] > most}

    def _ask(self, statement: Sql) -> list[Row]:
        return self.world.ask(statement)


def _following(child: Child, most: int) -> str:
    """Where the list of any parent goes on, below the parent's address."""
    options = child.plan.listing.options
    texts = option_texts(replace(options, skip=options.skip + most, top=child.plan.top))
    return f"{child.way.name}?" + "&".join(f"{name}={quote(text, safe=SAFE_IN_QUERY)}" for name, text in texts)


def put(made: Entity, shown: Shown, built: Any) -> None:
    """A property, or a part of one at its place inside the property."""
    if not shown.path:
        made[shown.name] = built
        return
    place = made.setdefault(shown.name, {})
    if not isinstance(place, dict):
        return
    for step in shown.path[:-1]:
        inner = place.setdefault(step, {})
        if not isinstance(inner, dict):
            return
        place = inner
    place[shown.path[-1]] = built


def counted(count: Any, prefix: str = "@iot.") -> Entity:
    """The members that tell a count."""
    told: Entity = {f"{prefix}count": count.number}
    if count.is_estimated:
        told[f"{prefix}countIsEstimated"] = True
    return told
