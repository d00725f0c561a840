"""Weather of the Deutscher Wetterdienst as Bright Sky's `/weather` tells it (units=dwd): hourly records by station."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stadtkern.hub.domain.connecting.addresses import HEADER_FIELDS, URL
from stadtkern.hub.domain.connecting.documents import document, listed
from stadtkern.hub.domain.connecting.mapping import unit_of
from stadtkern.hub.domain.connecting.moments import zoned
from stadtkern.hub.domain.connecting.port import (
    Batch,
    ConfigField,
    ConnectorKind,
    Fetching,
    Reading,
    Reject,
    SeriesFacts,
    ThingFacts,
)
from stadtkern.hub.words import ObservationType

SPAN = timedelta(days=30)  # asked for at once
FORECAST = "forecast"
CF = "http://vocab.nerc.ac.uk/standard_name/"


class Field(NamedTuple):
    """One member of a weather record."""

    label: Any
    unit: str = ""
    unit_name: str = ""
    definition: str = ""


FIELDS = {
    "temperature": Field(gettext_lazy("Lufttemperatur"), "Cel", "Grad Celsius", f"{CF}air_temperature/"),
    "dew_point": Field(gettext_lazy("Taupunkt"), "Cel", "Grad Celsius", f"{CF}dew_point_temperature/"),
    "relative_humidity": Field(gettext_lazy("Relative Luftfeuchte"), "%", "Prozent", f"{CF}relative_humidity/"),
    "pressure_msl": Field(
        gettext_lazy("Luftdruck, auf Meereshöhe bezogen"), "hPa", "Hektopascal", f"{CF}air_pressure_at_mean_sea_level/"
    ),
    "precipitation": Field(gettext_lazy("Niederschlag der letzten Stunde"), "mm", "Millimeter"),
    "sunshine": Field(gettext_lazy("Sonnenschein der letzten Stunde"), "min", "Minuten"),
    "solar": Field(gettext_lazy("Globalstrahlung der letzten Stunde"), "kW.h/m2", "Kilowattstunden je Quadratmeter"),
    "cloud_cover": Field(gettext_lazy("Bedeckung"), "%", "Prozent", f"{CF}cloud_area_fraction/"),
    "visibility": Field(gettext_lazy("Sichtweite"), "m", "Meter", f"{CF}visibility_in_air/"),
    "wind_speed": Field(gettext_lazy("Windgeschwindigkeit"), "km/h", "Kilometer je Stunde", f"{CF}wind_speed/"),
    "wind_direction": Field(gettext_lazy("Windrichtung"), "deg", "Grad", f"{CF}wind_from_direction/"),
    "wind_gust_speed": Field(gettext_lazy("Windböen"), "km/h", "Kilometer je Stunde", f"{CF}wind_speed_of_gust/"),
    "wind_gust_direction": Field(gettext_lazy("Richtung der Windböen"), "deg", "Grad"),
    "condition": Field(gettext_lazy("Wetterlage")),
}


def fetch(fetching: Fetching) -> Iterator[Batch]:
    """Records of stations; forecasts only when they are wanted, each as a result of the moment it was asked for."""
    for since, until in _spans(fetching):
        page = document(fetching, _address(fetching, since, until))
        sources = {one.get("id"): one for one in listed(page, "sources")}
        batch = Batch()
        for row, record in enumerate(listed(page, "weather"), 1):
            batch.rows += 1
            _read(batch, row, record, sources.get(record.get("source_id")), fetching)
        yield batch


def check(config: Mapping[str, Any]) -> dict[str, str]:
    has_point = config.get("lat") not in (None, "") and config.get("lon") not in (None, "")
    if config.get("dwd_station_id") or has_point:
        return {}
    return {"dwd_station_id": _("Geben Sie eine Station oder Breite und Länge an.")}


def _spans(fetching: Fetching) -> Iterator[tuple[datetime, datetime]]:
    days = float(fetching.config.get("days_back") or 2)
    ahead = timedelta(days=float(fetching.config.get("days_ahead") or 0))
    end = fetching.until or fetching.now + ahead
    start = fetching.since or fetching.now - timedelta(days=days)
    while start < end:
        yield start, min(start + SPAN, end)
        start += SPAN


def _address(fetching: Fetching, since: datetime, until: datetime) -> str:
    config = fetching.config
    asked: dict[str, Any] = {"date": _text(since), "last_date": _text(until), "units": "dwd"}
    if config.get("dwd_station_id"):
        asked["dwd_station_id"] = config["dwd_station_id"]
    else:
        asked |= {"lat": config["lat"], "lon": config["lon"]}
    return f"{str(config['url']).rstrip('/')}/weather?{urlencode(asked)}"


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")


def _read(
    batch: Batch, row: int, record: Mapping[str, Any], source: Mapping[str, Any] | None, fetching: Fetching
) -> None:
    at = zoned(record.get("timestamp"))
    if at is None or source is None:
        batch.rejects.append(Reject(row, _("Eintrag ohne Zeit oder ohne Station"), str(dict(record))[:200]))
        return
    is_forecast = source.get("observation_type") == FORECAST or at > fetching.now
    if (is_forecast and not fetching.config.get("days_ahead")) or not fetching.wants(at):
        return
    station = str(source.get("dwd_station_id") or source.get("wmo_station_id") or f"source {source.get('id')}")
    thing = f"{station}/{FORECAST}" if is_forecast else station
    batch.things.append(_station_facts(thing, source, is_forecast=is_forecast))
    for name, field in FIELDS.items():
        if (value := record.get(name)) is not None:
            key = f"{thing}/{name}"
            batch.series.append(_series_facts(key, thing, field, is_text=isinstance(value, str)))
            value = value if isinstance(value, str) else float(value)
            batch.readings.append(Reading(key, at, value, row, None, fetching.now if is_forecast else None))


def _station_facts(key: str, source: Mapping[str, Any], *, is_forecast: bool) -> ThingFacts:
    name = str(source.get("station_name") or key).title()
    label = _("Vorhersage für %(name)s") if is_forecast else _("Wetterstation %(name)s (DWD)")
    told = ("dwd_station_id", "wmo_station_id", "height")
    return ThingFacts(
        key=key,
        name=label % {"name": name},
        lon=source.get("lon"),
        lat=source.get("lat"),
        properties={name: source[name] for name in told if source.get(name) is not None},
    )


def _series_facts(key: str, thing: str, field: Field, *, is_text: bool) -> SeriesFacts:
    return SeriesFacts(
        key=key,
        thing=thing,
        name=str(field.label),
        property_name=str(field.label),
        property_definition=field.definition,
        sensor="Deutscher Wetterdienst",
        unit=unit_of({"unit": field.unit, "unit_name": field.unit_name}),
        observation_type=ObservationType.CATEGORY if is_text else ObservationType.MEASUREMENT,
        interval_seconds=3600,
    )


BRIGHT_SKY = ConnectorKind(
    key="bright-sky",
    label=gettext_lazy("Wetter des DWD (Bright Sky)"),
    explanation=gettext_lazy("Stündliche Werte der nächsten Wetterstation, auf Wunsch mit Vorhersage."),
    fields=(
        replace(URL, default="https://api.brightsky.dev"),
        *HEADER_FIELDS,
        ConfigField(key="dwd_station_id", label=gettext_lazy("Station (Nummer des DWD)")),
        ConfigField(key="lat", label=gettext_lazy("Breite"), kind="number"),
        ConfigField(key="lon", label=gettext_lazy("Länge"), kind="number"),
        ConfigField(key="days_back", label=gettext_lazy("Tage zurück"), kind="number", default=2),
        ConfigField(key="days_ahead", label=gettext_lazy("Tage voraus"), kind="number", default=0),
    ),
    fetch=fetch,
    check=check,
    fills_gaps=True,
)
