"""All stations as a list and as a map, with the same filters."""

import json
from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from stadtkern.core.problems import BadQuery
from stadtkern.hub.domain.stations.listing import COUNTED_UP_TO, Station, StationPage, count_stations, list_stations
from stadtkern.hub.domain.stations.marks import Mark, marks
from stadtkern.hub.domain.stations.query import StationQuery
from stadtkern.hub.web import wording
from stadtkern.hub.web.addresses import absolute
from stadtkern.hub.web.cards import card, freshness, newest_text, where
from stadtkern.hub.web.forms import StationFilter
from stadtkern.hub.web.reading import note_stations, reader_for
from stadtkern.hub.web.wording import STATES, station_icon

TRACKING = ("utm_", "fbclid", "gclid", "_")  # what other sites hang on to an address; nothing of ours
FEATURES = 500


def query_of(request: HttpRequest, *also: str) -> StationQuery:
    """The filter in the page's address."""
    given = {name: value for name, value in request.GET.items() if not name.startswith(TRACKING)}
    return StationQuery.parse(given, also=also)


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """The stations that fit, by name."""
    query, reader = query_of(request), reader_for(request)
    page = list_stations(query, reader=reader)
    note_stations(request, reader, page.items)
    shows = _around(query, "list", count_stations(query, reader=reader))
    shows |= {"page": page, "cards": [card(one, query.quantity) for one in page.items]}
    return render(request, "hub/stations.html", shows)


@require_safe
def on_map(request: HttpRequest) -> HttpResponse:
    """The same as a map; its text way is the list."""
    query = query_of(request).first_page()
    return render(
        request, "hub/stations_map.html", _around(query, "map", count_stations(query, reader=reader_for(request)))
    )


def _around(query: StationQuery, way: str, count: int) -> dict[str, Any]:
    address = query.address()
    return {
        "query": query,
        "way": way,
        "count": count_words(count),
        "form": StationFilter(initial=_initial(query)),
        "list_url": f"{reverse('hub:stations')}?{address}".rstrip("?"),
        "map_url": f"{reverse('hub:stations-map')}?{address}".rstrip("?"),
        "geojson": f"{reverse('hub:stations-geojson')}?{address}".rstrip("?"),
        "map_data": f"{reverse('hub:stations-marks')}?bbox={{bbox}}&zoom={{zoom}}&{address}".rstrip("&"),
    }


def _initial(query: StationQuery) -> dict[str, str]:
    return {
        "suche": query.text,
        "groesse": query.quantity,
        "art": query.kind,
        "bezirk": query.district,
        "nur": "aktuell" if query.working else "",
    }


def count_words(count: int) -> str:
    if count > COUNTED_UP_TO:
        return _("Mehr als 1 000 Messstellen")
    return ngettext("%(count)d Messstelle", "%(count)d Messstellen", count) % {"count": count}


@require_safe
def map_data(request: HttpRequest) -> HttpResponse:
    """Marks of a view of the map, as GeoJSON (RFC 7946)."""
    query, reader = query_of(request, "bbox", "zoom"), reader_for(request)
    found = marks(query, box=_box(request.GET.get("bbox", "")), zoom=_zoom(request.GET.get("zoom", "")), reader=reader)
    note_stations(request, reader, [mark.station for mark in found if mark.station])
    answer = {"type": "FeatureCollection", "features": [_mark(mark, query) for mark in found]}
    response = HttpResponse(json.dumps(answer, ensure_ascii=False), content_type="application/geo+json")
    response["Cache-Control"] = "private, max-age=30"
    return response


def _mark(mark: Mark, query: StationQuery) -> dict[str, Any]:
    point = {"type": "Point", "coordinates": [round(mark.lon, 6), round(mark.lat, 6)]}
    if mark.station is None:
        return {"type": "Feature", "geometry": point, "properties": {"point_count": mark.count}}
    station = mark.station
    words, tone, _icon = STATES[freshness(station.series)]
    properties = {
        "title": station.name,
        "state": newest_text(station, query.quantity) or str(words),
        "tone": "info" if tone == "good" else tone,
        "icon": station_icon(station),
        "text": _("Simulation") if station.is_simulated else where(station),
        "url": reverse("hub:station", args=[station.id]),
    }
    return {"type": "Feature", "id": station.id, "geometry": point, "properties": properties}


@require_safe
def geojson(request: HttpRequest) -> HttpResponse:
    """Up to 500 stations with all their newest values; `links.next` leads on."""
    query, reader = query_of(request), reader_for(request)
    page = list_stations(query, reader=reader, limit=FEATURES)
    note_stations(request, reader, page.items)
    answer: dict[str, Any] = {"type": "FeatureCollection", "features": list(_features(page))}
    if page.next:
        more = "&".join(part for part in (query.address(), f"after={page.next}") if part)
        answer["links"] = [{"rel": "next", "href": absolute(f"{reverse('hub:stations-geojson')}?{more}")}]
    response = HttpResponse(json.dumps(answer, ensure_ascii=False, default=str), content_type="application/geo+json")
    response["Access-Control-Allow-Origin"] = "*"
    return response


def _features(page: StationPage) -> Iterator[dict[str, Any]]:
    for station in page.items:
        place = station.place
        point = {"type": "Point", "coordinates": [place.lon, place.lat]} if place else None
        yield {"type": "Feature", "id": station.id, "geometry": point, "properties": _facts(station)}


def _facts(station: Station) -> dict[str, Any]:
    return {
        "title": station.name,
        "kind": station.kind.key if station.kind else "",
        "district": station.place.district if station.place else "",
        "simulation": station.is_simulated,
        "url": absolute(reverse("hub:station", args=[station.id])),
        "sensorthings": absolute(f"/sta/v1.1/Things({station.id})"),
        "values": [
            {
                "datastream": one.id,
                "name": wording.name_of(one),
                "result": one.number if one.number is not None else (one.text if one.text is not None else one.json),
                "unit": one.symbol,
                "phenomenon_time": None if one.start is None else one.start.isoformat(),
                "quality": str(one.verdict),
            }
            for one in station.series
        ],
    }


def _box(text: str) -> tuple[float, float, float, float]:
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError as error:
        raise BadQuery(_("bbox braucht vier Zahlen: Westen, Süden, Osten, Norden.")) from error
    if not all(abs(number) <= 360 for number in (west, south, east, north)):
        raise BadQuery(_("bbox braucht vier Zahlen: Westen, Süden, Osten, Norden."))
    return west, south, east, north


def _zoom(text: str) -> float:
    try:
        zoom = float(text or "12")
    except ValueError as error:
        raise BadQuery(_("zoom braucht eine Zahl von 0 bis 24.")) from error
    if not 0 <= zoom <= 24:
        raise BadQuery(_("zoom braucht eine Zahl von 0 bis 24."))
    return zoom
