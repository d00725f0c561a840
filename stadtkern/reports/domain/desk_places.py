"""Where the matters of a desk lie: each as a point, or, where they are too many for a map, counted by squares."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any

from django.db.models import Avg, Count, F, QuerySet
from django.db.models.functions import Floor
from django.utils.translation import gettext as _

from stadtkern.core.city import city
from stadtkern.core.problems import BadQuery
from stadtkern.reports.models import Report

MOST_POINTS = 2_000
SQUARES_ACROSS = 24
COLUMNS = ("pk", "lat", "lon", "status", "category_id", "address")


@dataclass(frozen=True, slots=True)
class Box:
    """A part of the map in degrees (WGS84)."""

    west: float
    south: float
    east: float
    north: float

    @classmethod
    def parse(cls, params: Mapping[str, str]) -> "Box | None":
        """`bbox=west,south,east,north`; None without one. Raises BadQuery."""
        if not (text := params.get("bbox", "")):
            return None
        try:
            west, south, east, north = map(float, text.split(","))
        except ValueError:
            raise BadQuery(_("bbox ist west,south,east,north in Grad.")) from None
        if not all(map(isfinite, (west, south, east, north))) or west >= east or south >= north:
            raise BadQuery(_("bbox ist west,south,east,north in Grad."))
        return cls(west, south, east, north)


@dataclass(frozen=True, slots=True)
class Square:
    """So many matters around their common middle."""

    lat: float
    lon: float
    count: int


def placed(rows: QuerySet[Report], box: Box | None) -> QuerySet[Report]:
    """Those with a point, in the box."""
    if box is None:
        return rows.filter(lat__isnull=False)
    return rows.filter(lat__range=(box.south, box.north), lon__range=(box.west, box.east))


def points_or_squares(rows: QuerySet[Report], box: Box | None) -> tuple[list[tuple[Any, ...]], list[Square]]:
    """Every matter of the box is in exactly one of the two: up to MOST_POINTS as COLUMNS, more as squares."""
    here = placed(rows, box)
    found = list(here.order_by("due_at", "pk").values_list(*COLUMNS)[: MOST_POINTS + 1])
    if len(found) <= MOST_POINTS:
        return found, []
    return [], _squares(here, box or Box(*city().bbox))


def _squares(rows: QuerySet[Report], box: Box) -> list[Square]:
    high, wide = (box.north - box.south) / SQUARES_ACROSS, (box.east - box.west) / SQUARES_ACROSS
    cells = rows.order_by().annotate(row=Floor(F("lat") / high), column=Floor(F("lon") / wide)).values("row", "column")
    counted = cells.annotate(count=Count("pk"), y=Avg("lat"), x=Avg("lon"))
    return [Square(cell["y"], cell["x"], cell["count"]) for cell in counted]
