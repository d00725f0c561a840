"""PATCH and PUT: merged, patched or replaced; what is not named stays, and what must be there cannot go."""

from typing import Any

import pytest
from django.db import connection as django

from stadtkern.hub.models import HistoricalLocation, Latest
from stadtkern.hub.tests.cast import IN_DEGREES
from stadtkern.hub.tests.sta_write.api import (
    FEATURE,
    LOCATION,
    NOON,
    PARK,
    PROPERTY,
    SENSOR,
    THING,
    TOWN_HALL,
    Api,
    station,
)
from stadtkern.hub.words import ObservationType

pytestmark = pytest.mark.django_db
MERGE = {"Content_Type": "application/merge-patch+json"}
STEPS = {"Content_Type": "application/json-patch+json"}
EVERY = [
    ("Things", THING),
    ("Locations", LOCATION),
    ("Sensors", SENSOR),
    ("ObservedProperties", PROPERTY),
    ("FeaturesOfInterest", FEATURE),
]


@pytest.mark.parametrize(("path", "body"), EVERY)
def test_one_property_changes_and_the_others_stay(api: Api, path: str, body: dict[str, Any]) -> None:
    id = api.made(path, body)
    told = api.patch(f"{path}({id})", {"name": "Anders"})
    assert (told.status, told.body["name"], told.body["@iot.id"]) == (200, "Anders", id)
    now = api.get(f"{path}({id})")
    assert {name: now[name] for name in body} == body | {"name": "Anders"}


def test_properties_are_merged(api: Api) -> None:
    id = api.made("Things", THING | {"properties": {"owner": "Park", "deep": {"a": 1, "b": 2}, "old": True}})
    patch = {"properties": {"deep": {"b": 3, "c": [1]}, "old": None}}
    assert api.patch(f"Things({id})", patch).status == 200
    assert api.get(f"Things({id})")["properties"] == {"owner": "Park", "deep": {"a": 1, "b": 3, "c": [1]}}
    assert api.patch(f"Things({id})", {"properties": None}, **MERGE).status == 200
    assert api.get(f"Things({id})").get("properties", {}) == {}


def test_a_geometry_is_replaced_as_a_whole_and_merged_only_by_name(api: Api) -> None:
    line = {"type": "LineString", "coordinates": [[7, 51], [7.1, 51]], "bbox": [7, 51, 7.1, 51]}
    id = api.made("Locations", LOCATION | {"location": line})
    assert api.patch(f"Locations({id})", {"location": PARK}).status == 200
    assert api.get(f"Locations({id})")["location"] == PARK
    assert api.patch(f"Locations({id})", {"location": {"coordinates": [7, 51]}}, **MERGE).status == 200
    assert api.get(f"Locations({id})")["location"] == {"type": "Point", "coordinates": [7, 51]}
    assert api.patch(f"Locations({id})", {"location": {"coordinates": [7, 51]}}).status == 400


def test_a_corrected_location_is_where_the_thing_measures(api: Api) -> None:
    thing, stream = station(api)
    api.made(f"Datastreams({stream})/Observations", {"result": 1, "phenomenonTime": NOON})
    place = api.get(f"Things({thing})/Locations")["value"][0]["@iot.id"]
    api.patch(f"Locations({place})", {"location": TOWN_HALL})
    id = api.made(f"Datastreams({stream})/Observations", {"result": 2})
    assert api.get(f"Observations({id})/FeatureOfInterest")["feature"] == TOWN_HALL


def test_json_patch(api: Api) -> None:
    id = api.made("Things", THING | {"properties": {"a": [1, 2]}})
    steps = [
        {"op": "test", "path": "/properties/a/0", "value": 1},
        {"op": "replace", "path": "/name", "value": "Neu"},
        {"op": "add", "path": "/properties/a/-", "value": {"x/y": 3}},
        {"op": "copy", "from": "/name", "path": "/properties/was"},
    ]
    assert api.patch(f"Things({id})", steps, **STEPS).status == 200
    now = api.get(f"Things({id})")
    assert (now["name"], now["properties"]) == ("Neu", {"a": [1, 2, {"x/y": 3}], "was": "Neu"})


BAD_STEPS = [
    {"op": "replace", "path": "/name", "value": "x"},
    "x",
    None,
    [1],
    [{"op": "nonsense", "path": "/name"}],
    [{"op": "replace", "path": "/nothing/here", "value": 1}],
    [{"op": "test", "path": "/name", "value": "other"}],
    [{"op": "remove", "path": "/name"}],
    [{"op": "remove", "path": ""}],
    [{"op": "replace", "path": "", "value": []}],
    [{"op": "add", "path": "/strange", "value": 1}],
    [{"op": "replace", "path": "/name", "value": 5}],
    [{"op": "move", "from": "/name", "path": "/description"}],
    [{"op": "add", "path": "/properties/a/9", "value": 5}],
    [{"op": "add", "path": "name", "value": 5}],
    [{"path": "/name"}],
    [{"op": "replace", "path": "/name", "value": "x"}] * 201,
]


@pytest.mark.parametrize("steps", BAD_STEPS)
def test_a_json_patch_that_does_not_fit_changes_nothing(api: Api, steps: Any) -> None:
    id = api.made("Things", THING | {"properties": {"a": [1]}})
    before = api.get(f"Things({id})")
    told = api.patch(f"Things({id})", steps, **STEPS)
    assert told.status == 400, told.body
    assert api.get(f"Things({id})") == before


def test_a_patch_that_copies_itself_is_stopped(api: Api) -> None:
    id = api.made("Things", THING | {"properties": {"a": "x" * 1000}})
    steps = [{"op": "copy", "from": "/properties", "path": f"/properties/n{n}"} for n in range(60)]
    assert api.patch(f"Things({id})", steps, **STEPS).status in (400, 413)
    assert list(api.get(f"Things({id})")["properties"]) == ["a"]


def test_put_replaces_and_needs_what_is_mandatory(api: Api) -> None:
    id = api.made("Things", THING | {"properties": {"a": 1}})
    assert api.put(f"Things({id})", {"name": "Neu"}).status == 400
    told = api.put(f"Things({id})", {"name": "Neu", "description": "Ganz neu"})
    assert (told.status, told.body["name"]) == (200, "Neu")
    assert api.get(f"Things({id})").get("properties", {}) == {}


def test_put_of_what_was_read_changes_nothing(api: Api) -> None:
    _thing, stream = station(api)
    value = api.made(f"Datastreams({stream})/Observations", {"result": 1.5, "phenomenonTime": NOON, "resultTime": NOON})
    for path in (f"Datastreams({stream})", f"Observations({value})"):
        before = api.get(path)
        told = api.put(path, before)
        assert told.status == 200, told.body
        assert api.get(path) == before


@pytest.mark.parametrize("body", [{"name": None}, {"description": 5}, {"nmae": "x"}, [], 5, None, {"properties": 3}])
def test_a_wrong_patch_changes_nothing(api: Api, body: Any) -> None:
    id = api.made("Things", THING)
    for headers in ({}, MERGE):
        assert api.patch(f"Things({id})", body, **headers).status == 400
    assert api.get(f"Things({id})")["name"] == THING["name"]


def test_another_media_type_is_no_patch(api: Api) -> None:
    id = api.made("Things", THING)
    assert api.patch(f"Things({id})", {"name": "x"}, Content_Type="text/plain").status == 415


def test_links_change(api: Api) -> None:
    _thing, stream = station(api)
    other = api.made("Things", THING | {"name": "Andere", "Locations": [LOCATION | {"location": TOWN_HALL}]})
    sensor = api.made("Sensors", SENSOR)
    told = api.patch(f"Datastreams({stream})", {"Thing": {"@iot.id": other}, "Sensor": {"@iot.id": sensor}})
    assert told.status == 200, told.body
    assert api.get(f"Datastreams({stream})/Thing")["@iot.id"] == other
    assert api.get(f"Datastreams({stream})/Sensor")["@iot.id"] == sensor
    value = api.made(f"Datastreams({stream})/Observations", {"result": 1})
    assert api.get(f"Observations({value})/FeatureOfInterest")["feature"] == TOWN_HALL


def test_a_thing_moves_by_patch(api: Api) -> None:
    thing, _stream = station(api)
    place = api.made("Locations", LOCATION | {"location": TOWN_HALL})
    body = {"Locations": [{"@iot.id": place}]}
    assert api.patch(f"Things({thing})", body).status == 200
    assert api.patch(f"Things({thing})", body).status == 200
    assert HistoricalLocation.objects.count() == 2, "it moves once"
    back = api.get("HistoricalLocations?$orderby=time&$top=1&$expand=Locations")["value"][0]["Locations"][0]
    assert api.patch(f"Locations({back['@iot.id']})", {"Things": [{"@iot.id": thing}]}).status == 200
    assert api.get(f"Things({thing})/Locations")["value"] == [api.get(f"Locations({back['@iot.id']})")]


def test_datastreams_hang_at_another_entity_by_patch(api: Api) -> None:
    _thing, stream = station(api)
    other = api.made("Things", THING)
    sensor = api.made("Sensors", SENSOR)
    prop = api.made("ObservedProperties", PROPERTY)
    for path in (f"Things({other})", f"Sensors({sensor})", f"ObservedProperties({prop})"):
        assert api.patch(path, {"Datastreams": [{"@iot.id": stream}]}).status == 200
    assert api.get(f"Datastreams({stream})/Thing")["@iot.id"] == other
    assert api.get(f"Datastreams({stream})/ObservedProperty")["@iot.id"] == prop
    told = api.patch(f"Datastreams({stream})", {"Observations": [{"@iot.id": 1}]})
    assert told.status == 400


def test_new_entities_do_not_go_in_a_patch(api: Api) -> None:
    thing, _stream = station(api)
    told = api.patch(f"Things({thing})", {"Locations": [LOCATION]})
    assert (told.status, list(told.body["errors"])) == (400, ["/Locations/0"])


def test_history_is_corrected(api: Api) -> None:
    thing, _stream = station(api)
    entry = api.get(f"Things({thing})/HistoricalLocations")["value"][0]["@iot.id"]
    assert api.patch(f"HistoricalLocations({entry})", {"time": "2024-01-01T00:00:00+01:00"}).status == 200
    assert api.get(f"HistoricalLocations({entry})")["time"] == "2023-12-31T23:00:00Z"
    steps = [{"op": "replace", "path": "/time", "value": NOON}]
    assert api.patch(f"HistoricalLocations({entry})", steps, **STEPS).status == 200
    assert api.get(f"HistoricalLocations({entry})")["time"] == NOON


def test_units_of_several_properties_stay_as_many(api: Api) -> None:
    body = {
        "name": "Wind", "description": "", "unitOfMeasurements": [IN_DEGREES, IN_DEGREES],
        "multiObservationDataTypes": [str(ObservationType.MEASUREMENT)] * 2, "Thing": THING, "Sensor": SENSOR,
        "ObservedProperties": [PROPERTY, PROPERTY],
    }  # fmt: skip
    id = api.made("MultiDatastreams", body)
    assert api.patch(f"MultiDatastreams({id})", {"unitOfMeasurements": [IN_DEGREES]}).status == 400
    assert (
        api.patch(f"MultiDatastreams({id})", {"unitOfMeasurements": [IN_DEGREES | {"symbol": "K"}] * 2}).status == 200
    )
    assert [unit["symbol"] for unit in api.get(f"MultiDatastreams({id})")["unitOfMeasurements"]] == ["K", "K"]


def observed(api: Api, **body: Any) -> tuple[int, int]:
    """A datastream and an observation of it."""
    _thing, stream = station(api)
    return stream, api.made(f"Datastreams({stream})/Observations", {"result": 1, "phenomenonTime": NOON} | body)


@pytest.mark.parametrize(
    "patch",
    [
        {"result": 7.5},
        {"phenomenonTime": "2026-05-04T13:30:00Z"},
        {"phenomenonTime": "2024-02-29T13:30:00Z"},
        {"phenomenonTime": "2026-05-04T12:00:00Z/2026-05-04T13:00:00Z"},
        {"resultTime": "2026-05-04T11:00:00Z"},
        {"resultQuality": {"by": "hand"}},
        {"validTime": "2026-05-04T12:00:00Z/2026-05-04T13:00:00Z"},
        {"parameters": {"depth": 1e300}},
        {"result": None},
    ],
)
def test_an_observation_changes_and_keeps_its_id(api: Api, patch: dict[str, Any]) -> None:
    stream, id = observed(api, parameters={})
    before = api.get(f"Observations({id})")
    told = api.patch(f"Observations({id})", patch)
    assert told.status == 200, told.body
    now = api.get(f"Observations({id})")
    expected = before | patch
    for name in ("phenomenonTime", "result", "resultTime", "validTime", "parameters"):
        assert now.get(name) == expected.get(name), name
    assert [one["@iot.id"] for one in api.get(f"Datastreams({stream})/Observations")["value"]] == [id]
    assert Latest.objects.get(pk=stream).count == 1
    assert api.patch(f"Observations({id})", {"result": 2}).status == 200, "and it can be changed again"


def test_an_observation_by_json_patch_and_put(api: Api) -> None:
    _stream, id = observed(api, parameters={"depth": 1})
    steps = [{"op": "replace", "path": "/result", "value": 3}, {"op": "add", "path": "/parameters/hand", "value": True}]
    assert api.patch(f"Observations({id})", steps, **STEPS).status == 200
    now = api.get(f"Observations({id})")
    assert (now["result"], now["parameters"]) == (3, {"depth": 1, "hand": True})
    assert api.put(f"Observations({id})", {"result": 4}).status == 200
    now = api.get(f"Observations({id})")
    assert (now["result"], now["phenomenonTime"], now.get("parameters")) == (4, NOON, None)
    assert api.put(f"Observations({id})", {"phenomenonTime": NOON}).status == 400


def test_a_moment_that_another_observation_has_is_a_conflict(api: Api) -> None:
    stream, _first = observed(api)
    later = api.made(f"Datastreams({stream})/Observations", {"result": 2, "phenomenonTime": "2026-05-04T13:00:00Z"})
    told = api.patch(f"Observations({later})", {"phenomenonTime": NOON})
    assert (told.status, told.body["code"]) == (409, 409)
    assert api.get(f"Observations({later})")["phenomenonTime"] == "2026-05-04T13:00:00Z"


def test_a_result_that_does_not_fit_changes_nothing(api: Api) -> None:
    _stream, id = observed(api)
    assert api.patch(f"Observations({id})", {"result": "warm"}).status == 400
    assert api.patch(f"Observations({id})", {"phenomenonTime": "1950-01-01T00:00:00Z"}).status == 400
    assert api.get(f"Observations({id})")["result"] == 1


def test_after_a_move_of_the_thing_an_old_value_is_corrected_where_it_was(api: Api) -> None:
    stream, id = observed(api)
    thing = api.get(f"Datastreams({stream})/Thing")["@iot.id"]
    api.made(f"Things({thing})/Locations", LOCATION | {"location": TOWN_HALL})
    assert api.patch(f"Observations({id})", {"result": 9}).status == 200
    assert api.get(f"Observations({id})/FeatureOfInterest")["feature"] == PARK
    with django.cursor() as rows:
        rows.execute("select slot from hub_observation where id = %s", [id])
        assert rows.fetchall() == [(0,)], "it is still the ordinary value of its moment"


def test_an_observation_is_about_another_feature_or_of_another_datastream(api: Api) -> None:
    stream, id = observed(api)
    lake = api.made("FeaturesOfInterest", FEATURE)
    assert api.patch(f"Observations({id})", {"FeatureOfInterest": {"@iot.id": lake}}).status == 200
    assert [one["@iot.id"] for one in api.get(f"FeaturesOfInterest({lake})/Observations")["value"]] == [id]
    _thing, other = station(api)
    assert api.patch(f"Observations({id})", {"Datastream": {"@iot.id": other}}).status == 200
    assert api.get(f"Datastreams({stream})/Observations")["value"] == []
    assert [one["@iot.id"] for one in api.get(f"Datastreams({other})/Observations")["value"]] == [id]


@pytest.mark.parametrize("path", ["Things", "Things(1)/name", "Things(1)/Datastreams", "", "Things(1)/$ref"])
def test_patch_goes_to_single_entities_only(api: Api, path: str) -> None:
    station(api)
    assert api.patch(path, {"name": "x"}).status in (404, 405)


@pytest.mark.parametrize(
    "path", ["Things(99999)", "Observations(99999)", f"Observations({2**63 - 1})", "Sensors(99999)"]
)
def test_what_is_not_there_cannot_change(api: Api, path: str) -> None:
    assert api.patch(path, {}).status == 404
    assert api.delete(path).status == 404


def test_an_entity_by_a_longer_way(api: Api) -> None:
    thing, stream = station(api)
    assert api.patch(f"Datastreams({stream})/Thing", {"name": "Anders"}).status == 200
    assert api.get(f"Things({thing})")["name"] == "Anders"
    assert api.patch(f"Things({thing})/Datastreams({stream})", {"name": "Neu"}, Prefer="return=minimal").status == 204
    other = api.made("Things", THING)
    assert api.patch(f"Things({other})/Datastreams({stream})", {"name": "x"}).status == 404


def test_a_json_patch_tells_numbers_from_truths(api: Api) -> None:
    _stream, id = observed(api, parameters={"a": 1, "b": [0, False]})
    for steps in (
        [{"op": "replace", "path": "/parameters/a", "value": True}],
        [{"op": "replace", "path": "/parameters/b/1", "value": 0}],
    ):
        assert api.patch(f"Observations({id})", steps, **STEPS).status == 200
    now = api.get(f"Observations({id})")["parameters"]
    assert [type(one) for one in (now["a"], *now["b"])] == [bool, int, int]
