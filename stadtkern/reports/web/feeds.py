"""Every list also for machines: Atom (RFC 4287) and GeoJSON (RFC 7946), without a key."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import condition

from stadtkern.core.problems import NotFound
from stadtkern.places.domain.geometry import district_names
from stadtkern.reports.domain import reading
from stadtkern.reports.domain.queries import ListQuery, Row, list_reports
from stadtkern.reports.web import wording
from stadtkern.reports.web.frame import absolute
from stadtkern.reports.web.listing import title_of

ATOM_ENTRIES, GEOJSON_FEATURES = 50, 500


def atom(request: HttpRequest) -> HttpResponse:
    """The newest reports of a filter; the parameters are those of the list."""
    query = ListQuery.parse(request.GET.dict())
    rows = list_reports(query, limit=ATOM_ENTRIES)
    shows = {
        "title": title_of(query),
        "self": absolute(request.get_full_path()),
        "page": absolute(f"{reverse('reports:list')}?{query.address()}".rstrip("?")),
        "updated": max((row.changed_at for row in rows.items), default=timezone.now()),
        "entries": [_entry(row) for row in rows.items],
        "next": absolute(f"{reverse('reports:feed')}?{_with_next(query, rows.next)}") if rows.next else "",
    }
    return _feed(shows)


def _entry(row: Row) -> dict[str, Any]:
    return {
        "row": row,
        "title": wording.category_name(row.category),
        "state": wording.badge(row.status)["label"],
        "url": absolute(reverse("reports:report", kwargs={"report_id": row.id})),
    }


def _with_next(query: ListQuery, cursor: str) -> str:
    address = query.address()
    return f"{address}&after={cursor}" if address else f"after={cursor}"


def _changed(request: HttpRequest, report_id: int) -> datetime | None:
    found = reading.facts(report_id)
    return found.changed_at if found and found.is_public else None


@condition(last_modified_func=_changed)
def report_atom(request: HttpRequest, report_id: int) -> HttpResponse:
    """The public history of one report."""
    found = reading.facts(report_id)
    if found is None or not found.is_public:
        raise NotFound()
    lines = reading.history(found.thread_id, for_participants=False)
    steps = wording.steps(found, lines)[: len(lines)]
    url = absolute(reverse("reports:report", kwargs={"report_id": report_id}))
    shows = {
        "title": f"{wording.category_name(found.category)}, {found.address}".strip(", "),
        "self": absolute(request.get_full_path()),
        "page": url,
        "updated": found.changed_at,
        "steps": [
            step | {"id": f"{url}#{line.id}"} for step, line in zip(reversed(steps), reversed(lines), strict=True)
        ],
    }
    return _feed(shows)


def _feed(shows: dict[str, Any]) -> HttpResponse:
    text = render_to_string("reports/feed.xml", shows)
    return HttpResponse(text, content_type="application/atom+xml; charset=utf-8")


def geojson(request: HttpRequest) -> HttpResponse:
    """Up to 500 reports with their place; `links.next` leads on."""
    query = ListQuery.parse(request.GET.dict())
    rows = list_reports(query, limit=GEOJSON_FEATURES)
    answer: dict[str, Any] = {"type": "FeatureCollection", "features": features(rows.items)}
    if rows.next:
        answer["links"] = [
            {"rel": "next", "href": absolute(f"{reverse('reports:geojson')}?{_with_next(query, rows.next)}")}
        ]
    text = json.dumps(answer, ensure_ascii=False)
    return HttpResponse(text, content_type="application/geo+json")


def features(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Reports without a place have an empty geometry, as RFC 7946 says."""
    return [_feature(row) for row in rows]


def _feature(row: Row) -> dict[str, Any]:
    point = None if row.lat is None else {"type": "Point", "coordinates": [row.lon, row.lat]}
    return {
        "type": "Feature",
        "id": row.id,
        "geometry": point,
        "properties": {
            "title": wording.category_name(row.category),
            "category": row.category,
            "kind": row.kind,
            "status": row.status,
            "state": wording.badge(row.status)["label"],
            "tone": wording.TONES[row.status],
            "icon": wording.category_icon(row.category),
            "text": row.text,
            "address": row.address,
            "district": district_names().get(row.district, ""),
            "filed_at": row.filed_at.astimezone(UTC).isoformat(),
            "changed_at": row.changed_at.astimezone(UTC).isoformat(),
            "support": row.support_count,
            "url": absolute(reverse("reports:report", kwargs={"report_id": row.id})),
        },
    }
