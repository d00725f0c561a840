"""Cards of the home page: the weather now, the water, trees that are thirsty. Without fresh values they hide."""

from collections.abc import Mapping
from statistics import median
from typing import Any

from django.core.cache import cache
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import get_language

from stadtkern.hub.domain.advice.saying import say
from stadtkern.hub.domain.caring import line_of_care
from stadtkern.hub.domain.readers import ANYBODY
from stadtkern.hub.domain.stations.listing import Station, list_stations
from stadtkern.hub.domain.stations.query import StationQuery
from stadtkern.hub.domain.stations.series import Freshness, Series, Verdict
from stadtkern.hub.domain.vocabulary import vocabulary
from stadtkern.hub.web import wording
from stadtkern.hub.web.on_site import spoken_line

FRESH_SECONDS = 60
MOST_STATIONS = 60
MOST_SHOWN = 3
WEATHER = ("air-temperature", "feels-like", "humidity", "gust", "rain-rate", "uv-index")
WATER = ("water-temperature", "water-level", "oxygen")
Shown = Mapping[str, Any] | None


def weather(request: HttpRequest) -> Shown:
    """The middle of all benches, so that one sensor in the sun does not speak for the city."""
    return _kept("weather", _weather)


def water(request: HttpRequest) -> Shown:
    """Water temperatures of some ponds, the warmest first."""
    return _kept("water", _water)


def trees(request: HttpRequest) -> Shown:
    """Trees that are thirsty; the card is there only when one is."""
    return _kept("trees", _trees)


def _kept(name: str, make: Any) -> Shown:
    """At most a minute old; what hides is remembered as False."""
    key = f"hub.home.{name}.{get_language()}"
    found = cache.get(key)
    if found is None:
        found = make() or False
        cache.set(key, found, FRESH_SECONDS)
    return found or None


def _weather() -> Shown:
    stations = _stations("air-temperature")
    values = [value for key in WEATHER if (value := _middle(stations, key))]
    if not values or values[0]["key"] != "air-temperature":
        return None
    first = next(one for one in stations if one.of("air-temperature"))
    return {
        "first": values[0],
        "values": values[1:4],
        "count": len(stations),
        "is_simulated": any(one.is_simulated for one in stations),
        "advice": next((line for said in say(first) if (line := spoken_line(said))["speaks"]), None),
        "url": f"{reverse('hub:stations')}?groesse=air-temperature&nur=aktuell",
    }


def _middle(stations: list[Station], key: str) -> dict[str, Any] | None:
    """The median of the fresh, good values of a quantity."""
    series = [one for station in stations if (one := station.of(key)) and _counts(one)]
    if not series:
        return None
    middle = median(one.number for one in series if one.number is not None)
    newest = max(series, key=lambda one: one.start.timestamp() if one.start else 0)
    return {
        "key": key,
        "name": wording.name_of(newest),
        "value": wording.number(middle, wording.decimals_of(newest)),
        "unit": wording.unit_of(newest),
        "icon": wording.icon_of(newest),
        "age": wording.age_of(newest),
    }


def _water() -> Shown:
    ponds = [(one, series) for one in _stations("water-temperature") if (series := one.of("water-temperature"))]
    fresh = [(one, series) for one, series in ponds if _counts(series)]
    fresh.sort(key=lambda pair: -(pair[1].number or 0))
    rows = [_pond(one, series) for one, series in fresh[:MOST_SHOWN]]
    if not rows:
        return None
    return {
        "rows": rows,
        "count": len(fresh),
        "is_simulated": any(one.is_simulated for one, _series in fresh),
        "url": f"{reverse('hub:stations')}?groesse=water-temperature&nur=aktuell",
    }


def _pond(station: Station, series: Series) -> dict[str, Any]:
    level = station.of("water-level")
    return {
        "title": station.name,
        "url": reverse("hub:on-site-station", args=[station.id]),
        "value": wording.with_unit(series.number or 0.0, series),
        "level": wording.with_unit(level.number, level)
        if level and level.number is not None and _counts(level)
        else "",
        "level_name": wording.name_of(level) if level else "",
        "age": wording.age_of(series),
    }


def _trees() -> Shown:
    kinds = [kind for kind in vocabulary().kinds.values() if kind.is_cared_for]
    queries = [StationQuery(kind=kind.key, working=True) for kind in kinds]
    pages = [list_stations(query, reader=ANYBODY, limit=MOST_STATIONS) for query in queries]
    cared = [one for page in pages for one in page.items if line_of_care(one)]
    dry = [one for one in cared if any(said.is_dry for said in say(one))]
    if not dry:
        return None
    rows = [{"title": one.name, "url": reverse("hub:on-site-station", args=[one.id])} for one in dry[:MOST_SHOWN]]
    return {"rows": rows, "count": len(dry), "is_simulated": any(one.is_simulated for one in dry)}


def _stations(quantity: str) -> list[Station]:
    query = StationQuery(quantity=quantity, working=True)
    return list(list_stations(query, reader=ANYBODY, limit=MOST_STATIONS).items)


def _counts(series: Series) -> bool:
    return series.number is not None and series.freshness() is Freshness.WORKING and series.verdict is not Verdict.BAD
