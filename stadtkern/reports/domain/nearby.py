"""Public reports around a point."""

import math
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

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
    high = radius_m / METRES_PER_DEGREE
    wide = high / max(0.01, math.cos(math.radians(lat)))
    around = Report.objects.filter(
        visibility=Visibility.PUBLIC, lat__range=(lat - high, lat + high), lon__range=(lon - wide, lon + wide)
    ).exclude(closed_at__lt=clock.now() - LATELY)
    rows = around.order_by("-filed_at").values("id", "category_id", "status", "address", "lat", "lon", "filed_at")[:500]
    measured: list[tuple[Mapping[str, Any], int]] = [
        (row, round(distance_m(lat, lon, row["lat"] or 0.0, row["lon"] or 0.0))) for row in rows
    ]
    return sorted((pair for pair in measured if pair[1] <= radius_m), key=lambda pair: pair[1])[:most]
