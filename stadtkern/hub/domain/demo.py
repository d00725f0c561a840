"""The demo: the pack's stations with real values where files of them are at hand (connecting/imports/beside.py).

The others have values that are made up (simulation.py), labelled so wherever they are shown: registered as any other
source is, recorded by the same verb as real values; `source` and the property `simulation` say what they are.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

from stadtkern.core.city import CityPack, city
from stadtkern.core.jobs import every
from stadtkern.hub.domain.connecting.imports.beside import bring_in, real_stations
from stadtkern.hub.domain.connection import here, writing
from stadtkern.hub.domain.found_again import Belonging
from stadtkern.hub.domain.quality.rules import keep_rule
from stadtkern.hub.domain.readers import EVERYTHING
from stadtkern.hub.domain.recording import record, sample_of
from stadtkern.hub.domain.registering import (
    register_datastream,
    register_location,
    register_property,
    register_sensor,
    register_thing,
)
from stadtkern.hub.domain.removing import remove_location, remove_thing
from stadtkern.hub.domain.simulation import STEP, Site, steps, value_at
from stadtkern.hub.domain.store.port import Sample
from stadtkern.hub.domain.streams import Stream, read_streams
from stadtkern.hub.domain.vocabulary import Kind, Quantity, vocabulary
from stadtkern.hub.models import (
    CalibrationPeriod,
    Datastream,
    Decoder,
    Device,
    Latest,
    Location,
    ObservedProperty,
    QualityRule,
    Thing,
    Watering,
)
from stadtkern.people.models import Organisation

SOURCE = "simulation"
PROPERTIES = "property"  # observed properties are shared with the connectors, found by definition and name
HISTORY = timedelta(days=60)
DEVICE_KEY, DEVICE_DECODER = "A84041000181D001", "dragino-lse01"
BATCH = 20_000  # samples
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Told:
    """What the pack says of its stations, as the demo needs it."""

    stations: Sequence[Row]
    series: Mapping[str, Sequence[Row]]  # by kind
    simulation: Mapping[str, Mapping[str, float]]
    licence: Mapping[str, str]

    @classmethod
    def of(cls, pack: CityPack) -> "Told":
        given = pack.read("hub/words/stations.toml")
        rows = given.get("series", [])
        names = ("licence", "licence_url", "source", "source_url")
        return cls(
            stations=given.get("station", []),
            series={key: [row for row in rows if row["kind"] == key] for key in vocabulary(pack).kinds},
            simulation=given.get("simulation", {}),
            licence={name: given[name] for name in names if name in given},
        )


def load_demo(pack: CityPack, files: Path | None = None) -> str:
    """Bring in what is real (`files`: the folder); the other stations get sixty days of made-up values, if missing."""
    told, real = Told.of(pack), real_stations(files)
    _retire(real)
    made_up = [row for row in told.stations if row["key"] not in real]
    houses = dict(Organisation.objects.values_list("key", "pk"))
    for row in made_up:
        _register(row, told, houses)
    _add_device(houses)
    count = write_missing(pack)
    said = f"{len(made_up)} stations with a simulation, {count} values"
    return f"{said}, {bring_in(files)}" if files else said


def _add_device(houses: Mapping[str, int]) -> None:
    """A probe beside a tree that nobody has heard yet: something to look at for who comes to map its fields."""
    tree = Thing.objects.filter(source=SOURCE, properties__kind="tree").order_by("pk").first()
    decoder = Decoder.objects.filter(key=DEVICE_DECODER, is_builtin=True).first()
    house = houses.get(vocabulary().kinds["tree"].owner) if "tree" in vocabulary().kinds else None
    if tree and decoder and house:
        facts = {"name": "Bodenfühler (Vorführung)", "thing": tree, "decoder": decoder, "organisation_id": house}
        Device.objects.get_or_create(key=DEVICE_KEY, defaults=facts)


def _retire(keys: Collection[str]) -> None:
    """What was made up of these stations goes, with whoever cared for it: real and made-up values never mix."""
    made_up = {"source": SOURCE, "source_key__in": keys}
    for id in list(Thing.objects.filter(**made_up).values_list("pk", flat=True)):
        remove_thing(id)
    for id in list(Location.objects.filter(**made_up).values_list("pk", flat=True)):
        remove_location(id)


def write_missing(pack: CityPack, *, now: datetime | None = None) -> int:
    """Every value since the last one of each station, sixty days back at most; returns how many."""
    until = (now or timezone.now()) + timedelta(seconds=1)
    written = 0
    with writing() as connection:
        samples = _samples(pack, until)
        while some := list(islice(samples, BATCH)):
            written += record(connection, some).created
    return written


@every("*/5 * * * *", "hub.simulate")
def simulate() -> None:
    """While a demo runs: the values of the last minutes, or of the time it stood still."""
    if settings.DEMO and Datastream.objects.filter(source=SOURCE).exists():
        write_missing(city())


def _samples(pack: CityPack, until: datetime) -> Iterator[Sample]:
    """By station, so that each batch touches few datastreams, oldest first."""
    told = Told.of(pack)
    sites = {row["key"]: row for row in told.stations}
    held = Datastream.objects.filter(source=SOURCE).values_list("pk", "source_key")
    streams = read_streams(here(), EVERYTHING, {id for id, _key in held})
    last = dict(Latest.objects.filter(datastream_id__in=streams).values_list("datastream_id", "phenomenon_start"))
    for id, key in sorted(held, key=lambda pair: pair[1]):
        station, _, quantity = key.partition("/")
        newest = last[id]
        if station not in sites or (station in told.simulation.get("dead", {}) and newest):
            continue
        site = _site(sites[station], told, until)
        since = until - HISTORY if newest is None else newest + STEP / 2
        yield from _values(site, quantity, streams[id], max(since, until - HISTORY), until)


def _values(site: Site, quantity: str, stream: Stream, since: datetime, until: datetime) -> Iterator[Sample]:
    for moment in steps(since, until):
        number = value_at(site, quantity, moment)
        if number is not None:
            yield sample_of(stream, result=number, start=moment)


def _site(row: Row, told: Told, now: datetime) -> Site:
    key = row["key"]
    silent = told.simulation.get("dead", {}).get(key)
    watered = Watering.objects.filter(thing__source=SOURCE, thing__source_key=key).order_by("at")
    return Site(
        key=key,
        level=float(row.get("level", 1.2)),
        thirst=float(told.simulation.get("thirst", {}).get(key, 1.0)),
        ends=None if silent is None else now - timedelta(days=silent),
        waterings=tuple(watered.values_list("at", flat=True)),
    )


def _register(row: Row, told: Told, houses: Mapping[str, int]) -> None:
    kind = vocabulary().kinds[row["kind"]]
    belonging: Belonging = {"organisation_id": houses.get(kind.owner), "source": SOURCE, "source_key": row["key"]}
    place = register_location(
        name=row.get("at") or row["name"],
        location={"type": "Point", "coordinates": [row["lon"], row["lat"]]},
        properties={"precision": row.get("precision", "exact")},
        **belonging,
    )
    thing = register_thing(
        name=row["name"],
        description=kind.words["de"],
        properties=_properties(row, told),
        locations=[place],
        **belonging,
    )
    for series in told.series[kind.key]:
        _register_series(thing, kind, series, belonging)
    _note_cleaning(thing, told.simulation.get("cleaned", {}).get(row["key"]))


def _properties(row: Row, told: Told) -> dict[str, Any]:
    named = {name: row[name] for name in ("kind", "called", "species", "precision") if name in row}
    return named | dict(told.licence) | {"simulation": True}


def _register_series(thing: Thing, kind: Kind, series: Row, belonging: Belonging) -> None:
    quantity = vocabulary().quantities[series["quantity"]]
    house: Belonging = {"organisation_id": belonging.get("organisation_id"), "source": SOURCE}
    sensor = register_sensor(name=kind.sensor, metadata=kind.sensor, **house | {"source_key": f"sensor {kind.key}"})
    stream = register_datastream(
        name=quantity.words["de"],
        description=f"{quantity.words['de']}: {thing.name} (Simulation)",
        thing=thing,
        sensor=sensor,
        observed_property=property_of(quantity),
        unit={"name": quantity.unit, "symbol": quantity.ucum, "definition": f"https://ucum.org/ucum#{quantity.ucum}"},
        interval_seconds=int(STEP.total_seconds()),
        properties={"simulation": True},
        **house | {"source_key": f"{thing.source_key}/{quantity.key}"},
    )
    if "low" in series and not stream.rules.exists():
        limits = {"low": series["low"], "high": series["high"], "note": "Messbereich"}
        keep_rule(stream, kind=QualityRule.Kind.RANGE, severity=QualityRule.Severity.BAD, by=None, **limits)


def property_of(quantity: Quantity) -> ObservedProperty:
    """The observed property of a quantity, the same one that connectors use who name it so."""
    name, definition = quantity.names[0], quantity.definitions[0]
    return register_property(
        name=name, definition=definition, source=PROPERTIES, source_key=f"{definition} {name}"[:200]
    )


def _note_cleaning(thing: Thing, days_ago: float | None) -> None:
    streams = Datastream.objects.filter(thing=thing)
    if days_ago is None or CalibrationPeriod.objects.filter(datastream__in=streams).exists():
        return
    since = timezone.now() - timedelta(days=days_ago)
    CalibrationPeriod.objects.bulk_create(
        CalibrationPeriod(datastream=stream, since=since, until=since + timedelta(hours=5), note="Sonde gereinigt")
        for stream in streams
    )
