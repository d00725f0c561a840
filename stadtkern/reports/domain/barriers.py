"""Open public reports that stand in the way of people with wheels, sticks or prams: points that a route should avoid.

Which categories count says the pack (`point_barrier`). Once the report is done the point is gone.
"""

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet

from stadtkern.reports.domain.catalogue import catalogue
from stadtkern.reports.domain.desk_places import Box, placed
from stadtkern.reports.domain.nearby import around, measured
from stadtkern.reports.models import Report
from stadtkern.reports.words import Status, Visibility

MOST = 2_000
COLUMNS = (
    "id",
    "category_id",
    "status",
    "text",
    "public_text",
    "address",
    "lat",
    "lon",
    "filed_at",
    "due_at",
    "answers",
)
PLAIN = frozenset({"singlevaluelist", "multivaluelist", "number"})
# Somebody has looked: the barrier is real. Before that it is only told.
SURE = frozenset({Status.CHECKED, Status.ASSIGNED, Status.IN_WORK, Status.WAITING, Status.REOPENED})


def barriers(box: Box | None = None) -> list[Mapping[str, Any]]:
    """At most MOST of a box (WGS84 degrees) or of the city, newest first; one statement."""
    return list(placed(_open(), box).order_by("-filed_at", "-pk").values(*COLUMNS)[:MOST])


def barriers_near(
    lat: float, lon: float, *, radius_m: float = 400, most: int = 5
) -> list[tuple[Mapping[str, Any], int]]:
    """The nearest ones with their distance in metres."""
    rows = around(_open(), lat, lon, radius_m).order_by("-filed_at").values(*COLUMNS)[:500]
    return measured(rows, lat, lon, radius_m)[:most]


def plain_answers(category: str, answers: Mapping[str, Any]) -> dict[str, Any]:
    """What was chosen or measured, by the codes of the pack; free text stays out."""
    codes = {each["code"] for each in catalogue().category(category).questions if each["type"] in PLAIN}
    return {code: value for code, value in answers.items() if code in codes}


def _open() -> QuerySet[Report]:
    kinds = [category.key for category in catalogue().categories.values() if category.point_barrier]
    return Report.objects.filter(visibility=Visibility.PUBLIC, closed_at__isnull=True, category__in=kinds)
