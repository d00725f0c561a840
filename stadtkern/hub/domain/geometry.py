"""GeoJSON (RFC 7946) that comes in: checked once by GEOS, kept as it was sent, with the box around it beside it."""

from dataclasses import dataclass
from typing import Any

import orjson
import shapely

from stadtkern.hub.words import ENCODINGS_OF_PLACES

REASON = 120  # characters of GEOS's own words that are passed on


class BadGeometry(ValueError):
    """Not a geometry on Earth. The text says why and may be shown to the caller."""


@dataclass(frozen=True, slots=True)
class Box:
    """West, south, east, north in degrees (EPSG:4326); all None: no geometry."""

    west: float | None = None
    south: float | None = None
    east: float | None = None
    north: float | None = None


NOWHERE = Box()


def geometry_of(geojson: Any) -> shapely.Geometry:
    """A geometry or the one inside a Feature, in degrees. Raises BadGeometry."""
    if not isinstance(geojson, dict):
        raise BadGeometry("expected a GeoJSON object")
    try:
        shape = shapely.from_geojson(orjson.dumps(geojson))
    except (shapely.errors.GEOSException, TypeError) as error:
        raise BadGeometry(f"no GeoJSON geometry: {str(error)[:REASON].strip()}") from None
    if shape is None or shape.is_empty:
        raise BadGeometry("the geometry has no coordinates")
    west, south, east, north = _bounds(shape)
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise BadGeometry("coordinates are longitude (-180 to 180), then latitude (-90 to 90), in degrees")
    return shape


def box_of(place: Any, encoding_type: str) -> Box:
    """The smallest box around a place; NOWHERE for an encoding that is not GeoJSON. Raises BadGeometry."""
    if encoding_type not in ENCODINGS_OF_PLACES:
        return NOWHERE
    return Box(*_bounds(geometry_of(place)))


def _bounds(shape: shapely.Geometry) -> tuple[float, float, float, float]:
    west, south, east, north = map(float, shapely.bounds(shape))
    return west, south, east, north
