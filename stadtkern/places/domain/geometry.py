"""Which district is a point in? Exact, from the pack's outlines, kept in memory per process.

A point on a shared border belongs to exactly one district: the one with the lowest official number. A point that
lies in the city but, by rounding, in no district belongs to the nearest one.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import shapely
from shapely.geometry import Point, shape
from shapely.geometry.base import BaseGeometry

from stadtkern.core.city import city
from stadtkern.places.domain.projection import checked, from_25832, to_25832

__all__ = ["Location", "district_at", "district_names", "districts_of", "from_25832", "locate", "to_25832"]


@dataclass(frozen=True, slots=True)
class Location:
    """Where a point is: inside the city or how many metres outside, its district, the nearest known address."""

    inside: bool
    district_key: str = ""
    address: str = ""
    distance_m: float | None = None


@dataclass(frozen=True, slots=True)
class Outline:
    """One district: its facts and its shape in degrees."""

    key: str
    name: str
    ref: int
    shape: BaseGeometry
    geometry: dict[str, Any]
    population: int | None = None


@dataclass(frozen=True)
class Ground:
    """The outlines of one city, ready for questions."""

    boundary: BaseGeometry
    districts: tuple[Outline, ...]


def locate(lat: float, lon: float, *, with_address: bool = True) -> Location:
    """Where this point is. Numbers that are no place on earth raise BadInput."""
    lat, lon = checked(lat, lon)
    district = district_at(lat, lon)
    if district is None:
        return Location(inside=False, distance_m=_metres_outside(lat, lon))
    return Location(
        inside=True,
        district_key=district.key,
        address=_address(lat, lon) if with_address else "",
        distance_m=0.0,
    )


def district_at(lat: float, lon: float) -> Outline | None:
    """The one district of a point, None outside the city."""
    here, point = ground(), Point(lon, lat)
    for district in here.districts:
        if district.shape.covers(point):
            return district
    if not here.boundary.covers(point):
        return None
    return min(here.districts, key=lambda district: district.shape.distance(point))


def districts_of(points: Sequence[tuple[float, float]]) -> list[str]:
    """District keys of many (lat, lon) at once, "" outside; for imports of hundreds of thousands."""
    if not points:
        return []
    lats, lons = zip(*points, strict=True)
    cells = shapely.points(lons, lats)
    found = [""] * len(points)
    for district in reversed(ground().districts):
        for index in shapely.covers(district.shape, cells).nonzero()[0]:
            found[index] = district.key
    for index in shapely.covers(ground().boundary, cells).nonzero()[0]:
        if not found[index] and (nearest := district_at(lats[index], lons[index])):
            found[index] = nearest.key
    return found


def district_names() -> dict[str, str]:
    """Key to name, in the official order."""
    return {district.key: district.name for district in ground().districts}


def ground() -> Ground:
    """The outlines of this installation's city."""
    return _ground(city().folder)


def read_districts(folder: Path) -> tuple[Outline, ...]:
    """The districts of a pack, sorted by official number."""
    features = json.loads((folder / "districts.geojson").read_text(encoding="utf-8"))["features"]
    outlines = (_outline(feature) for feature in features)
    return tuple(sorted(outlines, key=lambda district: (district.ref, district.key)))


@lru_cache(maxsize=4)
def _ground(folder: Path) -> Ground:
    features = json.loads((folder / "boundary.geojson").read_text(encoding="utf-8"))["features"]
    boundary = shapely.union_all([shape(feature["geometry"]) for feature in features])
    districts = read_districts(folder)
    for prepared in (boundary, *(district.shape for district in districts)):
        shapely.prepare(prepared)
    return Ground(boundary, districts)


def _outline(feature: dict[str, Any]) -> Outline:
    given, geometry = feature["properties"], feature["geometry"]
    return Outline(
        key=given["key"],
        name=given["name"],
        ref=int(given.get("ref", 0)),
        shape=shape(geometry),
        geometry=geometry,
        population=given.get("population"),
    )


def metric(geometry: BaseGeometry) -> BaseGeometry:
    """A shape in degrees as one in metres (EPSG:25832)."""
    import numpy
    from pyproj import Transformer

    to_metres = Transformer.from_crs("EPSG:4326", "EPSG:25832", always_xy=True)
    return shapely.transform(geometry, lambda rows: numpy.column_stack(to_metres.transform(rows[:, 0], rows[:, 1])))


@lru_cache(maxsize=4)
def _metric_boundary(folder: Path) -> BaseGeometry:
    return metric(_ground(folder).boundary)


def _metres_outside(lat: float, lon: float) -> float | None:
    """None far beyond the projection's reach: there only "outside" is a true answer."""
    west, south, east, north = city().bbox
    if not (south - 5 <= lat <= north + 5 and west - 8 <= lon <= east + 8):
        return None
    return float(_metric_boundary(city().folder).distance(Point(*to_25832(lat, lon))))


def _address(lat: float, lon: float) -> str:
    from stadtkern.places.domain import gazetteer

    return gazetteer.address_near(lat, lon)
