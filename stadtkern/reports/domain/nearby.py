"""Public reports around a point."""

import math
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from django.db.models import QuerySet

from stadtkern.core import clock
from stadtkern.reports.models import Report
from stadtkern.reports.words import Visibility
from stadtkern.threads.domain.following import distance_m

METRES_PER_DEGREE = 111_320.0
LATELY = timedelta(days=30)


def reports_near(
    lat: float, lon: float, *, radius_m: float = 600, most: int = 5
) -> list[tuple[Mapping[str, Any], int]]:
    """The nearest ones that are open or ended lately, with their distance in metres; one query."""
    public = Report.objects.filter(visibility=Visibility.PUBLIC).exclude(closed_at__lt=clock.now() - LATELY)
    rows = around(public, lat, lon, radius_m).order_by("-filed_at")
    columns = ("id", "category_id", "status", "address", "lat", "lon", "filed_at")
    return measured(rows.values(*columns)[:500], lat, lon, radius_m)[:most]


def around(rows: QuerySet[Report], lat: float, lon: float, radius_m: float) -> QuerySet[Report]:
    """Those in the square around a point (WGS84 degrees)."""
    high = radius_m / METRES_PER_DEGREE
    wide = high / max(0.01, math.cos(math.radians(lat)))
    return rows.filter(lat__range=(lat - high, lat + high), lon__range=(lon - wide, lon + wide))


def measured(
    rows: Iterable[Mapping[str, Any]], lat: float, lon: float, radius_m: float
) -> list[tuple[Mapping[str, Any], int]]:
    """Rows with `lat` and `lon` in the circle, nearest first, each with its distance in metres."""
    pairs = ((row, round(distance_m(lat, lon, row["lat"], row["lon"]))) for row in rows)
    return sorted((pair for pair in pairs if pair[1] <= radius_m), key=lambda pair: pair[1])
