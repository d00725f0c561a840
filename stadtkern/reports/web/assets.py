"""Saying the place by a numbered thing: its number typed, chosen from what is near, or carried by a link (QR code)."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from stadtkern.core.problems import BadInput
from stadtkern.places.domain import assets
from stadtkern.places.domain.assets import Asset
from stadtkern.reports.models import Report
from stadtkern.reports.words import Visibility

AROUND_DEGREES = 0.004  # reports of a thing lie where it stands, give or take some 300 m


def are_known() -> bool:
    """Is there any thing to choose from?"""
    return bool(assets.register().things)


def with_their_place(data: Any) -> Any:
    """The sent fields, with `objekt` and `kategorie` of a link taken over, and the place of a known thing."""
    asset = data.get("asset") or data.get("objekt") or ""
    category = data.get("category") or data.get("kategorie") or ""
    if not asset and category == data.get("category", ""):
        return data
    data = data.copy()
    data["category"] = category
    thing = assets.find(asset, category=category)
    data["asset"] = thing.label if thing else asset
    if thing and not (data.get("lat") or data.get("address")):
        data["lat"], data["lon"] = f"{thing.lat:.6f}", f"{thing.lon:.6f}"
        data["address"] = thing.address
    if (kind := assets.kind_for(category)) and kind.question and not data.get(f"answers.{kind.question}"):
        data[f"answers.{kind.question}"] = assets.number_in(asset, kind)
    return data


def questions() -> str:
    """Codes of the questions that ask for the same number, with blanks between."""
    return " ".join(kind.question for kind in assets.register().kinds if kind.question)


def identify(given: dict[str, Any]) -> dict[str, str]:
    """Add `asset_id` to the cleaned fields; answers what is wrong with the number."""
    given["asset_id"] = ""
    try:
        given["asset_id"] = assets.identify(given.get("asset", ""), category=given.get("category", ""))
    except BadInput as error:
        return dict(error.fields)
    return {}


def nearest(given: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Things around the point, those with an open public report marked by its number; one query."""
    lat, lon = given.get("lat"), given.get("lon")
    if lat is None or lon is None:
        return []
    found = assets.near(lat, lon)
    reported = _reported([thing for thing, _metres in found], lat, lon)
    return [_shown(thing, metres) | {"report": reported.get(thing.id)} for thing, metres in found]


def _shown(thing: Asset, metres: int) -> dict[str, Any]:
    return {
        "id": thing.id,
        "label": thing.label,
        "icon": thing.kind.icon,
        "address": thing.address,
        "lat": thing.lat,
        "lon": thing.lon,
        "distance": metres,
    }


def _reported(things: Iterable[Asset], lat: float, lon: float) -> dict[str, int]:
    ids = [thing.id for thing in things]
    if not ids:
        return {}
    around = Report.objects.filter(
        lat__range=(lat - AROUND_DEGREES, lat + AROUND_DEGREES),
        lon__range=(lon - AROUND_DEGREES, lon + AROUND_DEGREES),
        visibility=Visibility.PUBLIC,
        closed_at__isnull=True,
        asset_id__in=ids,
    )
    return dict(around.values_list("asset_id", "id"))


@require_GET
@never_cache
def near(request: HttpRequest) -> HttpResponse:
    """?lat=&lon=: the list as a fragment of the form; empty for what is no point."""
    try:
        given = {"lat": float(request.GET.get("lat", "")), "lon": float(request.GET.get("lon", ""))}
    except ValueError:
        given = {}
    if given and not (-90 <= given["lat"] <= 90 and -180 <= given["lon"] <= 180):  # also what is no number
        given = {}
    shows = {"things": nearest(given), "art": request.GET.get("art", ""), "category": request.GET.get("category", "")}
    return render(request, "reports/_assets.html", shows)
