"""Entities with a place as a GeoJSON FeatureCollection (RFC 7946): GIS programs read it as a layer. Our extension."""

from collections.abc import Iterator

import orjson
from orjson import Fragment

from stadtkern.core.problems import BadQuery
from stadtkern.hub.api.sta.entities import SETS
from stadtkern.hub.api.sta.formats.cells import cells, check_flat, names
from stadtkern.hub.api.sta.formats.json import closing, opening
from stadtkern.hub.api.sta.paging import Page
from stadtkern.hub.api.sta.planning.columns import ID
from stadtkern.hub.api.sta.planning.counting import Count
from stadtkern.hub.api.sta.planning.plan import Plan
from stadtkern.hub.api.sta.planning.sql import filled, sql
from stadtkern.hub.api.sta.planning.world import World
from stadtkern.hub.api.sta.rendering import Renderer, counted

TYPE = "application/geo+json"
OWN = frozenset({"location", "feature", "observedArea"})


def read_places(world: World, plan: Plan) -> None:
    """Have the geometry read with each row; it becomes the last key. Raises BadQuery for a set without places."""
    if not plan.entities.place:
        raise BadQuery(f"'{plan.entities.name}' have no place; $resultFormat=geojson goes with {_placed()}.")
    listed = plan.listing
    if listed.options.distinct:
        raise BadQuery("$select=distinct: has no place; $resultFormat=geojson does not go with it.")
    listed.keys.append(sql("({})::text", filled(plan.entities.place, world.marks(listed.scope.alias))))


def features(page: Page, renderer: Renderer, count: Count | None) -> Iterator[bytes]:
    check_flat(page.plan, "geojson")
    head = {"type": "FeatureCollection"} | ({} if count is None else counted(count))
    yield opening(head) + b'"features":['
    headings, place = names(page.plan, without=OWN), page.plan.listing.width - 1
    first = True
    for rows in page.blocks():
        values = cells(page.plan, rows, renderer, without=OWN)
        made = [
            {
                "type": "Feature",
                "id": row[ID],
                "geometry": None if row[place] is None else Fragment(row[place]),
                "properties": dict(zip(headings, one, strict=True)),
            }
            for row, one in zip(rows, values, strict=True)
        ]
        yield (b"" if first else b",") + orjson.dumps(made)[1:-1]
        first = False
    yield b"]" + closing(page, renderer)


def _placed() -> str:
    return ", ".join(one.name for one in SETS.values() if one.place)
