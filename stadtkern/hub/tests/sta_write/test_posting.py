"""POST: entities of every kind, at every address, as deep as one likes; what is wrong is named at its place."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from stadtkern.hub.models import (
    Datastream,
    FeatureOfInterest,
    HistoricalLocation,
    Latest,
    Location,
    ObservedProperty,
    Sensor,
    Thing,
)
from stadtkern.hub.tests.cast import IN_DEGREES
from stadtkern.hub.tests.sta_write.api import (
    FEATURE,
    LOCATION,
    NOON,
    PARK,
    PROPERTY,
    SENSOR,
    STREAM,
    THING,
    TOWN_HALL,
    Api,
    station,
)
from stadtkern.hub.words import ObservationType

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("Things", THING | {"properties": {"owner": "Parkamt"}}),
        ("Locations", LOCATION),
        ("Sensors", SENSOR | {"properties": {"made": 2024}}),
        ("ObservedProperties", PROPERTY),
        ("FeaturesOfInterest", FEATURE),
    ],
)
def test_an_entity_is_made_and_told(api: Api, path: str, body: dict[str, Any]) -> None:
    told = api.post(path, body)
    assert told.status == 201, told.body
    assert told.headers["Location"] == f"http://testserver/sta/v1.1/{path}({told.id})"
    assert told.body["@iot.id"] == told.id
    assert told.body["@iot.selfLink"] == told.headers["Location"]
    assert {name: told.body[name] for name in body} == body
    assert api.get(f"{path}({told.id})") == told.body


def test_a_datastream_links_what_is_there(api: Api) -> None:
    thing, stream = station(api)
    told = api.get(f"Datastreams({stream})?$expand=Thing,Sensor,ObservedProperty")
    assert (told["Thing"]["@iot.id"], told["Sensor"]["name"]) == (thing, "Fühler")
    assert told["ObservedProperty"]["definition"] == PROPERTY["definition"]
    assert told["unitOfMeasurement"] == IN_DEGREES


def test_a_whole_station_in_one_request(api: Api) -> None:
    sensor = api.made("Sensors", SENSOR)
    values = [{"phenomenonTime": f"2026-05-04T1{n}:00:00Z", "result": n} for n in range(3)]
    stream = STREAM | {"Sensor": {"@iot.id": sensor}, "ObservedProperty": PROPERTY, "Observations": values}
    second = stream | {"name": "Zweite", "ObservedProperty": PROPERTY | {"name": "Boden"}}
    body = THING | {"Locations": [LOCATION], "Datastreams": [stream, second]}
    thing = api.made("Things", body)
    told = api.get(f"Things({thing})?$expand=Locations,HistoricalLocations,Datastreams/Observations")
    assert [place["location"] for place in told["Locations"]] == [PARK]
    assert len(told["HistoricalLocations"]) == 1
    assert sorted(one["result"] for one in told["Datastreams"][0]["Observations"]) == [0, 1, 2]
    assert len(told["Datastreams"]) == 2
    assert Sensor.objects.count() == 1
    assert FeatureOfInterest.objects.get().feature == PARK


def test_depth_from_the_other_end(api: Api) -> None:
    """A feature with its observations, their datastream with its thing, its sensor and its property, and so on."""
    stream = STREAM | {"Thing": THING | {"Locations": [LOCATION]}, "Sensor": SENSOR, "ObservedProperty": PROPERTY}
    feature = FEATURE | {"Observations": [{"phenomenonTime": NOON, "result": 1.5, "Datastream": stream}]}
    id = api.made("FeaturesOfInterest", feature)
    found = api.get(f"FeaturesOfInterest({id})/Observations?$expand=Datastream/Thing/Locations")["value"]
    assert [one["result"] for one in found] == [1.5]
    assert found[0]["Datastream"]["Thing"]["Locations"][0]["location"] == PARK


def test_nothing_stays_of_a_deep_insert_that_fails(api: Api) -> None:
    stream = STREAM | {"Sensor": SENSOR, "ObservedProperty": PROPERTY, "Observations": [{"result": "warm"}]}
    told = api.post("Things", THING | {"Locations": [LOCATION], "Datastreams": [stream]})
    assert told.status == 400
    assert "/Datastreams/0/Observations/0/result" in told.body["errors"]
    for model in (Thing, Location, HistoricalLocation, Sensor, ObservedProperty, Datastream):
        assert not model.objects.exists()


def test_nested_collections(api: Api) -> None:
    thing, stream = station(api)
    second = api.made(f"Things({thing})/Datastreams", STREAM | {"Sensor": SENSOR, "ObservedProperty": PROPERTY})
    assert {one["@iot.id"] for one in api.get(f"Things({thing})/Datastreams")["value"]} == {stream, second}
    sensor = api.get(f"Datastreams({stream})/Sensor")["@iot.id"]
    links = {"Thing": {"@iot.id": thing}, "ObservedProperty": PROPERTY}
    third = api.made(f"Sensors({sensor})/Datastreams", STREAM | links)
    assert api.get(f"Datastreams({third})/Sensor")["@iot.id"] == sensor
    value = api.made(f"Things({thing})/Datastreams({stream})/Observations", {"result": 3, "phenomenonTime": NOON})
    assert api.get(f"Observations({value})/Datastream")["@iot.id"] == stream
    again = api.made(f"Observations({value})/Datastream/Observations", {"result": 4})
    assert api.get(f"Datastreams({stream})/Observations({again})")["result"] == 4


def test_a_new_location_moves_the_thing(api: Api) -> None:
    thing, stream = station(api)
    api.made(f"Datastreams({stream})/Observations", {"result": 1, "phenomenonTime": NOON})
    place = api.made(f"Things({thing})/Locations", LOCATION | {"location": TOWN_HALL})
    assert [one["@iot.id"] for one in api.get(f"Things({thing})/Locations")["value"]] == [place]
    assert len(api.get(f"Things({thing})/HistoricalLocations")["value"]) == 2
    api.made(f"Datastreams({stream})/Observations", {"result": 2})
    features = [
        one["FeatureOfInterest"]["feature"]
        for one in api.get(f"Datastreams({stream})/Observations?$expand=FeatureOfInterest&$orderby=phenomenonTime")[
            "value"
        ]
    ]
    assert features == [PARK, TOWN_HALL]


def test_history_that_somebody_writes(api: Api) -> None:
    thing, _stream = station(api)
    body = {"time": "2020-01-01T00:00:00Z", "Thing": {"@iot.id": thing}, "Locations": [LOCATION | {"name": "Damals"}]}
    entry = api.made("HistoricalLocations", body)
    assert api.get(f"HistoricalLocations({entry})/Locations")["value"][0]["name"] == "Damals"
    assert api.get(f"Things({thing})/Locations")["value"][0]["name"] == "Park", "the past moves nothing"
    more = api.made(f"HistoricalLocations({entry})/Locations", LOCATION | {"name": "Auch dort"})
    assert more in {one["@iot.id"] for one in api.get(f"HistoricalLocations({entry})/Locations")["value"]}
    other = api.made(f"Locations({more})/Things", THING | {"name": "Andere"})
    assert api.get(f"Things({other})/Locations")["value"][0]["@iot.id"] == more


def test_several_properties_in_one_datastream(api: Api) -> None:
    body = {
        "name": "Wind", "description": "", "unitOfMeasurements": [IN_DEGREES, IN_DEGREES],
        "multiObservationDataTypes": [str(ObservationType.MEASUREMENT)] * 2, "Thing": THING, "Sensor": SENSOR,
        "ObservedProperties": [PROPERTY, PROPERTY | {"name": "Böe"}], "observationType": str(ObservationType.COMPLEX),
    }  # fmt: skip
    id = api.made("MultiDatastreams", body)
    value = api.made(f"MultiDatastreams({id})/Observations", {"result": [3.5, None]})
    assert api.get(f"Observations({value})")["result"] == [3.5, None]
    assert [one["name"] for one in api.get(f"MultiDatastreams({id})/ObservedProperties")["value"]] == ["Luft", "Böe"]
    for wrong in ([1], [1, 2, 3], 1, "x"):
        assert api.post(f"MultiDatastreams({id})/Observations", {"result": wrong}).status == 400
    told = api.post("MultiDatastreams", body | {"unitOfMeasurements": [IN_DEGREES]})
    assert (told.status, "1 units" in told.body["message"]) == (400, True)
    assert api.ask("GET", f"Datastreams({id})").status == 404
    assert api.post("Observations", {"result": 1, "Datastream": {"@iot.id": id}}).status == 400


def test_an_observation_with_all_its_properties(api: Api) -> None:
    _thing, stream = station(api)
    body = {
        "phenomenonTime": "2026-05-04T14:00:00+02:00/2026-05-04T15:00:00+02:00",
        "result": 21.5,
        "resultTime": "2026-05-04T13:05:00.250Z",
        "resultQuality": {"nameOfMeasure": "by hand"},
        "validTime": "2026-05-04T12:00:00Z/2026-05-05T12:00:00Z",
        "parameters": {"depth": 2},
        "Datastream": {"@iot.id": stream},
        "FeatureOfInterest": FEATURE,
    }
    told = api.get(f"Observations({api.made('Observations', body)})?$expand=FeatureOfInterest")
    assert told["phenomenonTime"] == "2026-05-04T12:00:00Z/2026-05-04T13:00:00Z"
    assert (told["result"], told["resultTime"]) == (21.5, "2026-05-04T13:05:00.250Z")
    assert told["validTime"] == body["validTime"]
    assert told["parameters"] == {"depth": 2}
    assert body["resultQuality"] in [told["resultQuality"], *told["resultQuality"]]
    assert told["FeatureOfInterest"]["feature"] == TOWN_HALL


def test_without_a_time_it_is_now(api: Api) -> None:
    _thing, stream = station(api)
    told = api.post(f"Datastreams({stream})/Observations", {"result": 1})
    age = datetime.now(UTC) - datetime.fromisoformat(told.body["phenomenonTime"])
    assert timedelta(0) <= age < timedelta(minutes=1)
    assert told.body["resultTime"] is None


def test_the_same_moment_again_is_a_correction_of_the_same_id(api: Api) -> None:
    _thing, stream = station(api)
    path = f"Datastreams({stream})/Observations"
    first = api.made(path, {"phenomenonTime": NOON, "result": 1})
    assert api.made(path, {"phenomenonTime": NOON, "result": 2}) == first
    assert api.get(f"Observations({first})")["result"] == 2
    assert Latest.objects.get(pk=stream).count == 1


TYPES = {
    ObservationType.MEASUREMENT: ([1, 2.5, -3, None], ["warm", True, [1], {"a": 1}]),
    ObservationType.COUNT: ([1, 2.0, None], [2.5, "1", False]),
    ObservationType.TRUTH: ([True, False, None], [1, "true"]),
    ObservationType.CATEGORY: (["gut", "", None], []),
    ObservationType.OBSERVATION: ([1, "a", True, [1, {"a": None}], {"deep": [1]}, None], []),
}


@pytest.mark.parametrize("kind", TYPES)
def test_the_result_fits_the_datastream(api: Api, kind: ObservationType) -> None:
    good, bad = TYPES[kind]
    links = {"Thing": THING, "Sensor": SENSOR, "ObservedProperty": PROPERTY}
    stream = api.made("Datastreams", STREAM | {"observationType": str(kind)} | links)
    for place, result in enumerate(good):
        at = f"2026-05-04T12:{place:02}:00Z"
        told = api.post(f"Datastreams({stream})/Observations", {"result": result, "phenomenonTime": at})
        assert (told.status, told.body["result"]) == (201, result)
    for result in bad:
        told = api.post(f"Datastreams({stream})/Observations", {"result": result})
        assert told.status == 400
        assert "/result" in told.body["errors"]


LINKS = {"Thing": {"@iot.id": 1}, "Sensor": {"@iot.id": 1}, "ObservedProperty": {"@iot.id": 1}}
WRONG = [
    ("Things", {"name": "Bank"}, "/", "description is missing"),
    ("Things", {}, "/", "name, description are missing"),
    ("Things", THING | {"nmae": 1}, "/nmae", "Things have no 'nmae'"),
    ("Things", THING | {"name": None}, "/name", "expected a text"),
    ("Things", THING | {"properties": []}, "/properties", "expected a JSON object"),
    ("Things", THING | {"Locations": LOCATION}, "/Locations", "expected a list of Locations"),
    ("Things", THING | {"Locations": [LOCATION, 5]}, "/Locations/1", "expected an object"),
    ("Things", THING | {"Locations": [{"@iot.id": "1"}]}, "/Locations/0/@iot.id", "an id is a whole number"),
    ("Things", THING | {"Locations": [{"@iot.id": 99999}]}, "/Locations/0", "there is no Locations(99999)"),
    ("Things", THING | {"Datastreams": [STREAM]}, "/Datastreams/0", "Sensor, ObservedProperty are missing"),
    ("Locations", LOCATION | {"location": {"type": "Point"}}, "/location", "no GeoJSON geometry"),
    ("Locations", LOCATION | {"encodingType": ""}, "/encodingType", "a text that is not empty"),
    ("FeaturesOfInterest", FEATURE | {"feature": {"type": "Point", "coordinates": [1e3, 2]}}, "/feature", "longitude"),
    ("Datastreams", STREAM, "/", "Thing, Sensor, ObservedProperty are missing"),
    ("Datastreams", STREAM | LINKS | {"unitOfMeasurement": "°C"}, "/unitOfMeasurement", "name, symbol and definition"),
    ("Datastreams", STREAM | LINKS | {"unitOfMeasurement": {"n": 1}}, "/unitOfMeasurement", "name, symbol"),
    ("Datastreams", STREAM | LINKS | {"observedArea": {"type": "Box"}}, "/observedArea", "a GeoJSON geometry"),
    ("Observations", {"result": 1}, "/", "one Datastream or one MultiDatastream"),
    ("Observations", {"Datastream": {"@iot.id": 1}}, "/", "result is missing"),
    ("Observations", {"result": 1, "Datastream": {"@iot.id": 1}, "phenomenonTime": "now"}, "/phenomenonTime", "moment"),
    ("Observations", {"result": 1, "Datastream": {"@iot.id": 1}, "phenomenonTime": "2026-05-04T12:00:00"},
     "/phenomenonTime", "has no zone"),
    ("Observations", {"result": 1, "Datastream": {"@iot.id": 1}, "phenomenonTime": f"{NOON}/2026-05-04T11:00:00Z"},
     "/phenomenonTime", "ends after it starts"),
    ("Observations", {"result": 1, "Datastream": {"@iot.id": 1}, "validTime": NOON}, "/validTime", "a period"),
    ("Observations", {"result": 1, "Datastream": {"@iot.id": 0}}, "/Datastream/@iot.id", "an id is a whole number"),
    ("Observations", {"result": 1, "Datastream": {"@iot.id": True}}, "/Datastream/@iot.id", "an id is a whole number"),
    ("Observations", {"result": 1, "Datastream": {"@iot.id": 2**63}}, "/Datastream/@iot.id", "an id is a whole"),
    ("HistoricalLocations", {"time": NOON, "Thing": THING}, "/", "Locations is missing"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "body", "at", "reason"), WRONG)
def test_what_is_wrong_is_named_at_its_place(api: Api, path: str, body: Any, at: str, reason: str) -> None:
    told = api.post(path, body)
    assert told.status == 400, told.body
    assert list(told.body["errors"]) == [at]
    assert reason in told.body["errors"][at]
    assert told.body["code"] == 400
    assert told.body["type"] == "error"


def test_a_moment_nobody_keeps(api: Api) -> None:
    _thing, stream = station(api)
    for at in ("1969-12-31T23:59:59Z", "2090-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00"):
        told = api.post(f"Datastreams({stream})/Observations", {"result": 1, "phenomenonTime": at})
        assert (told.status, list(told.body["errors"])) == (400, ["/phenomenonTime"])


def test_annotations_a_client_has_read_do_no_harm(api: Api) -> None:
    read = api.post("Things", THING).body
    told = api.post("Things", read)
    assert told.status == 201
    assert told.id != read["@iot.id"]


@pytest.mark.parametrize(
    "path", ["Things(1)", "Things(1)/name", "Things/$count", "Observations(1)/Datastream", "", "Datastreams(1)/Sensor"]
)
def test_post_goes_to_collections_only(api: Api, path: str) -> None:
    station(api)
    assert api.post(path, THING).status in (404, 405)


def test_properties_of_a_multi_datastream_are_fixed(api: Api) -> None:
    body = {
        "name": "Wind", "description": "", "unitOfMeasurements": [IN_DEGREES],
        "multiObservationDataTypes": ["x"], "Thing": THING, "Sensor": SENSOR, "ObservedProperties": [PROPERTY],
    }  # fmt: skip
    id = api.made("MultiDatastreams", body)
    told = api.post(f"MultiDatastreams({id})/ObservedProperties", PROPERTY)
    assert (told.status, told.headers["Allow"]) == (405, "GET, HEAD")


def test_the_address_and_the_body_may_not_contradict(api: Api) -> None:
    thing, _stream = station(api)
    other = api.made("Things", THING)
    body = STREAM | {"Sensor": SENSOR, "ObservedProperty": PROPERTY}
    same = api.post(f"Things({thing})/Datastreams", body | {"Thing": {"@iot.id": thing}})
    assert same.status == 201
    told = api.post(f"Things({thing})/Datastreams", body | {"Thing": {"@iot.id": other}})
    assert (told.status, list(told.body["errors"])) == (400, ["/Thing"])


@pytest.mark.parametrize(
    "path", ["Things(99999)/Datastreams", "Nonsense", "Things(1)/Nonsense", "Datastreams(5)/Observations"]
)
def test_what_is_not_there_is_404(api: Api, path: str) -> None:
    assert api.post(path, THING).status == 404


def test_return_minimal(api: Api) -> None:
    told = api.post("Things", THING, Prefer="return=minimal")
    assert (told.status, told.body, told.headers["Preference-Applied"]) == (201, b"", "return=minimal")
    assert Thing.objects.get().pk == told.id


def test_an_existing_datastream_hangs_at_a_new_sensor(api: Api) -> None:
    _thing, stream = station(api)
    sensor = api.made("Sensors", SENSOR | {"Datastreams": [{"@iot.id": stream}]})
    assert api.get(f"Datastreams({stream})/Sensor")["@iot.id"] == sensor
    told = api.post("FeaturesOfInterest", FEATURE | {"Observations": [{"@iot.id": 5}]})
    assert told.status == 400
