"""Stations on a map: single ones, and many in a cell of the screen as one."""

from dataclasses import dataclass
from typing import Any

from stadtkern.hub.domain.connection import cursor, here
from stadtkern.hub.domain.readers import Reader
from stadtkern.hub.domain.stations.listing import Station, asked_of, fitting, stations_by_id
from stadtkern.hub.domain.stations.query import StationQuery

CELL, TILE = 64, 512  # pixels
MOST_CELLS = 600
SINGLE_FROM = 17  # from this zoom on nothing is put together

CELLS = """
select count(*), avg(place.lat), avg(place.lon), min(t.id) {fitting}
  and place.lon between %(west)s and %(east)s and place.lat between %(south)s and %(north)s
group by {cell} order by 1 desc, 4 limit %(most)s
"""
BY_GRID = "floor(place.lon / %(cell)s::double precision), floor(place.lat / %(cell)s::double precision * 1.6)"


@dataclass(frozen=True, slots=True)
class Mark:
    """One station, or `count` of them around a point (degrees)."""

    lat: float
    lon: float
    count: int
    station: Station | None


def marks(query: StationQuery, *, box: tuple[float, float, float, float], zoom: float, reader: Reader) -> list[Mark]:
    """Marks in a view (west, south, east, north in degrees), at most MOST_CELLS, the fullest first."""
    west, south, east, north = box
    cell = "t.id" if zoom >= SINGLE_FROM else BY_GRID
    asked: dict[str, Any] = asked_of(query.first_page(), reader) | {"most": MOST_CELLS, "cell": cell_size(zoom)}
    asked |= {"west": west, "south": south, "east": east, "north": north}
    rows = cursor(here()).execute(CELLS.format(fitting=fitting(reader), cell=cell), asked).fetchall()
    single = stations_by_id([id for count, _lat, _lon, id in rows if count == 1], reader=reader)
    return [Mark(lat, lon, count, single.get(id) if count == 1 else None) for count, lat, lon, id in rows]


def cell_size(zoom: float) -> float:
    """Degrees of longitude that CELL pixels show."""
    return CELL * 360.0 / (TILE * 2.0**zoom)
