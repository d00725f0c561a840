"""The parts that the hub offers to the rest of the house, as citizens meet them."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stadtkern.core import parts
from stadtkern.core.parts import (
    HomeCard,
    Indicator,
    MapLayer,
    MenuItem,
    NearHit,
    NearMe,
    RetentionRule,
    SearchHit,
    SearchSource,
    Subject,
    SubjectView,
    Topic,
)
from stadtkern.hub.domain import caring_privacy, indicators, thirst
from stadtkern.hub.domain.readers import ANYBODY, reader_of
from stadtkern.hub.domain.stations.listing import Station, list_stations, stations_by_id
from stadtkern.hub.domain.stations.measured import measured
from stadtkern.hub.domain.stations.nearby import stations_near
from stadtkern.hub.domain.stations.query import LONGEST_SEARCH, StationQuery
from stadtkern.hub.web import home, wording
from stadtkern.hub.web.cards import newest_text, where


def register_parts() -> None:
    """Called once, when the application starts."""
    parts.subjects.add(Subject(key="thing", label=gettext_lazy("Messstelle"), resolve_many=views))
    _pages()
    _answers()
    _figures()
    _care()


def _pages() -> None:
    parts.menu.add(
        MenuItem(
            key="hub.stations", label=gettext_lazy("Messwerte"), url_name="hub:stations", icon="thermometer", order=40
        )
    )
    for key, template, context, order in (
        ("hub.weather", "hub/home/weather.html", home.weather, 40),
        ("hub.water", "hub/home/water.html", home.water, 42),
        ("hub.trees", "hub/home/trees.html", home.trees, 44),
    ):
        parts.home_cards.add(HomeCard(key=key, template=template, context=context, order=order))
    parts.map_layers.add(
        MapLayer(
            key="sensors",
            label=gettext_lazy("Messwerte"),
            data_url="/daten/messwerte/karte.json?bbox={bbox}&zoom={zoom}",
            list_url="/daten/messwerte/",
            icon="thermometer",
            order=40,
        )
    )


def _answers() -> None:
    parts.search_sources.add(
        SearchSource(key="hub.stations", label=gettext_lazy("Messstellen"), search=search_stations, order=40)
    )
    parts.search_sources.add(
        SearchSource(key="hub.measured", label=gettext_lazy("Was gemessen wird"), search=search_measured, order=42)
    )
    parts.near_me.add(NearMe(key="hub", label=gettext_lazy("Messwerte in der Nähe"), answer=near, order=40))


def _figures() -> None:
    for key, label, unit, value in (
        ("hub.online", gettext_lazy("Messreihen, die Werte senden"), "", indicators.online),
        ("hub.fresh", gettext_lazy("Messreihen, die sich wie erwartet melden"), "%", indicators.fresh_share),
        ("hub.values", gettext_lazy("Messwerte am Tag"), "1/d", indicators.values_per_day),
    ):
        parts.indicators.add(Indicator(key=key, label=label, unit=unit, value=value))


def _care() -> None:
    parts.topics.add(
        Topic(
            key=thirst.NOTICE,
            label=gettext_lazy("Bäume, die Durst haben"),
            explanation=gettext_lazy("Wenn ein Baum, für den Sie die Patenschaft haben, Wasser braucht"),
        )
    )
    parts.retention_rules.add(
        RetentionRule(
            key="hub.waterings",
            what=gettext_lazy("Wer einen Baum gegossen hat"),
            keep=timedelta(days=90),
            purge=caring_privacy.forget_carers,
        )
    )
    caring_privacy.register()


def views(ids: Sequence[int]) -> dict[int, SubjectView]:
    """How stations look from other modules; two statements. What is not public is not shown."""
    return {
        id: SubjectView(
            kind="thing",
            id=id,
            title=station.name or wording.kind_name(station),
            url=reverse("hub:station", args=[id]),
            state=newest_text(station),
        )
        for id, station in stations_by_id(list(ids), reader=ANYBODY).items()
    }


def search_stations(text: str, person: Any, limit: int) -> list[SearchHit]:
    """By name, description and place."""
    words = "".join(sign for sign in text if sign.isprintable()).strip()[:LONGEST_SEARCH]
    if len(words) < 2:
        return []
    found = list_stations(StationQuery(text=words), reader=reader_of(person), limit=limit)
    return [_hit(station) for station in found.items]


def _hit(station: Station) -> SearchHit:
    return SearchHit(
        title=station.name,
        url=reverse("hub:station", args=[station.id]),
        text=", ".join(part for part in (wording.kind_name(station), where(station)) if part),
        state=newest_text(station),
    )


def search_measured(text: str, person: Any, limit: int) -> list[SearchHit]:
    """Quantities by their name, in any language of the pack."""
    words = text.strip().casefold()
    if len(words) < 3:
        return []
    found = [one for one in measured() if words in _all_words(one)]
    return [
        SearchHit(
            title=wording.name_of_choice(one),
            url=f"{reverse('hub:stations')}?groesse={one.key}",
            text=_("Alle Messstellen, die das messen"),
        )
        for one in found[:limit]
    ]


def _all_words(one: Any) -> str:
    known = one.quantity
    return " ".join([one.name, *(known.names if known else ()), *(known.words.values() if known else ())]).casefold()


def near(lat: float, lon: float) -> list[NearHit]:
    """The nearest stations within two kilometres that have a fresh value."""
    return [_near(station, metres) for station, metres in stations_near(lat, lon, reader=ANYBODY)]


def _near(station: Station, metres: int) -> NearHit:
    return NearHit(
        title=station.name,
        text=newest_text(station),
        url=reverse("hub:station", args=[station.id]),
        distance_m=metres,
        icon=wording.station_icon(station),
    )
