"""Functions on places: GEOS (shapely) computes them exactly for the rows that can matter, SQL gets the outcome.

The candidates are read first, by the boxes around them where the function allows; relations become a list of ids,
distances and lengths a table of id and value. Units are those of the coordinates (EPSG:4326): degrees.
Source: OGC 18-088, tables 30 and 31; OGC 06-103r4 for the relations.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from stadtkern.core.problems import BadQuery
from stadtkern.hub.api.sta.entities import EntitySet, Kind
from stadtkern.hub.api.sta.nodes import Call, Literal, Node, Path
from stadtkern.hub.api.sta.planning.scope import Scope
from stadtkern.hub.api.sta.planning.sql import FALSE, NULL, TRUE, Sql, all_of, filled, sql, value
from stadtkern.hub.api.sta.planning.values import Value, constant

MOST_CANDIDATES = 200_000  # of one request
RELATIONS = {
    "geo.intersects": "intersects",
    "st_intersects": "intersects",
    "st_equals": "equals",
    "st_disjoint": "disjoint",
    "st_touches": "touches",
    "st_within": "within",
    "st_overlaps": "overlaps",
    "st_crosses": "crosses",
    "st_contains": "contains",
    "st_relate": "relate_pattern",
}
MEASURES = {"geo.distance": "distance", "geo.length": "length"}
PLACES = {*RELATIONS, *MEASURES}
BOXED = {"Locations", "FeaturesOfInterest"}
ANYWHERE = {"st_disjoint", "st_relate", "geo.length"}
_PATTERN = re.compile(r"[012TFtf*]{9}")

Reading = Callable[[Node], Value]


@dataclass(frozen=True, slots=True)
class Shapes:
    """A property that holds places: whose it is."""

    entities: EntitySet
    alias: str


def placed(node: Call, read: Reading, scope: Scope, within: float | None = None) -> Value:
    """The value of a function on places. `within`: distances above are of no interest.

    Raises SyntaxProblem, and BadQuery when there are too many candidates.
    """
    operands = [_operand(argument, read, scope) for argument in node.arguments[:2]]
    extra = [_pattern(node, scope)] if node.name == "st_relate" else []
    held = [one for one in operands if isinstance(one, Shapes)]
    if len(held) > 1:
        raise scope.problem(f"one of the places of {node.name} is written as geography'...'", node.at)
    if not held:
        outcome = _function(node.name)(*operands, *extra)
        return constant(float(outcome) if node.name in MEASURES else bool(outcome), node.at)
    ids, outcomes = _computed(node, operands, extra, scope, within)
    if node.name in MEASURES:
        return Value(Kind.NUMBER, _measured(held[0], ids, outcomes, scope), at=node.at)
    chosen = [id for id, outcome in zip(ids, outcomes, strict=True) if outcome]
    listed = sql(f"{held[0].alias}.id = any({{}})", value(chosen, "bigint[]")) if chosen else FALSE
    return Value(Kind.TRUTH, listed, at=node.at)


def _operand(argument: Node, read: Reading, scope: Scope) -> Any:
    import shapely

    found = read(argument)
    if found.kind != Kind.PLACE:
        raise found.misfit("a place", scope.where)
    if found.is_constant:
        shape = shapely.from_wkt(found.constant)
        shapely.prepare(shape)
        return shape
    assert isinstance(argument, Path)  # noqa: S101 (only properties hold places)
    return Shapes(*scope.source_of(argument))


def _pattern(node: Call, scope: Scope) -> str:
    given = node.arguments[2]
    if not isinstance(given, Literal) or not isinstance(given.value, str) or not _PATTERN.fullmatch(given.value):
        raise scope.problem("the third argument of st_relate is nine of 0, 1, 2, T, F, * (DE-9IM)", given.at)
    return given.value.upper()


def _function(name: str) -> Callable[..., Any]:
    import shapely

    found: Callable[..., Any] = getattr(shapely, RELATIONS.get(name) or MEASURES[name])
    return found


def _computed(
    node: Call, operands: Sequence[Any], extra: Sequence[str], scope: Scope, within: float | None
) -> tuple[list[int], list[Any]]:
    """Ids of the candidates with a usable geometry, and the function's outcome for each."""
    import shapely

    shapes = next(one for one in operands if isinstance(one, Shapes))
    other = next((one for one in operands if not isinstance(one, Shapes)), None)
    rows = _candidates(shapes.entities, _near(node.name, shapes.entities, other, within), scope)
    geometries = shapely.from_geojson([text for _id, text in rows], on_invalid="ignore")
    usable = ~(shapely.is_missing(geometries) | shapely.is_empty(geometries))
    kept = geometries[usable]
    ids = [id for (id, _text), good in zip(rows, usable, strict=True) if good]
    arguments = [kept if isinstance(one, Shapes) else one for one in operands]
    return ids, _function(node.name)(*arguments, *extra).tolist() if ids else []


def _near(name: str, entities: EntitySet, other: Any, within: float | None) -> Sql:
    """The condition on boxes that every row of interest fulfils."""
    if entities.name not in BOXED or name in ANYWHERE or (name in MEASURES and within is None):
        return TRUE
    import shapely

    west, south, east, north = (float(edge) for edge in shapely.bounds(other))
    wider = (within or 0.0) + 1e-9
    edges = (
        ("west <=", east + wider),
        ("east >=", west - wider),
        ("south <=", north + wider),
        ("north >=", south - wider),
    )
    return all_of([sql(f"{{{{t}}}}.{edge} {{}}", value(limit, "float8")) for edge, limit in edges])


def _candidates(entities: EntitySet, near: Sql, scope: Scope) -> list[tuple[int, str]]:
    world = scope.world
    alias = world.alias("g")
    marks = world.marks(alias)
    statement = sql(
        "select {}.id, ({})::text from {} where {} limit {}",
        Sql(alias),
        filled(entities.place, marks),
        world.rows(entities, alias),
        all_of([world.visible(entities, alias), Sql(near.text.replace("{t}", alias), near.params)]),
        value(MOST_CANDIDATES - world.places + 1, "bigint"),
    )
    rows = world.ask(statement)
    world.places += len(rows)
    if world.places > MOST_CANDIDATES:
        raise BadQuery(
            f"There are more than {MOST_CANDIDATES} places to compute this for; say more about where, "
            "for example with st_within(..., geography'POLYGON ((...))')."
        )
    return [(id, text) for id, text in rows if text]


def _measured(shapes: Shapes, ids: list[int], outcomes: list[Any], scope: Scope) -> Sql:
    """A join that brings the values; null where there is none."""
    if not ids:
        return sql("({}::float8)", NULL)
    alias = scope.world.alias("v")
    scope.joins.append(
        sql(
            f"left join unnest({{}}, {{}}) {alias} (id, measure) on {alias}.id = {shapes.alias}.id",
            value(ids, "bigint[]"),
            value([float(one) for one in outcomes], "float8[]"),
        )
    )
    return Sql(f"{alias}.measure")
