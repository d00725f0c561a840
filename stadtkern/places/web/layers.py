"""The layers of the map and the same as lists: districts and places."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from stadtkern.core.problems import BadQuery
from stadtkern.places.domain import queries
from stadtkern.places.words import PlaceKind

GEOJSON = "application/geo+json"


@require_safe
def districts(request: HttpRequest) -> HttpResponse:
    """The outlines of the districts."""
    features = [
        {
            "type": "Feature",
            "id": district.key,
            "geometry": district.geometry,
            "properties": {
                "title": district.name,
                "key": district.key,
                "area_km2": district.area_km2,
                "url": reverse("places:district", args=[district.key]),
                "icon": "map",
            },
        }
        for district in queries.districts()
    ]
    return _collection(features)


@require_safe
def places(request: HttpRequest) -> HttpResponse:
    """?bbox=west,south,east,north&art=park: at most MOST_ON_MAP places."""
    bbox = _bbox(request.GET.get("bbox", ""))
    rows = queries.named_places(kind=request.GET.get("art", ""), bbox=bbox)[: queries.MOST_ON_MAP]
    return _collection([queries.feature_of(place) for place in rows])


@require_safe
def place_list(request: HttpRequest) -> HttpResponse:
    """The places as a list, page by page."""
    kind, home = request.GET.get("art", ""), request.GET.get("bezirk", "")
    rows, after = queries.page_of_places(kind=kind, district_key=home, after=request.GET.get("nach", ""))
    shown = [choice for choice in PlaceKind if choice in queries.SHOWN]
    context = {"places": rows, "after": after, "kinds": shown, "kind": kind, "home": home,
               "districts": queries.districts()}  # fmt: skip
    return render(request, "places/places.html", context)


@require_safe
def district_list(request: HttpRequest) -> HttpResponse:
    return render(request, "places/districts.html", {"districts": queries.districts()})


@require_safe
def district(request: HttpRequest, key: str) -> HttpResponse:
    """One district: its map, its size, its places."""
    found = queries.district(key)
    context = {
        "district": found,
        "places": queries.named_places(district_key=key)[:50],
        "lat": (found.min_lat + found.max_lat) / 2,
        "lon": (found.min_lon + found.max_lon) / 2,
    }
    return render(request, "places/district.html", context)


def _collection(features: list[dict[str, object]]) -> HttpResponse:
    answer = JsonResponse({"type": "FeatureCollection", "features": features}, content_type=GEOJSON)
    patch_cache_control(answer, public=True, max_age=300)
    return answer


def _bbox(text: str) -> tuple[float, float, float, float] | None:
    if not text:
        return None
    try:
        west, south, east, north = (float(side) for side in text.split(","))
    except ValueError as error:
        fault = _("bbox braucht vier Zahlen: West, Süd, Ost, Nord.")
        raise BadQuery(fault, fields={"bbox": fault}) from error
    return west, south, east, north
