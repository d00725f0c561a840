"""Dull builders for the hub's tests: a bench in the park that measures."""

from datetime import UTC, datetime
from typing import Any

from django.db import transaction

from stadtkern.hub.domain.connection import here, writing
from stadtkern.hub.domain.demo import property_of
from stadtkern.hub.domain.readers import EVERYTHING
from stadtkern.hub.domain.recording import record, sample_of
from stadtkern.hub.domain.streams import read_streams
from stadtkern.hub.domain.vocabulary import vocabulary
from stadtkern.hub.models import Datastream, Location, ObservedProperty, Sensor, Thing
from stadtkern.hub.words import GEOJSON, ObservationType

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
IN_DEGREES = {"name": "degree Celsius", "symbol": "°C", "definition": "http://unitsofmeasure.org/ucum.html#para-30"}
PARK = {"type": "Point", "coordinates": [7.2239, 51.4921]}


def thing(**given: Any) -> Thing:
    made = Thing.objects.create(**{"name": "Bank im Stadtpark", "description": "Eine Bank mit Wetterstation"} | given)
    lon, lat = PARK["coordinates"]
    place = Location.objects.create(
        name="Stadtpark", encoding_type=GEOJSON, location=PARK, west=lon, east=lon, south=lat, north=lat,
        organisation=made.organisation, visibility=made.visibility,
    )  # fmt: skip
    made.locations.add(place)
    return made


def datastream(on: Thing | None = None, **given: Any) -> Datastream:
    house = on or thing()
    usual = {
        "name": "Lufttemperatur",
        "description": "Lufttemperatur in zwei Metern Höhe",
        "observation_type": ObservationType.MEASUREMENT,
        "unit": IN_DEGREES,
        "organisation": house.organisation,
        "visibility": house.visibility,
    }
    given.setdefault("sensor", None)
    sensor = given.pop("sensor") or Sensor.objects.create(name="Fühler", encoding_type="text/plain", metadata="PT100")
    prop = given.pop("observed_property", None) or ObservedProperty.objects.create(
        name="Lufttemperatur", definition="http://vocabs.lter-europe.net/EnvThes/22035"
    )
    return Datastream.objects.create(**usual | given, thing=house, sensor=sensor, observed_property=prop)


@transaction.atomic
def tree(**given: Any) -> Thing:
    """A tree with a sensor, as the city's pack knows them."""
    made = thing(**{"name": "Linde 1", "properties": {"kind": "tree"}} | given)
    datastream(made, observed_property=property_of(vocabulary().quantities["tree-moisture"]), interval_seconds=900)
    return made


def measured(on: Thing, result: float, at: datetime, **more: Any) -> None:
    """Its only datastream has this value from now on."""
    stream = read_streams(here(), EVERYTHING, {on.datastreams.get().pk}).popitem()[1]
    with writing() as connection:
        record(connection, [sample_of(stream, result=result, start=at, **more)])
