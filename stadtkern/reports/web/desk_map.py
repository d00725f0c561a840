"""The desk's list on a map: the same filters, every matter of mine, the same as text beside it."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from stadtkern.core.languages import pick
from stadtkern.people.rights import require
from stadtkern.reports.domain import desk
from stadtkern.reports.domain.catalogue import catalogue
from stadtkern.reports.domain.desk import DeskQuery
from stadtkern.reports.domain.desk_places import Box, Square, placed, points_or_squares
from stadtkern.reports.web.desk_filters import FilterForm
from stadtkern.reports.web.desk_rows import TONES, counts_for, rows_of, tabs
from stadtkern.reports.words import Status

NO_FILTER = {"after", "bbox", "zoom"}


@require_GET
@login_required
def on_map(request: HttpRequest) -> HttpResponse:
    """Map and list of one question; what has no point is counted, so that nobody misses it."""
    require(request.user, "reports.read")
    query = DeskQuery.parse(request.GET)
    rows = desk.asked(request.user, query)
    count = rows.count()
    page = desk.desk_list(request.user, query)
    kept = urlencode([(name, value) for name, value in request.GET.items() if name not in NO_FILTER])
    context = {
        "page": page,
        "rows": rows_of(page.items),
        "tabs": tabs(request, query, counts_for(request.user)),
        "filter_form": FilterForm(request.GET, person=request.user),
        "kept": kept,
        "counted": ngettext("%(n)d Meldung", "%(n)d Meldungen", count) % {"n": count},
        "without_place": count - placed(rows, None).count(),
    }
    return render(request, "reports/desk/map.html", context)


@require_GET
@login_required
def points(request: HttpRequest) -> JsonResponse:
    """The filtered list as GeoJSON, of a box or of all; where there are too many for points, counted by squares."""
    require(request.user, "reports.read")
    rows = desk.asked(request.user, DeskQuery.parse(request.GET))
    found, squares = points_or_squares(rows, Box.parse(request.GET))
    features = [*_points(found), *map(_square, squares)]
    answer = JsonResponse({"type": "FeatureCollection", "features": features}, content_type="application/geo+json")
    answer["Cache-Control"] = "private, no-store"
    return answer


def _points(found: Iterable[tuple[Any, ...]]) -> Iterable[dict[str, Any]]:
    book = catalogue()
    for pk, lat, lon, status, category, address in found:
        yield _feature(
            lat,
            lon,
            id=pk,
            title=f"{pick(book.categories[category].name)} #{pk}",
            text=address,
            url=f"/desk/meldungen/{pk}/",
            state=str(Status(status).label),
            tone=TONES[Status(status)],
            icon=book.categories[category].group.icon,
        )


def _square(square: Square) -> dict[str, Any]:
    return _feature(square.lat, square.lon, id=None, point_count=square.count)


def _feature(lat: float, lon: float, *, id: int | None, **properties: Any) -> dict[str, Any]:
    geometry = {"type": "Point", "coordinates": [lon, lat]}
    return {"type": "Feature", "id": id, "geometry": geometry, "properties": properties}
