"""Moving: history, the place now, and what values are about."""

from datetime import timedelta

import pytest
from django.db import connection as django

from stadtkern.hub.domain.connection import writing
from stadtkern.hub.domain.moving import move_thing
from stadtkern.hub.domain.recording import record
from stadtkern.hub.domain.registering import register_location
from stadtkern.hub.domain.store.port import Sample
from stadtkern.hub.models import Datastream, FeatureOfInterest, Location, Thing
from stadtkern.hub.tests.cast import NOON, PARK
from stadtkern.hub.tests.registering.test_registering import TOWN_HALL, stream_at

DAY = timedelta(days=1)
pytestmark = pytest.mark.django_db


@pytest.fixture
def park(city: object) -> Location:
    return register_location(name="Park", location=PARK)


@pytest.fixture
def hall(city: object) -> Location:
    return register_location(name="Rathaus", location=TOWN_HALL)


@pytest.fixture
def bench(park: Location) -> Thing:
    made = Thing.objects.create(name="Bank")
    move_thing(made.pk, locations=[park], at=NOON)
    return made


def measure(stream: Datastream) -> None:
    with writing() as connection:
        record(
            connection,
            [Sample(datastream_id=stream.pk, phenomenon_start=NOON, number=1, feature_id=stream.default_feature_id)],
        )


def feature_of(stream: Datastream) -> FeatureOfInterest:
    stream.refresh_from_db()
    return stream.default_feature


def uses(stream: Datastream) -> set[int]:
    with django.cursor() as cursor:
        cursor.execute("select feature_id from hub_feature_use where datastream_id = %s", [stream.pk])
        return {row[0] for row in cursor.fetchall()}


def test_a_move_is_history_and_the_place_now(bench: Thing, park: Location, hall: Location) -> None:
    move_thing(bench.pk, locations=[hall], at=NOON + DAY)
    assert list(bench.locations.all()) == [hall]
    kept = bench.historical_locations.order_by("time")
    assert [(one.time, one.locations.get()) for one in kept] == [(NOON, park), (NOON + DAY, hall)]


def test_a_move_in_the_past_adds_to_the_history_only(bench: Thing, park: Location, hall: Location) -> None:
    stream = stream_at(bench)
    move_thing(bench.pk, locations=[hall], at=NOON - DAY)
    assert list(bench.locations.all()) == [park]
    assert bench.historical_locations.count() == 2
    assert feature_of(stream).feature == PARK


def test_after_values_were_measured_the_move_makes_another_feature(bench: Thing, hall: Location) -> None:
    streams = [stream_at(bench), stream_at(bench)]
    old = feature_of(streams[0])
    measure(streams[0])
    move_thing(bench.pk, locations=[hall], at=NOON + DAY)
    new = feature_of(streams[0])
    assert new.pk != old.pk
    assert feature_of(streams[1]) == new
    assert (new.feature, FeatureOfInterest.objects.get(pk=old.pk).feature) == (TOWN_HALL, PARK)
    assert uses(streams[0]) == {old.pk, new.pk}


def test_before_any_value_the_feature_moves_along(bench: Thing, hall: Location) -> None:
    stream = stream_at(bench)
    old = feature_of(stream)
    move_thing(bench.pk, locations=[hall], at=NOON + DAY)
    assert feature_of(stream) == old
    assert (feature_of(stream).feature, feature_of(stream).west) == (TOWN_HALL, 7.2162)


def test_back_where_it_was_is_the_feature_of_before(bench: Thing, park: Location, hall: Location) -> None:
    stream = stream_at(bench)
    old = feature_of(stream)
    measure(stream)
    move_thing(bench.pk, locations=[hall], at=NOON + DAY)
    move_thing(bench.pk, locations=[park], at=NOON + 2 * DAY)
    assert feature_of(stream) == old
    assert FeatureOfInterest.objects.count() == 2


def test_a_corrected_location_moves_what_is_measured_from_now_on(bench: Thing) -> None:
    spot = register_location(name="Ufer", location=PARK, source="csv", source_key="1")
    move_thing(bench.pk, locations=[spot], at=NOON + DAY)
    stream = stream_at(bench)
    measure(stream)
    register_location(name="Ufer", location=TOWN_HALL, source="csv", source_key="1")
    assert feature_of(stream).feature == TOWN_HALL
    assert len(uses(stream)) == 2


def test_nowhere_known_keeps_the_last_feature(bench: Thing) -> None:
    stream = stream_at(bench)
    move_thing(bench.pk, locations=[], at=NOON + DAY)
    assert feature_of(stream).feature == PARK
    assert not bench.locations.exists()
