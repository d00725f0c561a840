"""GTFS Realtime 2.0 (protocol buffers): figures of a whole feed and of each route, or the place of each vehicle."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stadtkern.hub.domain.connecting.addresses import HEADER_FIELDS, URL, headers_of
from stadtkern.hub.domain.connecting.documents import whole
from stadtkern.hub.domain.connecting.mapping import unit_of
from stadtkern.hub.domain.connecting.port import (
    MOST_IN_BATCH,
    Batch,
    ConfigField,
    ConnectorKind,
    Fetching,
    Reading,
    SeriesFacts,
    SourceFault,
    ThingFacts,
)
from stadtkern.hub.words import ObservationType

COUNTS, VEHICLES = "counts", "vehicles"
STAMP, SEEN = "timestamp", "seen"  # in the position
FEED = "feed"
LATE_SECONDS = 300


class Figure(NamedTuple):
    """A figure of the feed or of a route: which part of the feed it comes from, what it is called, its unit."""

    part: str
    label: Any
    unit: str = "1"
    unit_name: str = "Anzahl"
    type: str = ObservationType.COUNT


FIGURES = {
    "vehicles": Figure("vehicle", gettext_lazy("Fahrzeuge unterwegs")),
    "trips": Figure("trip_update", gettext_lazy("Fahrten mit Prognose")),
    "late": Figure("trip_update", gettext_lazy("Verspätete Fahrten (über 5 Minuten)")),
    "canceled": Figure("trip_update", gettext_lazy("Ausgefallene Fahrten")),
    "delay": Figure("trip_update", gettext_lazy("Verspätung im Mittel"), "s", "Sekunden", ObservationType.MEASUREMENT),
    "alerts": Figure("alert", gettext_lazy("Störungsmeldungen")),
}
PLACE = {
    "position": Figure("vehicle", gettext_lazy("Position"), "", "", ObservationType.OBSERVATION),
    "speed": Figure("vehicle", gettext_lazy("Geschwindigkeit"), "m/s", "Meter je Sekunde", ObservationType.MEASUREMENT),
    "bearing": Figure("vehicle", gettext_lazy("Fahrtrichtung"), "deg", "Grad", ObservationType.MEASUREMENT),
}


def fetch(fetching: Fetching) -> Iterator[Batch]:
    """One reading for each figure, at the moment of the feed; a feed of the same moment gives nothing."""
    feed = _feed(fetching)
    if feed is None:
        return
    at = _at(feed, fetching)
    if fetching.position.get(STAMP) == at.isoformat():
        return
    if fetching.config.get("mode") == VEHICLES:
        yield from _vehicles(feed, at)
    else:
        yield _counted(feed, at, fetching)
    yield Batch(position={STAMP: at.isoformat()}, is_alive=True)


def _feed(fetching: Fetching) -> Any:
    from google.protobuf.message import DecodeError
    from google.transit import gtfs_realtime_pb2

    url = fetching.config["url"]
    answer = fetching.asking.get(url, headers=headers_of(fetching.config, url), conditional=True)
    if not answer.changed:
        return None
    feed = gtfs_realtime_pb2.FeedMessage()  # type: ignore[attr-defined]
    try:
        feed.ParseFromString(whole(answer))
    except DecodeError as error:
        raise SourceFault(_("Die Antwort ist kein GTFS-Realtime (Protocol Buffers).")) from error
    return feed


def _at(feed: Any, fetching: Fetching) -> datetime:
    return _moment(feed.header.timestamp) or fetching.now.replace(microsecond=0)


def _moment(stamp: int) -> datetime | None:
    """Seconds since 1970; None when there is none, or one that cannot be (some tell milliseconds)."""
    return datetime.fromtimestamp(stamp, tz=UTC) if 0 < stamp < 2**33 else None


def _counted(feed: Any, at: datetime, fetching: Fetching) -> Batch:
    """Parts that were in the feed once are counted from then on, also when they are none."""
    tallies: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    seen = set(fetching.position.get(SEEN, ()))
    for entity in feed.entity:
        for part in ("vehicle", "trip_update", "alert"):
            if entity.HasField(part):
                seen.add(part)
                for key in _subjects(entity, part, by_route=bool(fetching.config.get("by_route"))):
                    _tally(tallies[key], entity, part, at)
    batch = Batch(rows=len(feed.entity), position={SEEN: sorted(seen)})
    tallies.setdefault(FEED, defaultdict(float))
    for key, tally in tallies.items():
        batch.things.append(ThingFacts(key=key, name=_named(key, fetching)))
        for name, figure in FIGURES.items():
            is_told = figure.part in seen and (key == FEED or name != "alerts")
            if is_told and (value := _value(name, tally)) is not None:
                batch.series.append(_series_facts(key, name, figure))
                batch.readings.append(Reading(f"{key}/{name}", at, value))
    return batch


def _subjects(entity: Any, part: str, *, by_route: bool) -> list[str]:
    route = getattr(entity, part).trip.route_id if part != "alert" else ""
    return [FEED, f"route {route}"] if by_route and route else [FEED]


def _tally(tally: dict[str, float], entity: Any, part: str, at: datetime) -> None:
    if part == "vehicle":
        tally["vehicles"] += 1
    elif part == "alert":
        tally["alerts"] += _is_active(entity.alert, at.timestamp())
    else:
        _tally_trip(tally, entity.trip_update)


def _tally_trip(tally: dict[str, float], update: Any) -> None:
    tally["trips"] += 1
    if update.trip.schedule_relationship == update.trip.CANCELED:
        tally["canceled"] += 1
        return
    delay = _delay(update)
    if delay is not None:
        tally["delayed"] += 1
        tally["seconds"] += delay
        tally["late"] += delay > LATE_SECONDS


def _delay(update: Any) -> float | None:
    """Seconds: of the trip as a whole, else at the first stop that tells one."""
    if update.HasField("delay"):
        return float(update.delay)
    for stop in update.stop_time_update:
        for event in ("arrival", "departure"):
            if stop.HasField(event) and getattr(stop, event).HasField("delay"):
                return float(getattr(stop, event).delay)
    return None


def _is_active(alert: Any, now: float) -> bool:
    periods = list(alert.active_period)
    return not periods or any(one.start <= now and (not one.end or now < one.end) for one in periods)


def _value(name: str, tally: dict[str, float]) -> float | int | None:
    if name == "delay":
        return round(tally["seconds"] / tally["delayed"], 1) if tally.get("delayed") else None
    return int(tally.get(name, 0))


def _named(key: str, fetching: Fetching) -> str:
    name = fetching.config.get("name") or _("Nahverkehr")
    return name if key == FEED else _("%(name)s, Linie %(line)s") % {"name": name, "line": key.removeprefix("route ")}


def _vehicles(feed: Any, at: datetime) -> Iterator[Batch]:
    """Each vehicle is a thing; its place is a result, so that its way stays known."""
    batch = Batch()
    for row, entity in enumerate(feed.entity, 1):
        if not entity.HasField("vehicle"):
            continue
        batch.rows += 1
        _place(batch, row, entity, at)
        if len(batch.readings) >= MOST_IN_BATCH:
            yield batch
            batch = Batch()
    yield batch


def _place(batch: Batch, row: int, entity: Any, at: datetime) -> None:
    vehicle = entity.vehicle
    key = vehicle.vehicle.id or entity.id
    moment = _moment(vehicle.timestamp) or at
    batch.things.append(ThingFacts(key=key, name=vehicle.vehicle.label or key))
    told: dict[str, Any] = {}
    if vehicle.HasField("position"):
        place = vehicle.position
        point = [round(place.longitude, 6), round(place.latitude, 6)]  # floats of 32 bits there
        told["position"] = {"type": "Point", "coordinates": point}
        told |= {name: round(getattr(place, name), 2) for name in ("speed", "bearing") if place.HasField(name)}
    for name, value in told.items():
        batch.series.append(_series_facts(key, name, PLACE[name]))
        batch.readings.append(Reading(f"{key}/{name}", moment, value, row))


def _series_facts(thing: str, name: str, figure: Figure) -> SeriesFacts:
    return SeriesFacts(
        key=f"{thing}/{name}",
        thing=thing,
        name=str(figure.label),
        property_name=str(figure.label),
        sensor="GTFS Realtime",
        unit=unit_of({"unit": figure.unit, "unit_name": figure.unit_name}),
        observation_type=figure.type,
    )


GTFS_RT = ConnectorKind(
    key="gtfs-rt",
    label=gettext_lazy("Nahverkehr in Echtzeit (GTFS-RT)"),
    explanation=gettext_lazy(
        "Fahrzeuge, Verspätungen, Ausfälle und Störungen; als Zahlen oder mit dem Ort jedes Fahrzeugs."
    ),
    fields=(
        URL,
        *HEADER_FIELDS,
        ConfigField(key="name", label=gettext_lazy("Name des Netzes")),
        ConfigField(
            key="mode",
            label=gettext_lazy("Was gespeichert wird"),
            kind="choice",
            default=COUNTS,
            choices=((COUNTS, gettext_lazy("Zahlen")), (VEHICLES, gettext_lazy("der Ort jedes Fahrzeugs"))),
        ),
        ConfigField(key="by_route", label=gettext_lazy("Auch für jede Linie"), kind="flag", default=False),
    ),
    fetch=fetch,
)
