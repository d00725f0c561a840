"""What all statements of one request share: the connection, who asks, the moment, where observations are read."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from time import monotonic
from typing import Any

import psycopg

from stadtkern.hub.api.sta.entities import EntitySet, Navigation
from stadtkern.hub.api.sta.planning.sql import TRUE, Sql, all_of, filled, named
from stadtkern.hub.domain.connection import cursor
from stadtkern.hub.domain.readers import Reader

EVERYBODY = "everybody"


@dataclass(slots=True)
class World:
    """`observations`: the table expression observations are read from (the archive puts a union there).

    `places`: how many geometries were read for functions on places.
    """

    connection: "psycopg.Connection[Any]"
    reader: Reader
    now: datetime
    observations: str = "hub_observation"
    most_milliseconds: int = 10_000
    numbers: Iterator[int] = field(default_factory=count)
    begun: float = field(default_factory=monotonic)
    places: int = 0

    @property
    def is_late(self) -> bool:
        """Whether the request has taken as long as one statement may."""
        return monotonic() - self.begun > self.most_milliseconds / 1000

    def alias(self, letter: str) -> str:
        """A name that is new in this request."""
        return f"{letter}{next(self.numbers)}"

    def sees(self, kind: str, alias: str) -> Sql:
        """The reader's condition for one kind of rows: thing, datastream, owned, everybody."""
        if kind == EVERYBODY or self.reader.everything:
            return TRUE
        text = {
            "thing": self.reader.sees_thing,
            "datastream": self.reader.sees_datastream,
            "owned": self.reader.sees_owned,
        }[kind](alias)
        return named(text, self.reader.parameters)

    def marks(self, alias: str, key: Sql = TRUE) -> dict[str, Sql]:
        """What the marks in the templates of the entity table stand for."""
        return {
            "t": Sql(alias),
            "k": key,
            "observations": Sql(self.observations),
            "sees_f": self.sees("owned", "f"),
            "sees_g": self.sees("owned", "g"),
        }

    def rows(self, entities: EntitySet, alias: str, observations: str = "") -> Sql:
        """The FROM clause of a set; `visible` belongs to it. `observations`: another table of their shape."""
        marks = self.marks(alias)
        if observations:
            marks["observations"] = Sql(observations)
        return filled(entities.rows, marks)

    def visible(self, entities: EntitySet, alias: str) -> Sql:
        """Rows of this set, of this kind, that the reader may see."""
        marks = self.marks(alias)
        guard = filled(entities.guard, marks).text
        return all_of([filled(entities.where, marks), self.sees(entities.seen, guard)])

    def related(self, way: Navigation, alias: str, key: Sql) -> Sql:
        """The condition that rows `alias` of the target hang at the parent with this key."""
        return self.template(way.on, alias, key)

    def template(self, text: str, alias: str, key: Sql = TRUE) -> Sql:
        """A template of the entity table for rows `alias` of a parent."""
        return filled(text, self.marks(alias, key))

    def ask(self, statement: Sql) -> list[tuple[Any, ...]]:
        """All rows of a statement, in binary: Django reads moments in text, and slowly."""
        return cursor(self.connection).execute(statement.text, statement.params, binary=True).fetchall()
