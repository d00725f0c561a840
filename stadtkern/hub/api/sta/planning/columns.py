"""What of an entity is answered: the columns to read and how a row of them becomes names and values.

$select names properties, paths into JSON and navigations; without it everything is answered, apart from optional
properties that have no value (OGC 18-088, clause 9.3.2.2).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from orjson import Fragment

from stadtkern.hub.api.sta.entities import ID_NAMES, EntitySet, Kind, Property
from stadtkern.hub.api.sta.planning.scope import Prefix, unknown
from stadtkern.hub.api.sta.planning.sql import Sql, filled, sql, value
from stadtkern.hub.api.sta.planning.world import World
from stadtkern.hub.api.sta.quality import quality_of
from stadtkern.hub.api.sta.syntax import SyntaxProblem
from stadtkern.hub.api.sta.times import moment, period

SELF_LINK = "@iot.selfLink"
LINKS = {SELF_LINK, "selfLink"}
MOST_EXACT = 2**53
ID, CLOSED, STREAM, ABSENT = range(4)
FIXED = 4

Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """One name of the answer: from the columns at `start`, made by `build`. `path`: where a JSON part came from."""

    name: str
    start: int
    width: int
    build: Callable[..., Any]
    always: bool
    path: Prefix = ()
    kind: Kind = Kind.TEXT


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of one statement. The first are FIXED: the id, whether the row is not public, its datastream, the
    navigation it has not got."""

    sqls: tuple[Sql, ...]
    shown: tuple[Shown, ...]
    links: tuple[str, ...]
    with_id: bool
    with_self: bool


def columns(world: World, entities: EntitySet, alias: str, select: Sequence[str]) -> Columns:
    """The columns for a $select; () is everything. Raises SyntaxProblem for a name that is not there."""
    marks = world.marks(alias)
    closed = "false" if world.reader.is_anonymous else entities.closed
    sqls = [filled(one, marks) for one in ("{t}.id", closed, entities.stream, entities.absent)]
    shown: list[Shown] = []
    names = select or [name for name in entities.properties if name != "id"]
    for name in names:
        if name in ID_NAMES or name in LINKS or name in entities.navigations:
            continue
        found, path = _property(entities, name)
        read = [_wire(found, filled(column, marks), path) for column in found.wire]
        build = _BUILDERS.get(found.name) or _BUILDERS[Kind.JSON if path else found.kind]
        always = bool(select) or not found.nullable or found.mandatory
        shown.append(Shown(found.name, len(sqls), len(read), build, always, path, found.kind))
        sqls += read
    links = tuple(name for name in entities.navigations if not select or name in select)
    wanted = set(select)
    return Columns(
        tuple(sqls), tuple(shown), links, not select or bool(wanted & ID_NAMES), not select or bool(wanted & LINKS)
    )


def _property(entities: EntitySet, name: str) -> tuple[Property, Prefix]:
    first, *path = name.split("/")
    found = entities.properties.get(first)
    if found is None:
        raise SyntaxProblem(unknown(first, entities), where="$select")
    if path and found.kind not in (Kind.JSON, Kind.PLACE, Kind.RESULT):
        raise SyntaxProblem(f"'{first}' has no parts", where="$select")
    return found, tuple(path)


def _wire(found: Property, column: Sql, path: Prefix) -> Sql:
    if path:
        return sql("({} #> {})::text", column, value(list(path), "text[]"))
    json = found.kind in (Kind.JSON, Kind.PLACE) and not column.text.endswith(".flags")
    return sql("({})::text", column) if json or column.text.endswith(".json") else column


def json_text(text: str | None) -> Any:
    """jsonb as it came from PostgreSQL: it goes out without being read."""
    return None if text is None else Fragment(text)


def result(number: float | None, text: str | None, json: str | None) -> Any:
    """A whole number has no .0 on the wire."""
    if number is not None:
        return int(number) if number.is_integer() and abs(number) < MOST_EXACT else number
    return text if text is not None else json_text(json)


_BUILDERS: dict[Any, Callable[..., Any]] = {
    Kind.TEXT: lambda text: text,
    Kind.NUMBER: lambda number: number,
    Kind.JSON: json_text,
    Kind.PLACE: json_text,
    Kind.MOMENT: lambda at: None if at is None else moment(at),
    Kind.PERIOD: period,
    Kind.RESULT: result,
    "resultQuality": quality_of,
}
