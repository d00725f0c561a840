"""DELETE: one entity, or all that a filter names, in steps."""

from collections.abc import Callable
from typing import Any

import pytest

from stadtkern.hub.models import Datastream, Latest, Location, ObservedProperty, Sensor, Thing
from stadtkern.hub.tests.sta_write.api import FEATURE, LOCATION, PROPERTY, SENSOR, STREAM, THING, Api, station

pytestmark = pytest.mark.django_db


def values(api: Api, stream: int, count: int, **more: Any) -> list[int]:
    rows = [{"result": n, "phenomenonTime": f"2026-05-04T12:{n:02}:00Z"} | more for n in range(count)]
    return [api.made(f"Datastreams({stream})/Observations", row) for row in rows]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("Things", THING),
        ("Locations", LOCATION),
        ("Sensors", SENSOR),
        ("ObservedProperties", PROPERTY),
        ("FeaturesOfInterest", FEATURE),
    ],
)
def test_one_entity_goes(api: Api, path: str, body: dict[str, Any]) -> None:
    id, other = api.made(path, body), api.made(path, body)
    told = api.delete(f"{path}({id})")
    assert (told.status, told.body) == (200, b"")
    assert [one["@iot.id"] for one in api.get(path)["value"]] == [other]
    assert api.delete(f"{path}({id})").status == 404


def test_a_thing_goes_with_its_datastreams_and_their_values(api: Api, run_jobs: Callable[..., int]) -> None:
    thing, stream = station(api)
    (value,) = values(api, stream, 1)
    assert api.delete(f"Things({thing})").status == 200
    for path in ("Things", "Datastreams", "Observations", "HistoricalLocations", "FeaturesOfInterest"):
        assert api.get(f"{path}?$count=true")["@iot.count"] == 0, path
    for path in ("Locations", "Sensors", "ObservedProperties"):
        assert api.get(f"{path}?$count=true")["@iot.count"] == 1, path
    assert api.ask("GET", f"Observations({value})").status == 404
    run_jobs()
    assert api.post(f"Datastreams({stream})/Observations", {"result": 1}).status == 404


def test_an_observation_goes_and_the_one_before_is_the_newest(api: Api) -> None:
    _thing, stream = station(api)
    first, last = values(api, stream, 2)
    assert api.delete(f"Observations({last})").status == 200
    assert api.get(f"Datastreams({stream})/Observations")["value"][0]["@iot.id"] == first
    assert (Latest.objects.get(pk=stream).count, Latest.objects.get(pk=stream).number) == (1, 0.0)
    assert api.get(f"Datastreams({stream})")["phenomenonTime"].startswith("2026-05-04T12:00:00Z")


def test_a_feature_goes_with_the_observations_about_it(api: Api) -> None:
    _thing, stream = station(api)
    lake = api.made("FeaturesOfInterest", FEATURE)
    values(api, stream, 3, FeatureOfInterest={"@iot.id": lake})
    kept = api.made(f"Datastreams({stream})/Observations", {"result": 9})
    assert api.delete(f"FeaturesOfInterest({lake})").status == 200
    assert [one["@iot.id"] for one in api.get("Observations")["value"]] == [kept]


def test_observations_by_filter_in_steps(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stadtkern.hub.api.sta.filtered_delete.STEP", 2)
    _thing, stream = station(api)
    values(api, stream, 7)
    _thing, other = station(api)
    values(api, other, 3)
    told = api.delete(f"Datastreams({stream})/Observations?$filter=phenomenonTime lt 2026-05-04T12:05:00Z")
    assert (told.status, told.body) == (200, {"removed": 5, "refused": 0, "more": False})
    assert [one["result"] for one in api.get(f"Datastreams({stream})/Observations")["value"]] == [5, 6]
    assert Latest.objects.get(pk=stream).count == 2
    told = api.delete("Observations?$filter=result ge 2 and Datastream/Thing/name eq 'Bank'")
    assert told.body["removed"] == 3
    assert api.get("Observations?$count=true")["@iot.count"] == 2


def test_the_answer_says_when_there_is_more(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stadtkern.hub.api.sta.filtered_delete.MOST_ENTITIES", 2)
    for _n in range(3):
        api.made("Things", THING)
    assert api.delete("Things?$filter=name eq 'Bank'").body == {"removed": 2, "refused": 0, "more": True}
    assert api.delete("Things?$filter=name eq 'Bank'").body == {"removed": 1, "refused": 0, "more": False}
    _thing, stream = station(api)
    values(api, stream, 2)
    monkeypatch.setattr("stadtkern.hub.api.sta.filtered_delete.MOST_SECONDS", -1.0)
    assert api.delete("Observations?$filter=id gt 0").body == {"removed": 0, "refused": 0, "more": True}


@pytest.mark.parametrize(
    "path", ["Things", "Things?$top=1", "Things?$filter=id gt 0&$top=1", "Datastreams?$count=true"]
)
def test_a_collection_needs_a_filter_and_nothing_else(api: Api, path: str) -> None:
    station(api)
    assert api.delete(path).status == 400
    assert Thing.objects.count() == 1


def test_entities_by_filter_go_with_what_depends_on_them(api: Api) -> None:
    _thing, stream = station(api)
    assert api.delete("Sensors?$filter=startswith(name,'F')").body["removed"] == 1
    assert not Datastream.objects.filter(pk=stream).exists()
    for path, model in (("Locations", Location), ("ObservedProperties", ObservedProperty), ("Things", Thing)):
        assert api.delete(f"{path}?$filter=id gt 0").body["removed"] == 1
        assert not model.objects.exists()


def test_what_others_depend_on_is_refused(api: Api, city: Any) -> None:
    theirs = Api("hub.read", "hub.manage", organisation="usb")
    mine = Api("hub.read", "hub.manage", organisation="stadtwerke")
    sensor, prop = mine.made("Sensors", SENSOR), mine.made("ObservedProperties", PROPERTY)
    links = {"Sensor": {"@iot.id": sensor}, "ObservedProperty": {"@iot.id": prop}}
    theirs.made("Things", THING | {"Datastreams": [STREAM | links]})
    for path in (f"Sensors({sensor})", f"ObservedProperties({prop})"):
        told = mine.delete(path)
        assert (told.status, "1 of others" in told.body["message"]) == (403, True)
    assert mine.delete("Sensors?$filter=id gt 0").body == {"removed": 0, "refused": 1, "more": False}
    assert mine.patch(f"ObservedProperties({prop})", {"name": "x"}).status == 403
    assert Sensor.objects.count() == 1
    assert api.delete(f"Sensors({sensor})").status == 200


def test_a_place_where_others_things_stand_stays_without_a_history_too(api: Api, city: Any) -> None:
    mine = Api("hub.read", "hub.manage", organisation="stadtwerke")
    place = mine.made("Locations", LOCATION)
    thing = api.made("Things", THING | {"Locations": [{"@iot.id": place}]}, **{"Stadtkern-Organisation": "usb"})
    for entry in api.get("HistoricalLocations")["value"]:
        assert api.delete(f"HistoricalLocations({entry['@iot.id']})").status == 200
    assert mine.delete(f"Locations({place})").status == 403
    assert len(api.get(f"Things({thing})/Locations")["value"]) == 1
