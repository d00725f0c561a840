"""The place of a row: a point on earth, in the city, in a district; a whole batch of points is looked up at once."""

import math
from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from stadtkern.core.city import city
from stadtkern.places.domain.geometry import districts_of, locate

Point = tuple[float, float]  # latitude, longitude


class Rejected(ValueError):
    """This row cannot become a report; the text says why."""


class Placer:
    """Districts of points; those of the batch at hand are known beforehand."""

    def __init__(self) -> None:
        self.tolerance_m = float(city().facts.get("limits", {}).get("outside_tolerance_m", 0))
        self._known: dict[Point, str] = {}

    def look_up(self, given: Iterable[tuple[Any, Any]]) -> None:
        """Find the districts of a batch in one go; what is no point is left for `place` to refuse."""
        points = [point for lat, lon in given if (point := _point(lat, lon)) and _is_on_earth(point)]
        self._known = dict(zip(points, districts_of(points), strict=True))

    def place(self, lat: Any, lon: Any) -> tuple[float, float, str]:
        """Latitude, longitude and key of the district; raises Rejected."""
        point = _point(lat, lon)
        if point is None:
            raise Rejected(_("ohne Koordinaten"))
        if not _is_on_earth(point):
            raise Rejected(_("Koordinaten nicht auf der Erde: %(lat)s, %(lon)s") % {"lat": point[0], "lon": point[1]})
        return *point, self._known.get(point) or self._district(point)

    def _district(self, point: Point) -> str:
        """One by one, for points at and beyond the border of the city."""
        spot = locate(*point, with_address=False)
        if not spot.inside and (spot.distance_m is None or spot.distance_m > self.tolerance_m):
            raise Rejected(_("Punkt außerhalb der Stadt: %(lat)s, %(lon)s") % {"lat": point[0], "lon": point[1]})
        return spot.district_key or ""


def _point(lat: Any, lon: Any) -> Point | None:
    try:
        return float(lat), float(lon)
    except (TypeError, ValueError):
        return None


def _is_on_earth(point: Point) -> bool:
    lat, lon = point
    return math.isfinite(lat) and math.isfinite(lon) and abs(lat) <= 90 and abs(lon) <= 180
