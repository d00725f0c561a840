"""An independent client of the standard (frost_sta_client) against a running server: all kinds of entities."""

from collections.abc import Iterator
from typing import Any

import frost_sta_client as fsc
import pytest
import requests
from geojson import Point, Polygon

from stadtkern.core import apikeys
from stadtkern.hub.domain.store import months
from stadtkern.hub.tests.sta_write.api import NOON
from stadtkern.hub.words import GEOJSON, ObservationType

pytestmark = pytest.mark.django_db(transaction=True)
KINDS = [
    "things",
    "locations",
    "historical_locations",
    "sensors",
    "observed_properties",
    "datastreams",
    "multi_datastreams",
    "features_of_interest",
    "observations",
]


@pytest.fixture
def service(live_server: Any, city: Any) -> Iterator[fsc.SensorThingsService]:
    """A client with a key, as password of Basic: the client knows nothing else."""
    months.forget()
    _key, text = apikeys.issue("FROST client", scopes=["hub.read", "hub.write", "hub.manage"])
    yield fsc.SensorThingsService(f"{live_server.url}/sta/v1.1", auth_handler=fsc.AuthHandler("key", text))
    months.forget()


class Units(list[Any]):
    """The client asks its list of units for its state, which lists of Python have none of: here it is."""

    def __getstate__(self) -> list[Any]:
        return [one.__getstate__() for one in self]


def degrees() -> fsc.UnitOfMeasurement:
    return fsc.UnitOfMeasurement("degree Celsius", "Cel", "http://unitsofmeasure.org/ucum.html#para-30")


def entity(kind: str, name: str = "erste") -> Any:
    """A complete new entity of a kind, with what it needs inside."""
    told = {"name": name, "description": f"{kind} für den Test"}
    place = fsc.Location(**told, location=Point((7.2239, 51.4921)), encoding_type=GEOJSON)
    thing = fsc.Thing(**told, properties={"owner": "Parkamt"}, locations=[place])
    sensor = fsc.Sensor(**told, encoding_type="text/plain", metadata="PT100")
    prop = fsc.ObservedProperty(**told, definition="http://example.org/air")
    measure = str(ObservationType.MEASUREMENT)
    stream = fsc.Datastream(
        **told, observation_type=measure, unit_of_measurement=degrees(), thing=thing, sensor=sensor,
        observed_property=prop,
    )  # fmt: skip
    several = fsc.MultiDatastream(
        **told, multi_observation_data_types=[measure, measure], unit_of_measurements=Units([degrees(), degrees()]),
        thing=thing, sensor=sensor, observed_properties=[prop, prop],
        observed_area=Polygon([[(7, 51), (8, 51), (8, 52), (7, 51)]]),  # here the client takes no other geometry
    )  # fmt: skip
    return {
        "things": thing,
        "locations": place,
        "historical_locations": fsc.HistoricalLocation(time=NOON, thing=thing, locations=[place]),
        "sensors": sensor,
        "observed_properties": prop,
        "datastreams": stream,
        "multi_datastreams": several,
        "features_of_interest": fsc.FeatureOfInterest(**told, feature=Point((7.2, 51.4)), encoding_type=GEOJSON),
        "observations": fsc.Observation(phenomenon_time=NOON, result=21.5, datastream=stream, parameters={"depth": 2}),
    }[kind]


def listed(service: fsc.SensorThingsService, kind: str) -> Any:
    return getattr(service, kind)()


@pytest.mark.parametrize("kind", KINDS)
def test_create_read_filter_patch_update_delete(service: fsc.SensorThingsService, kind: str) -> None:
    made = entity(kind)
    service.create(made)
    assert isinstance(made.id, int)
    read = listed(service, kind).find(made.id)
    assert read.id == made.id

    found = list(listed(service, kind).query().filter(f"id eq {made.id}").list())
    assert [one.id for one in found] == [made.id]
    assert listed(service, kind).query().count().filter(f"id ne {made.id}").list().count is not None

    path, value, name = CHANGES.get(kind, ("/name", "zweite", "name"))
    service.patch(made, [{"op": "replace", "path": path, "value": value}])
    changed = listed(service, kind).find(made.id)
    assert getattr(changed, name) == value

    if kind == "multi_datastreams":
        changed.unit_of_measurements = Units([degrees(), degrees()])
    service.update(changed)
    assert getattr(listed(service, kind).find(made.id), name) == value

    service.delete(changed)
    with pytest.raises(requests.HTTPError) as gone:
        listed(service, kind).find(made.id)
    assert gone.value.response.status_code == 404


CHANGES: dict[str, tuple[str, Any, str]] = {
    "historical_locations": ("/time", "2020-01-01T00:00:00Z", "time"),
    "observations": ("/result", 22, "result"),
}


def test_relations_and_expansions(service: fsc.SensorThingsService) -> None:
    thing, sensor, prop = entity("things"), entity("sensors"), entity("observed_properties")
    for one in (thing, sensor, prop):
        service.create(one)
    stream = fsc.Datastream(
        name="Luft", description="Lufttemperatur", observation_type=str(ObservationType.MEASUREMENT),
        unit_of_measurement=degrees(), thing=fsc.Thing(id=thing.id), sensor=fsc.Sensor(id=sensor.id),
        observed_property=fsc.ObservedProperty(id=prop.id),
    )  # fmt: skip
    service.create(stream)
    for hour in range(3):
        at = f"2026-05-04T1{hour}:00:00Z"
        service.create(fsc.Observation(phenomenon_time=at, result=hour, datastream=fsc.Datastream(id=stream.id)))
    found = service.things().query().expand("Datastreams($expand=Observations($top=1)),Locations").list()
    (told,) = list(found)
    assert told.locations.entities[0].location["coordinates"] == [7.2239, 51.4921]
    assert told.datastreams.entities[0].observations.entities[0].result == 2
    values = listed(service, "datastreams").find(stream.id).get_observations().query()
    assert [one.result for one in values.orderby("phenomenonTime", "DESC").list()] == [2, 1, 0]


def test_many_pages(service: fsc.SensorThingsService) -> None:
    for number in range(7):
        service.create(fsc.Thing(name=f"Bank {number}", description="eine von sieben"))
    assert [one.name for one in service.things().query().top(2).list()] == [f"Bank {number}" for number in range(7)]


def test_data_arrays(service: fsc.SensorThingsService) -> None:
    stream = entity("datastreams")
    service.create(stream)
    rows = fsc.DataArrayValue()
    rows.datastream = stream
    rows.components = {rows.Property.PHENOMENON_TIME, rows.Property.RESULT}
    for hour in range(3):
        rows.add_observation(fsc.Observation(phenomenon_time=f"2026-05-04T1{hour}:00:00Z", result=hour))
    document = fsc.DataArrayDocument()
    document.add_data_array_value(rows)
    answered = service.observations().create(document)
    assert len(answered) == 3
    assert sorted(one.result for one in service.observations().query().list()) == [0, 1, 2]


def test_without_a_key_nothing_is_written(service: fsc.SensorThingsService) -> None:
    stranger = fsc.SensorThingsService(str(service.url.url))
    with pytest.raises(requests.HTTPError) as refused:
        stranger.create(entity("things"))
    assert refused.value.response.status_code == 401
    assert list(service.things().query().list()) == []
