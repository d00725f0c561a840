"""Addresses while typing, and the words for a point: JSON for the page's script, a fragment for htmx."""

from datetime import timedelta

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from stadtkern.core.limits import spend
from stadtkern.core.problems import BadQuery
from stadtkern.core.web.client_address import client_address
from stadtkern.places.domain import geocoding
from stadtkern.places.domain.geometry import locate

MOST_PER_MINUTE = 240


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """?q=herner str 5&limit=8 gives {"hits": [{label, lat, lon, kind, precision}]}, or list items for htmx."""
    _spend(request)
    hits = geocoding.search(request.GET.get("q", ""), limit=_limit(request))
    if request.headers.get("HX-Request"):
        answer = render(request, "places/_hits.html", {"hits": hits})
    else:
        answer = JsonResponse({"hits": [_json(hit) for hit in hits]})
    answer["Vary"] = "HX-Request"
    return answer


@require_safe
def reverse(request: HttpRequest) -> HttpResponse:
    """?lat=&lon= gives {"label", "inside", "district", "distance_m"}."""
    _spend(request)
    lat, lon = _number(request, "lat"), _number(request, "lon")
    place = locate(lat, lon, with_address=False)
    hit = geocoding.reverse(lat, lon) if place.inside else None
    metres = None if place.distance_m is None else round(place.distance_m)
    return JsonResponse(
        {
            "label": hit.label if hit else "",
            "inside": place.inside,
            "district": place.district_key,
            "distance_m": metres,
        }
    )


def _spend(request: HttpRequest) -> None:
    spend("places", client_address(request), most=MOST_PER_MINUTE, per=timedelta(minutes=1))


def _json(hit: geocoding.Hit) -> dict[str, object]:
    return {"label": hit.label, "lat": hit.lat, "lon": hit.lon, "kind": hit.kind, "precision": hit.precision}


def _limit(request: HttpRequest) -> int:
    given = request.GET.get("limit", "8")
    if not (given.isascii() and given.isdigit() and len(given) < 4):
        raise BadQuery(_("limit muss eine ganze Zahl sein."), fields={"limit": _("keine ganze Zahl")})
    return int(given)


def _number(request: HttpRequest, name: str) -> float:
    try:
        return float(request.GET.get(name, ""))
    except ValueError as error:
        raise BadQuery(_("%(name)s muss eine Zahl sein.") % {"name": name}, fields={name: _("keine Zahl")}) from error
