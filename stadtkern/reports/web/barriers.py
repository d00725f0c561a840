"""Barriers for others to use: a layer of the map, hints near an address, GeoJSON for routing, and a list."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from stadtkern.core.parts import MapLayer, NearHit, NearMe, map_layers, near_me
from stadtkern.reports.domain.barriers import SURE, barriers, barriers_near, plain_answers
from stadtkern.reports.domain.desk_places import Box
from stadtkern.reports.web import wording
from stadtkern.reports.web.frame import absolute, page

ICON = "wheelchair"
SECTION = "/meldungen/"


def register_barriers() -> None:
    map_layers.add(
        MapLayer(
            key="barriers",
            label=gettext_lazy("Barrieren"),
            data_url="/feeds/barrieren.geojson?bbox={bbox}",
            list_url="/meldungen/barrieren/",
            icon=ICON,
            order=15,
        )
    )
    near_me.add(NearMe(key="barriers", label=gettext_lazy("Stufenlos unterwegs"), answer=near, order=25))


def near(lat: float, lon: float) -> list[NearHit]:
    """What is in the way within 400 m of a point."""
    return [
        NearHit(
            title=_title(row),
            text=_("Hier ist es nicht stufenlos: %(state)s") % {"state": wording.badge(row["status"])["label"]},
            url=_url(row),
            distance_m=metres,
            icon=ICON,
        )
        for row, metres in barriers_near(lat, lon)
    ]


@require_safe
def geojson(request: HttpRequest) -> HttpResponse:
    """Every open barrier of `bbox` (WGS84) or of the city; `sure` says that somebody has looked."""
    features = [_feature(row) for row in barriers(Box.parse(request.GET))]
    answer = JsonResponse({"type": "FeatureCollection", "features": features}, content_type="application/geo+json")
    answer["Cache-Control"] = "public, max-age=60"
    return answer


@require_safe
def listed(request: HttpRequest) -> HttpResponse:
    """The same as text."""
    title = _("Barrieren auf den Wegen")
    rows = [
        {"title": _title(row), "url": _url(row), "badge": wording.badge(row["status"]), "since": row["filed_at"]}
        for row in barriers()
    ]
    shows = {"title": title, "rows": rows, "lead": "reports/_barriers_lead.html"}
    slots = {
        "title": title,
        "head": render_to_string("reports/_plain_head.html", shows),
        "body": render_to_string("reports/_barriers_body.html", shows),
    }
    return page(request, slots, section=SECTION)


def _feature(row: Any) -> dict[str, Any]:
    badge = wording.badge(row["status"])
    properties = {
        "title": _title(row),
        "text": (row["public_text"] or row["text"])[:200],
        "url": absolute(_url(row)),
        "state": badge["label"],
        "tone": wording.TONES[row["status"]],
        "icon": ICON,
        "category": row["category_id"],
        "details": plain_answers(row["category_id"], row["answers"]),
        "sure": row["status"] in SURE,
        "since": row["filed_at"].isoformat(),
        "expected_until": row["due_at"].isoformat() if row["due_at"] else None,
    }
    point = {"type": "Point", "coordinates": [row["lon"], row["lat"]]}
    return {"type": "Feature", "id": row["id"], "geometry": point, "properties": properties}


def _title(row: Any) -> str:
    name = wording.category_name(row["category_id"])
    return f"{name}, {row['address']}" if row["address"] else name


def _url(row: Any) -> str:
    return reverse("reports:report", kwargs={"report_id": row["id"]})
