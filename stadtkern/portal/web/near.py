"""What is around an address: a page of its own, and a fragment for the home page."""

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from stadtkern.core.limits import spend
from stadtkern.core.problems import BadInput
from stadtkern.core.web.client_address import client_address
from stadtkern.portal.domain import near as asking

MOST_PER_MINUTE = 60  # each may ask the configured geocoder


def near(request: HttpRequest) -> HttpResponse:
    """?adresse=Rathaus or ?lat=…&lon=…; nothing of it is kept."""
    shown = _shown(request)
    fragment = request.headers.get("HX-Request") or request.GET.get("teil")
    template = "portal/_near.html" if fragment else "portal/near.html"
    response = render(request, template, shown, status=422 if shown.get("problem") else 200)
    response["Vary"] = "HX-Request"
    response["Cache-Control"] = "no-store"
    return response


def _shown(request: HttpRequest) -> dict[str, object]:
    text = request.GET.get("adresse", "").strip()
    if text or "lat" in request.GET:
        spend("portal.near", client_address(request), most=MOST_PER_MINUTE, per=timedelta(minutes=1))
    try:
        if "lat" in request.GET:
            lat, lon = asking.spot_at(request.GET["lat"], request.GET.get("lon", ""))
            spot = asking.Spot(lat, lon, text)
        else:
            spot = asking.find_spot(text) if text else None
    except BadInput as problem:
        return {"address": text, "problem": problem}
    if not text and spot is None:
        return {"address": ""}
    return {"address": text, "spot": spot, "answers": asking.answers_for(spot.lat, spot.lon) if spot else []}
