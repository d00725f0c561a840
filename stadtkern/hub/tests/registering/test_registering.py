"""Registering: entities come into being once, belong to somebody, and an import finds them again."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection, connections

from stadtkern.hub.domain.geometry import BadGeometry
from stadtkern.hub.domain.moving import move_thing
from stadtkern.hub.domain.registering import (
    Unfit,
    register_datastream,
    register_feature,
    register_location,
    register_multi_datastream,
    register_property,
    register_sensor,
    register_thing,
)
from stadtkern.hub.models import Datastream, FeatureOfInterest, Latest, Location, Thing
from stadtkern.hub.tests.cast import IN_DEGREES, PARK
from stadtkern.hub.words import ObservationType, Visibility
from stadtkern.people.models import Organisation

pytestmark = pytest.mark.django_db
TOWN_HALL = {"type": "Point", "coordinates": [7.2162, 51.4818]}


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The events of this test."""
    heard: list[Any] = []
    for verb in ("registering", "moving"):
        monkeypatch.setattr(f"stadtkern.hub.domain.{verb}.emit", heard.append)
    return heard


@pytest.mark.django_db(transaction=True)
def test_whatever_is_registered_alone_is_found_again() -> None:
    """Without a transaction around it."""
    known = {"source": "list", "source_key": "1"}
    for register in (
        lambda: register_sensor(name="Fühler", **known),
        lambda: register_property(name="Luft", definition="urn:air", **known),
        lambda: register_feature(name="Park", feature=PARK, **known),
    ):
        assert register().pk == register().pk


def stream_at(thing: Thing, **given: Any) -> Datastream:
    sensor = register_sensor(name="Fühler", metadata="PT100")
    prop = register_property(name="Lufttemperatur", definition="http://example.org/air")
    usual = {"name": "Luft", "unit": IN_DEGREES, "sensor": sensor, "observed_property": prop}
    return register_datastream(thing=thing, **usual | given)


def test_a_whole_station(city: object, told: list[Any]) -> None:
    house = Organisation.objects.get(key="stadtwerke")
    place = register_location(name="Stadtpark", location=PARK, organisation_id=house.pk)
    bench = register_thing(name="Bank", locations=[place], organisation_id=house.pk, visibility=Visibility.ORGANISATION)
    stream = stream_at(bench)
    assert (place.west, place.south, place.east, place.north) == (7.2239, 51.4921, 7.2239, 51.4921)
    assert list(bench.locations.all()) == [place]
    assert bench.historical_locations.get().locations.get() == place
    assert (stream.organisation, stream.visibility) == (house, Visibility.ORGANISATION)
    assert stream.default_feature.feature == PARK
    assert stream.default_feature.thing == bench
    assert Latest.objects.get(pk=stream.pk).count == 0
    assert [type(one).event_name for one in told] == [
        "hub.thing_registered", "hub.thing_moved", "hub.datastream_registered"
    ]  # fmt: skip


def test_without_a_source_every_call_makes_another(city: object) -> None:
    assert register_thing(name="Bank").pk != register_thing(name="Bank").pk


def test_an_import_finds_everything_again_and_changes_what_differs(city: object, told: list[Any]) -> None:
    def load(name: str) -> tuple[Any, ...]:
        place = register_location(name="Park", location=PARK, source="csv", source_key="park")
        bench = register_thing(name=name, locations=[place], source="csv", source_key="1")
        sensor = register_sensor(name="Fühler", source="csv", source_key="s")
        prop = register_property(name="Luft", definition="urn:air", source="csv", source_key="p")
        feature = register_feature(name="Teich", feature=PARK, source="csv", source_key="f")
        stream = register_datastream(
            name="Luft", thing=bench, sensor=sensor, observed_property=prop, source="csv", source_key="d"
        )
        return place, bench, sensor, prop, feature, stream

    first = load("Bank")
    changed_at = first[5].changed_at
    again = load("Bank am Weg")
    assert [one.pk for one in first] == [one.pk for one in again]
    assert Thing.objects.get().name == "Bank am Weg"
    assert Datastream.objects.get().changed_at == changed_at, "what does not differ is not written"
    assert Thing.objects.get().historical_locations.count() == 1
    assert len(told) == 3, "nobody is told twice"


def test_the_same_key_of_another_source_is_another_thing(city: object) -> None:
    one = register_thing(name="Bank", source="csv", source_key="1")
    assert register_thing(name="Bank", source="json", source_key="1").pk != one.pk


def test_the_first_location_makes_the_feature(city: object) -> None:
    bench = register_thing(name="Bank")
    stream = stream_at(bench)
    assert stream.default_feature is None
    place = register_location(name="Park", location=PARK)
    register_thing(name="Baum")  # somebody else's
    move_thing(bench.pk, locations=[place])
    stream.refresh_from_db()
    assert stream.default_feature.feature == PARK


def test_all_datastreams_of_a_thing_share_one_feature(city: object) -> None:
    bench = register_thing(name="Bank", locations=[register_location(name="Park", location=PARK)])
    assert stream_at(bench).default_feature_id == stream_at(bench).default_feature_id
    assert FeatureOfInterest.objects.count() == 1


def test_a_generated_feature_is_seen_by_those_who_see_the_location(city: object) -> None:
    house = Organisation.objects.get(key="usb")
    hidden = {"visibility": Visibility.NAMED, "organisation_id": house.pk, "source": "csv", "source_key": "1"}
    place = register_location(name="Garten", location=PARK, **hidden)
    feature = stream_at(register_thing(name="Tonne", locations=[place])).default_feature
    assert (feature.visibility, feature.organisation) == (Visibility.NAMED, house)
    register_location(name="Garten", location=PARK, **hidden | {"visibility": Visibility.ORGANISATION})
    feature.refresh_from_db()
    assert feature.visibility == Visibility.ORGANISATION


def test_another_encoding_is_kept_as_it_is(city: object) -> None:
    place = register_location(name="Rathaus", location="Willy-Brandt-Platz 2", encoding_type="text/plain")
    assert (place.location, place.west) == ("Willy-Brandt-Platz 2", None)
    assert stream_at(register_thing(name="Uhr", locations=[place])).default_feature is None


BAD = [
    {},
    [],
    None,
    "POINT (7 51)",
    {"type": "Point"},
    {"type": "Point", "coordinates": []},
    {"type": "Point", "coordinates": [7]},
    {"type": "Point", "coordinates": [7, "51"]},
    {"type": "Point", "coordinates": [51.5, 97.2]},
    {"type": "Point", "coordinates": [2_580_000, 5_705_000]},
    {"type": "Polygon", "coordinates": [[[7, 51], [7.1, 51]]]},
    {"type": "Circle", "coordinates": [7, 51]},
    {"type": "GeometryCollection", "geometries": []},
    {"type": "Point", "coordinates": [float("nan"), 51]},
    {"type": "Point", "coordinates": [float("inf"), 51]},
    {"type": "Feature", "geometry": None},
]


@pytest.mark.parametrize("geojson", BAD)
def test_what_is_no_place_on_earth_is_refused(city: object, geojson: Any) -> None:
    with pytest.raises(BadGeometry):
        register_location(name="Nirgends", location=geojson)
    assert not Location.objects.exists()


@pytest.mark.parametrize(
    ("geojson", "box"),
    [
        ({"type": "Feature", "properties": {}, "geometry": TOWN_HALL}, (7.2162, 51.4818, 7.2162, 51.4818)),
        ({"type": "LineString", "coordinates": [[7.1, 51.4, 80], [7.3, 51.5, 90]]}, (7.1, 51.4, 7.3, 51.5)),
        ({"type": "Polygon", "coordinates": [[[7, 51], [8, 51], [8, 52], [7, 51]]]}, (7, 51, 8, 52)),
    ],
)
def test_the_box_around_a_place(city: object, geojson: Any, box: tuple[float, ...]) -> None:
    place = register_location(name="Ort", location=geojson)
    assert (place.west, place.south, place.east, place.north) == box


def test_several_properties_at_once(city: object) -> None:
    props = [register_property(name=name, definition=f"urn:{name}") for name in ("wind", "gust")]
    stream = register_multi_datastream(
        name="Wind",
        thing=register_thing(name="Mast"),
        sensor=register_sensor(name="Schale"),
        observed_properties=props[::-1],
        units=[{"name": "m/s", "symbol": "m/s", "definition": ""}] * 2,
        types=[ObservationType.MEASUREMENT] * 2,
    )
    assert stream.is_multi
    assert [one.observed_property for one in stream.datastreamproperty_set.all()] == props[::-1]
    with pytest.raises(Unfit, match="2 properties, 1 units"):
        register_multi_datastream(
            name="Wind", thing=stream.thing, sensor=stream.sensor, observed_properties=props, units=[{}], types=["", ""]
        )


def test_registering_costs_the_same_for_the_third_datastream(city: object) -> None:
    bench = register_thing(name="Bank", locations=[register_location(name="Park", location=PARK)])
    counts = []
    for _round in range(3):
        with connection.execute_wrapper(count := Counter()):
            stream_at(bench)
        counts.append(count.statements)
    assert counts[1] == counts[2] <= counts[0]


@pytest.mark.django_db(transaction=True)
def test_two_that_register_the_same_at_once_get_the_same(city: object) -> None:
    start = threading.Barrier(4)

    def register(_number: int) -> int:
        try:
            start.wait(10)
            return register_thing(name="Bank", source="csv", source_key="1").pk
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(register, range(4)))) == 1
    assert Thing.objects.count() == 1


class Counter:
    def __init__(self) -> None:
        self.statements = 0

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        self.statements += 1
        return execute(sql, params, many, context)


def test_an_import_that_comes_again_leaves_what_the_steward_has_chosen() -> None:
    thing, sensor = register_thing(name="Teich"), register_sensor(name="Fühler")
    water = register_property(name="Pegel", definition="urn:level")
    facts = {"thing": thing, "sensor": sensor, "observed_property": water, "source": "list", "source_key": "1"}
    stream = register_datastream(name="Pegel", keep_days=30, **facts)
    Datastream.objects.filter(pk=stream.pk).update(keep_days=365, same_moment="keep")
    again = register_datastream(name="Wasserstand", **facts)
    again.refresh_from_db()
    assert (again.pk, again.name, again.keep_days, again.same_moment) == (stream.pk, "Wasserstand", 365, "keep")


def test_true_is_not_one_where_json_is_kept() -> None:
    known = {"name": "Teich", "source": "list", "source_key": "1"}
    register_thing(properties={"open": 1}, **known)
    register_thing(properties={"open": True}, **known)
    assert Thing.objects.get().properties["open"] is True
