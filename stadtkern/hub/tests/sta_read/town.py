"""Three things with five datastreams: a bench and a pond in the park, a tree in the street."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import connection as django

from stadtkern.hub.domain.connection import writing
from stadtkern.hub.domain.store import writing as store
from stadtkern.hub.domain.store.port import Sample
from stadtkern.hub.models import (
    Datastream,
    DatastreamProperty,
    FeatureOfInterest,
    HistoricalLocation,
    Location,
    ObservedProperty,
    Sensor,
    Thing,
)
from stadtkern.hub.tests.cast import IN_DEGREES, NOON
from stadtkern.hub.words import ObservationType

HOUR = timedelta(hours=1)
PLACES = {"park": (7.2239, 51.4921), "street": (7.2162, 51.4818), "lake": (7.2700, 51.4300)}


@dataclass
class Town:
    things: dict[str, Thing] = field(default_factory=dict)
    streams: dict[str, Datastream] = field(default_factory=dict)
    features: dict[str, FeatureOfInterest] = field(default_factory=dict)
    locations: dict[str, Location] = field(default_factory=dict)
    sensor: Any = None
    properties: dict[str, ObservedProperty] = field(default_factory=dict)


def build(**owned: Any) -> Town:
    """Everything public unless `owned` says otherwise."""
    town = Town()
    town.sensor = Sensor.objects.create(name="Fühler", encoding_type="text/plain", metadata="PT100", **owned)
    for name in ("air", "water", "moisture"):
        town.properties[name] = ObservedProperty.objects.create(name=name, definition=f"http://example.org/{name}")
    for name, (lon, lat) in PLACES.items():
        point = {"type": "Point", "coordinates": [lon, lat]}
        box = {"west": lon, "east": lon, "south": lat, "north": lat}
        town.locations[name] = Location.objects.create(name=name, location=point, **box, **owned)
        town.features[name] = FeatureOfInterest.objects.create(name=name, feature=point, **box, **owned)
    _things(town, owned)
    _streams(town, owned)
    _values(town)
    return town


def _things(town: Town, owned: dict[str, Any]) -> None:
    for name, place, properties in (
        ("bench", "park", {"owner": "Parkamt", "height": 2.5, "wired": True}),
        ("pond", "lake", {"owner": "Wasser's Amt", "height": 7, "tags": ["a", "b"], "since": "2020-02-03T04:05:06Z"}),
        ("tree", "street", {"height": "tall"}),
    ):
        thing = Thing.objects.create(name=name, description=f"a {name}", properties=properties, **owned)
        thing.locations.add(town.locations[place])
        told = HistoricalLocation.objects.create(thing=thing, time=NOON)
        told.locations.add(town.locations[place])
        town.things[name] = thing


def _streams(town: Town, owned: dict[str, Any]) -> None:
    for name, thing, prop, place in (
        ("bench air", "bench", "air", "park"),
        ("bench rain", "bench", "water", "park"),
        ("pond level", "pond", "water", "lake"),
        ("tree moisture", "tree", "moisture", "street"),
    ):
        town.streams[name] = stream(town, name, thing, prop, place, **owned)
    several = stream(
        town, "bench wind", "bench", None, "park", is_multi=True, unit=[IN_DEGREES, IN_DEGREES],
        observation_type=ObservationType.COMPLEX, multi_types=[ObservationType.MEASUREMENT] * 2, **owned,
    )  # fmt: skip
    for position, prop in enumerate(("water", "air")):
        DatastreamProperty.objects.create(
            datastream=several, observed_property=town.properties[prop], position=position
        )
    town.streams["bench wind"] = several


def stream(town: Town, name: str, thing: str, prop: str | None, place: str, **more: Any) -> Datastream:
    given = {"observation_type": ObservationType.MEASUREMENT, "unit": IN_DEGREES} | more
    made = Datastream.objects.create(
        name=name, description=f"the {name}", thing=town.things[thing], sensor=town.sensor,
        observed_property=town.properties[prop] if prop else None, default_feature=town.features[place], **given,
    )  # fmt: skip
    with django.cursor() as cursor:
        cursor.execute(
            "insert into hub_feature_use (datastream_id, feature_id) values (%s, %s)",
            [made.pk, town.features[place].pk],
        )
    return made


def _values(town: Town) -> None:
    for n in range(6):
        put(town.streams["bench air"], NOON + n * HOUR, number=10.5 + n, result_time=NOON + n * HOUR)
    for n in range(3):
        put(town.streams["bench rain"], NOON + n * HOUR, NOON + (n + 1) * HOUR, number=float(n), flags=n)
    put(town.streams["pond level"], NOON, number=1.25, quality={"code": "good"}, parameters={"depth": 2})
    put(town.streams["pond level"], NOON + HOUR, text="frozen", flags=1)
    put(town.streams["pond level"], NOON + 40 * 24 * HOUR, json={"level": [1, 2]}, flags=3, quality=["seen"])
    put(town.streams["bench wind"], NOON, json=[1.5, 270])


def put(stream: Datastream, start: datetime, end: datetime | None = None, **more: Any) -> Sample:
    """One value of a datastream; returns it as it stands."""
    given = {"feature_id": stream.default_feature_id, **more}
    with writing() as connection:
        sample = Sample(datastream_id=stream.pk, phenomenon_start=start, phenomenon_end=end, **given)
        return store.append(connection, [sample]).samples[0]
