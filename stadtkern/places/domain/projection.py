"""Coordinates between WGS84 (EPSG:4326, stored) and ETRS89 / UTM 32N (EPSG:25832, accepted and offered)."""

import math
from functools import lru_cache
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from stadtkern.core.problems import BadInput

if TYPE_CHECKING:
    from pyproj import Transformer

EARTH_M = 6_371_008.8


def checked(lat: float, lon: float) -> tuple[float, float]:
    """Two finite degrees on the globe, or BadInput naming the field."""
    faults = {}
    for name, value, most in (("lat", lat, 90.0), ("lon", lon, 180.0)):
        try:
            good = math.isfinite(value) and abs(value) <= most
        except (TypeError, OverflowError):
            good = False
        if not good:
            faults[name] = _("Das ist keine Stelle auf der Erde.")
    if faults:
        raise BadInput(_("Diesen Ort gibt es nicht."), fields=faults)
    return float(lat), float(lon)


def to_25832(lat: float, lon: float) -> tuple[float, float]:
    """Easting and northing in metres (EPSG:25832) of a point in degrees."""
    lat, lon = checked(lat, lon)
    east, north = _transformer("EPSG:4326", "EPSG:25832").transform(lon, lat)
    return float(east), float(north)


def from_25832(easting: float, northing: float) -> tuple[float, float]:
    """Latitude and longitude in degrees of a point in EPSG:25832 metres."""
    return from_crs("EPSG:25832", easting, northing)


def from_crs(crs: str, x: float, y: float) -> tuple[float, float]:
    """Latitude and longitude of a point given as x (east) and y (north) of any EPSG code."""
    if not (math.isfinite(x) and math.isfinite(y)):
        raise BadInput(_("Diesen Ort gibt es nicht."), fields={"x": _("Das ist keine Zahl.")})
    lon, lat = _transformer(crs, "EPSG:4326").transform(x, y)
    return checked(float(lat), float(lon))


def distance_m(lat: float, lon: float, other_lat: float, other_lon: float) -> float:
    """Metres between two points on the sphere (haversine); good to 0.5 percent."""
    north, other_north = math.radians(lat), math.radians(other_lat)
    half = math.sin((other_north - north) / 2) ** 2
    half += math.cos(north) * math.cos(other_north) * math.sin(math.radians(other_lon - lon) / 2) ** 2
    return 2 * EARTH_M * math.asin(min(1.0, math.sqrt(half)))


@lru_cache
def _transformer(source: str, target: str) -> "Transformer":
    from pyproj import Transformer

    return Transformer.from_crs(source, target, always_xy=True)
