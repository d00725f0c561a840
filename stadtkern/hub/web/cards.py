"""A station in a list: its name, what it is, where, and up to three newest values."""

import re
from collections.abc import Iterable, Sequence
from typing import Any

from django.urls import reverse

from stadtkern.hub.domain.stations.listing import Station
from stadtkern.hub.domain.stations.series import Freshness, Series
from stadtkern.hub.web import wording

SHOWN = 3
WORD = re.compile(r"[^\W_]+(?:-[^\W_]+)*")
# As the names of places in Germany have them.
LINKING = {"am", "an", "auf", "bei", "bezirk", "das", "dem", "der", "die", "im", "in", "vom", "zum", "zur"}


def card(station: Station, quantity: str = "") -> dict[str, Any]:
    """With the values of the chosen quantity first."""
    chosen = lead(station, quantity)
    return {
        "url": reverse("hub:station", args=[station.id]),
        "title": station.name or f"{wording.kind_name(station)} {station.id}",
        "kind": wording.kind_name(station),
        "icon": wording.station_icon(station),
        "where": where(station),
        "state": wording.state_badge(freshness(station.series)),
        "is_simulated": station.is_simulated,
        "values": [reading(series) for series in chosen],
        "more": max(0, len(station.series) - len(chosen)),
    }


def lead(station: Station, quantity: str = "") -> list[Series]:
    """The first three, those of the chosen quantity before the others."""
    ordered = sorted(station.series, key=lambda one: (not _is(one, quantity), one.place))
    return ordered[:SHOWN]


def reading(series: Series) -> dict[str, Any]:
    """The newest value of a series as templates show it."""
    is_fresh = series.freshness() is Freshness.WORKING
    return {
        "id": series.id,
        "name": wording.name_of(series),
        "value": wording.value_of(series),
        "unit": wording.unit_of(series),
        "age": wording.age_of(series),
        "at": series.end or series.start,
        "icon": wording.icon_of(series),
        "verdict": wording.verdict_badge(series.verdict),
        "findings": wording.findings_of(series.flags),
        "is_fresh": is_fresh,
    }


def freshness(series: Iterable[Series]) -> Freshness:
    """A station works as long as one of its feeds does."""
    states = {one.freshness() for one in series}
    return next((state for state in Freshness if state in states), Freshness.EMPTY)


def where(station: Station) -> str:
    """The place's own name and the district, each once, and nothing that the station's name says already."""
    if station.place is None:
        return ""
    told, shown = words_in(station.name), []
    for part in [*station.place.name.split(","), station.place.district]:
        if new := words_in(part) - told:
            told |= new
            shown.append(part.strip())
    return ", ".join(shown)


def words_in(text: str) -> set[str]:
    """The words that name something: "am Ümminger See" says no more than "Ümminger See"."""
    return {word for word in WORD.findall(text.casefold()) if word not in LINKING}


def newest_text(station: Station, quantity: str = "") -> str:
    """The first fresh value in one line, for marks and search hits: "Wassertemperatur 12,4 °C, vor 4 Minuten"."""
    return summary(lead(station, quantity))


def summary(series: Sequence[Series]) -> str:
    for one in series:
        if wording.value_of(one) and one.freshness() is Freshness.WORKING:
            value = f"{wording.value_of(one)} {wording.unit_of(one)}".strip()
            return f"{wording.name_of(one)} {value}, {wording.age_of(one)}"
    return ""


def _is(series: Series, quantity: str) -> bool:
    if not quantity:
        return False
    known = series.quantity
    return known.key == quantity if known else str(series.property_id) == quantity
