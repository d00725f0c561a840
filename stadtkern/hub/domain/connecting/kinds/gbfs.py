"""GBFS (General Bikeshare Feed Specification) 2.x and 3.0, found by gbfs.json: vehicles and docks of each station."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stadtkern.hub.domain.connecting.addresses import HEADER_FIELDS, URL
from stadtkern.hub.domain.connecting.documents import document, listed
from stadtkern.hub.domain.connecting.moments import zoned
from stadtkern.hub.domain.connecting.port import (
    MOST_IN_BATCH,
    Batch,
    ConnectorKind,
    Fetching,
    Reading,
    Reject,
    SeriesFacts,
    SourceFault,
    ThingFacts,
)
from stadtkern.hub.words import ObservationType

UPDATED = "last_updated"  # in the position
# key -> (names in 2.x and 3.0, our name, kind of value)
SERIES = {
    "available": (("num_vehicles_available", "num_bikes_available"), gettext_lazy("Verfügbare Fahrzeuge"), "count"),
    "docks": (("num_docks_available",), gettext_lazy("Freie Stellplätze"), "count"),
    "disabled": (("num_vehicles_disabled", "num_bikes_disabled"), gettext_lazy("Fahrzeuge außer Betrieb"), "count"),
    "renting": (("is_renting",), gettext_lazy("Verleih geöffnet"), "flag"),
}
UNIT = {"name": "Anzahl", "symbol": "1", "definition": "https://ucum.org/ucum#1"}
PREFERRED = ("de", "en")


def fetch(fetching: Fetching) -> Iterator[Batch]:
    """One reading for each figure of each station, at the moment it was reported."""
    feeds = _feeds(document(fetching, fetching.config["url"]))
    for name in ("station_information", "station_status"):
        if name not in feeds:
            raise SourceFault(_("Der Anbieter gibt „%(name)s“ nicht heraus.") % {"name": name})
    status = document(fetching, feeds["station_status"])
    updated = _moment(status.get(UPDATED)) if isinstance(status, dict) else None
    if updated is None:
        raise SourceFault(_("Die Antwort nennt nicht, von wann sie ist (last_updated)."))
    if fetching.position.get(UPDATED) == updated.isoformat():
        return
    stations = {str(one.get("station_id")): one for one in _stations(document(fetching, feeds["station_information"]))}
    batch = Batch()
    for row, one in enumerate(_stations(status), 1):
        batch.rows += 1
        _read(batch, row, one, stations.get(str(one.get("station_id"))), updated)
        if len(batch.readings) >= MOST_IN_BATCH:
            yield batch
            batch = Batch()
    batch.position, batch.is_alive = {UPDATED: updated.isoformat()}, True
    yield batch


def _feeds(root: Any) -> dict[str, str]:
    """Addresses by name; 2.x has one list for each language, 3.0 one for all."""
    data = root.get("data") if isinstance(root, dict) else None
    if not isinstance(data, dict):
        raise SourceFault(_("Das ist keine Übersicht nach GBFS (gbfs.json)."))
    if not isinstance(data.get("feeds"), list):
        languages = [one for one in (*PREFERRED, *sorted(data)) if isinstance(data.get(one), dict)]
        data = data[languages[0]] if languages else {}
    return {str(one.get("name")): str(one.get("url")) for one in listed(data, "feeds")}


def _stations(page: Any) -> list[dict[str, Any]]:
    return listed(page.get("data") if isinstance(page, dict) else None, "stations")


def _read(batch: Batch, row: int, one: Mapping[str, Any], about: Mapping[str, Any] | None, updated: datetime) -> None:
    key = str(one.get("station_id") or "")
    if about is None or not key:
        batch.rejects.append(Reject(row, _("Station ohne Beschreibung"), str(dict(one))[:200]))
        return
    batch.things.append(_station_facts(key, about))
    at = min(_moment(one.get("last_reported")) or updated, updated)
    for series, (names, label, kind) in SERIES.items():
        value = next((one[name] for name in names if one.get(name) is not None), None)
        if value is None:
            continue
        batch.series.append(_series_facts(key, series, str(label), kind))
        batch.readings.append(Reading(f"{key}/{series}", at, bool(value) if kind == "flag" else value, row))


def _station_facts(key: str, about: Mapping[str, Any]) -> ThingFacts:
    more = {name: about[name] for name in ("capacity", "address") if about.get(name) is not None}
    return ThingFacts(
        key=key, name=_words(about.get("name")) or key, lon=about.get("lon"), lat=about.get("lat"), properties=more
    )


def _series_facts(thing: str, series: str, label: str, kind: str) -> SeriesFacts:
    is_flag = kind == "flag"
    return SeriesFacts(
        key=f"{thing}/{series}",
        thing=thing,
        name=label,
        property_name=label,
        sensor="GBFS",
        unit={} if is_flag else UNIT,
        observation_type=ObservationType.TRUTH if is_flag else ObservationType.COUNT,
        low=None if is_flag else 0,
    )


def _words(told: Any) -> str:
    """A text, or texts by language (3.0): the preferred one, else the first."""
    if not isinstance(told, list):
        return str(told or "")
    texts = {str(one.get("language")): str(one.get("text")) for one in told if isinstance(one, dict)}
    return next((texts[language] for language in (*PREFERRED, *texts) if language in texts), "")


def _moment(told: Any) -> datetime | None:
    """Seconds since 1970 (2.x) or RFC 3339 (3.0); None when there is none, or a nought."""
    if not isinstance(told, int | float):
        return zoned(told)
    try:
        return datetime.fromtimestamp(told, tz=UTC) if told > 0 else None
    except (ValueError, OverflowError, OSError):
        return None


GBFS = ConnectorKind(
    key="gbfs",
    label=gettext_lazy("Leihräder und E-Scooter (GBFS)"),
    explanation=gettext_lazy("Die Stationen eines Anbieters: verfügbare Fahrzeuge und freie Plätze."),
    fields=(URL, *HEADER_FIELDS),
    fetch=fetch,
)
