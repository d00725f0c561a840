"""Names in an expression become columns: joins to related entities are made as they are needed, once each.

To-one relations are left joins in which the reader's condition stands, so what is not seen is null; to-many relations
are bound by an EXISTS (truth.py) before their properties can be named.
"""

from dataclasses import dataclass, field

from stadtkern.hub.api.sta.entities import ID_NAMES, EntitySet, Kind, Navigation, Property, set_named
from stadtkern.hub.api.sta.nodes import Path
from stadtkern.hub.api.sta.planning.sql import Sql, all_of, filled, joined, sql, value
from stadtkern.hub.api.sta.planning.values import Value
from stadtkern.hub.api.sta.planning.world import World
from stadtkern.hub.api.sta.syntax import SyntaxProblem

JOINED = "j"  # first letter of the aliases of left joins
Prefix = tuple[str, ...]
Bound = tuple[EntitySet, str]


@dataclass(slots=True)
class Scope:
    """Rows of one entity set under an alias, what is joined to them, and the scope around (of an EXISTS).

    `observations`: what stands for the table of observations here, when it is not the world's.
    """

    world: World
    entities: EntitySet
    alias: str
    where: str = "$filter"
    outer: "Scope | None" = None
    bound: dict[Prefix, Bound] = field(default_factory=dict)
    joins: list[Sql] = field(default_factory=list)
    observations: str = ""

    @classmethod
    def over(cls, world: World, entities: EntitySet, where: str = "$filter") -> "Scope":
        alias = world.alias("e")
        return cls(world, entities, alias, where, bound={(): (entities, alias)})

    def inside(self, bound: dict[Prefix, Bound]) -> "Scope":
        """A scope for an EXISTS over these related rows."""
        return Scope(self.world, self.entities, self.alias, self.where, self, bound)

    @property
    def source(self) -> Sql:
        """FROM, with all joins made so far."""
        rows = self.world.rows(self.entities, self.alias, self.observations)
        return joined([rows, *self.joins], "\n")

    def visible(self) -> Sql:
        return self.world.visible(self.entities, self.alias)

    def knows(self, prefix: Prefix) -> Bound | None:
        """The rows a prefix of a path stands for, here or in a scope around."""
        found = self.bound.get(prefix)
        return found or (self.outer.knows(prefix) if self.outer else None)

    def problem(self, reason: str, at: int) -> SyntaxProblem:
        return SyntaxProblem(reason, where=self.where, at=at)

    def value(self, path: Path) -> Value:
        """The property a path names. Raises SyntaxProblem."""
        (entities, alias), rest = self._walk(path)
        if not rest:
            raise self.problem(f"'{'/'.join(path.steps)}' names entities; name one of their properties", path.at)
        name = "id" if rest[0] in ID_NAMES else rest[0]
        if name not in entities.properties:
            raise self.problem(unknown(rest[0], entities), path.at)
        return self._property(entities.properties[name], alias, rest[1:], path)

    def source_of(self, path: Path) -> Bound:
        """The entity set and alias whose property a path names."""
        return self._walk(path)[0]

    def _walk(self, path: Path) -> tuple[Bound, Prefix]:
        known: Prefix = ()
        bound = self.knows(())
        assert bound is not None  # noqa: S101 (every scope begins with its own rows)
        for length in range(1, len(path.steps) + 1):
            prefix = path.steps[:length]
            found = self.knows(prefix) or self._join(bound, prefix, path)
            if found is None:
                break
            known, bound = prefix, found
        return bound, path.steps[len(known) :]

    def _join(self, parent: Bound, prefix: Prefix, path: Path) -> Bound | None:
        entities, alias = parent
        way = entities.navigations.get(prefix[-1])
        if way is None:
            return None
        if way.many:
            raise self.problem(f"'{way.name}' are many; they can be filtered by, but not sorted by", path.at)
        target = set_named(way.target)
        assert target is not None  # noqa: S101 (the entity table is closed in itself)
        fresh = self.world.alias(JOINED)
        owner = self._owner(prefix[:-1])
        owner.joins.append(one_joined(self.world, way, target, alias, fresh))
        owner.bound[prefix] = (target, fresh)
        return target, fresh

    def _owner(self, prefix: Prefix) -> "Scope":
        """The scope that has bound a prefix."""
        if prefix in self.bound or self.outer is None:
            return self
        return self.outer._owner(prefix)

    def _property(self, found: Property, alias: str, steps: Prefix, path: Path) -> Value:
        marks = self.world.marks(alias)
        columns = [filled(column, marks) for column in found.columns]
        if not steps:
            nullable = found.nullable or alias.startswith(JOINED)  # a left join may find nothing
            return Value(found.kind, columns[0], tuple(columns[1:]), nullable=nullable, at=path.at)
        if found.kind == Kind.RESULT:
            return Value(Kind.JSON, _inside(columns[2], steps), at=path.at)
        if found.kind not in (Kind.JSON, Kind.PLACE):
            raise self.problem(f"'{found.name}' has no parts", path.at)
        return Value(Kind.JSON, _inside(columns[0], steps), at=path.at)


def one_joined(world: World, way: Navigation, target: EntitySet, alias: str, fresh: str) -> Sql:
    """LEFT JOIN of a to-one relation; rows the reader does not see stay away."""
    key = filled(way.key, world.marks(alias))
    condition = all_of([world.related(way, fresh, key), world.visible(target, fresh)])
    rows = world.rows(target, fresh)
    return sql("left join ({}) on {}" if " join " in rows.text else "left join {} on {}", rows, condition)


def unknown(name: str, entities: EntitySet) -> str:
    known = ", ".join((*entities.properties, *entities.navigations))
    return f"{entities.name} have no '{name[:40]}'; they have {known}"


def _inside(column: Sql, steps: Prefix) -> Sql:
    return sql("({} #> {})", column, value(list(steps), "text[]"))
