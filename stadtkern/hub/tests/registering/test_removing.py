"""Removing: what depends on an entity goes with it, nothing else does, and no writer leaves an orphan."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection as django
from django.db import connections, transaction

from stadtkern.hub.domain.clearing import clear_datastreams
from stadtkern.hub.domain.connection import writing
from stadtkern.hub.domain.moving import move_thing
from stadtkern.hub.domain.recording import record
from stadtkern.hub.domain.registering import (
    register_datastream,
    register_feature,
    register_location,
    register_multi_datastream,
    register_property,
    register_sensor,
    register_thing,
)
from stadtkern.hub.domain.removing import (
    remove_datastreams,
    remove_feature,
    remove_history,
    remove_location,
    remove_property,
    remove_sensor,
    remove_thing,
)
from stadtkern.hub.domain.store.port import Sample, UnknownDatastream
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
from stadtkern.hub.tests.cast import NOON, PARK
from stadtkern.hub.tests.registering.test_registering import TOWN_HALL, stream_at

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
TABLES = ("hub_observation", "hub_hourly", "hub_daily", "hub_dirty_hour", "hub_feature_use")


@pytest.fixture
def bench(city: object) -> Thing:
    return register_thing(name="Bank", locations=[register_location(name="Park", location=PARK)])


def measure(stream: Datastream, count: int = 3, feature_id: int | None = None) -> None:
    own = feature_id or stream.default_feature_id
    slot = 1 if feature_id else 0
    samples = [
        Sample(datastream_id=stream.pk, phenomenon_start=NOON + n * HOUR, number=n, feature_id=own, slot=slot)
        for n in range(count)
    ]
    with writing() as connection:
        record(connection, samples)


def rows(table: str, stream_id: int) -> int:
    with django.cursor() as cursor:
        cursor.execute(f"select count(*) from {table} where datastream_id = %s", [stream_id])
        return int(cursor.fetchone()[0])


def note_rollups(stream: Datastream) -> None:
    with django.cursor() as cursor:
        cursor.execute("insert into hub_dirty_hour values (%s, %s)", [stream.pk, NOON])
        for table, bucket in (("hub_hourly", NOON), ("hub_daily", NOON.date())):
            cursor.execute(
                f"insert into {table} (datastream_id, bucket, count, values) values (%s, %s, 1, 1)", [stream.pk, bucket]
            )


def test_a_datastream_goes_with_everything_that_was_measured(bench: Thing, run_jobs: Callable[..., int]) -> None:
    gone, other = stream_at(bench), stream_at(bench)
    for stream in (gone, other):
        measure(stream)
        note_rollups(stream)
    assert remove_datastreams([gone.pk]) == 1
    assert not Latest.objects.filter(pk=gone.pk).exists()
    run_jobs()
    assert [rows(table, gone.pk) for table in TABLES] == [0] * 5
    assert [rows(table, other.pk) for table in TABLES] == [3, 1, 1, 1, 1]
    assert Thing.objects.filter(pk=bench.pk).exists()
    assert FeatureOfInterest.objects.count() == 1, "the other one still measures there"


def test_nobody_writes_to_a_removed_datastream(bench: Thing) -> None:
    stream = stream_at(bench)
    remove_datastreams([stream.pk])
    with pytest.raises(UnknownDatastream), transaction.atomic():
        measure(stream)


def test_the_job_never_clears_a_living_datastream(bench: Thing) -> None:
    stream = stream_at(bench)
    measure(stream)
    clear_datastreams([stream.pk])
    assert rows("hub_observation", stream.pk) == 3


def test_a_thing_goes_with_datastreams_history_and_generated_features(bench: Thing) -> None:
    stream = stream_at(bench)
    measure(stream)
    move_thing(bench.pk, locations=[register_location(name="Rathaus", location=TOWN_HALL)])
    assert FeatureOfInterest.objects.count() == 2
    remove_thing(bench.pk)
    for model, left in ((Thing, 0), (Datastream, 0), (HistoricalLocation, 0), (FeatureOfInterest, 0), (Location, 2)):
        assert model.objects.count() == left, model
    assert Sensor.objects.exists()
    assert ObservedProperty.objects.exists()


def test_a_generated_feature_stays_while_another_datastream_has_values_about_it(bench: Thing) -> None:
    stream = stream_at(bench)
    measure(stream)
    elsewhere = stream_at(register_thing(name="Drohne"))
    measure(elsewhere, feature_id=stream.default_feature_id)
    remove_thing(bench.pk)
    assert FeatureOfInterest.objects.get().thing is None


def test_features_that_somebody_registered_stay(bench: Thing) -> None:
    lake = register_feature(name="Teich", feature=PARK)
    stream = stream_at(bench)
    measure(stream, feature_id=lake.pk)
    remove_thing(bench.pk)
    assert list(FeatureOfInterest.objects.all()) == [lake]


def test_a_location_goes_with_the_history_that_names_it(bench: Thing) -> None:
    place = bench.locations.get()
    move_thing(bench.pk, locations=[register_location(name="Rathaus", location=TOWN_HALL)])
    remove_location(place.pk)
    assert bench.historical_locations.count() == 1
    assert bench.locations.get().name == "Rathaus"


def test_history_goes_alone(bench: Thing) -> None:
    remove_history(bench.historical_locations.get().pk)
    assert bench.locations.count() == 1


def test_a_sensor_and_a_property_go_with_their_datastreams(bench: Thing) -> None:
    first, second = stream_at(bench), stream_at(bench)
    remove_sensor(first.sensor_id)
    assert list(Datastream.objects.all()) == [second]
    both = [second.observed_property, register_property(name="Feuchte", definition="urn:wet")]
    register_multi_datastream(
        name="Wetter", thing=bench, sensor=second.sensor, observed_properties=both, units=[{}, {}], types=["a", "b"]
    )
    remove_property(second.observed_property_id)
    assert not Datastream.objects.exists()
    assert Sensor.objects.filter(pk=second.sensor_id).exists()


def test_a_feature_goes_with_the_observations_about_it(bench: Thing, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stadtkern.hub.domain.removing.STEP", 2)
    lake = register_feature(name="Teich", feature=TOWN_HALL)
    stream = stream_at(bench)
    measure(stream, 2)
    measure(stream, 5, feature_id=lake.pk)
    assert remove_feature(lake.pk) == 5
    assert rows("hub_observation", stream.pk) == 2
    latest = Latest.objects.get(pk=stream.pk)
    assert (latest.count, latest.number) == (2, 1.0)
    assert not FeatureOfInterest.objects.filter(pk=lake.pk).exists()


def test_without_its_default_feature_a_datastream_gets_another(bench: Thing) -> None:
    stream = stream_at(bench)
    measure(stream)
    assert remove_feature(stream.default_feature_id) == 3
    old = stream.default_feature_id
    stream.refresh_from_db()
    assert stream.default_feature_id not in (None, old)


@pytest.mark.parametrize(
    ("remove", "model"),
    [
        (remove_thing, Thing),
        (remove_location, Location),
        (remove_history, HistoricalLocation),
        (remove_sensor, Sensor),
        (remove_property, ObservedProperty),
        (remove_feature, FeatureOfInterest),
    ],
)
def test_what_is_not_there_cannot_be_removed(city: object, remove: Callable[[int], object], model: type) -> None:
    with pytest.raises(model.DoesNotExist):
        remove(987_654)


@pytest.mark.django_db(transaction=True)
def test_a_removal_waits_for_a_writer_and_leaves_no_orphan(city: object, run_jobs: Callable[..., int]) -> None:
    stream = register_datastream(
        name="Luft", thing=register_thing(name="Bank"), sensor=register_sensor(name="F"),
        observed_property=register_property(name="Luft", definition="urn:air"),
    )  # fmt: skip
    written, go_on = threading.Event(), threading.Event()

    def write() -> None:
        try:
            with writing() as connection:
                record(connection, [Sample(datastream_id=stream.pk, phenomenon_start=NOON, number=1.0)])
                written.set()
                assert go_on.wait(10)
        finally:
            connections.close_all()

    def remove() -> None:
        try:
            remove_datastreams([stream.pk])
        finally:
            connections.close_all()

    writer, remover = threading.Thread(target=write), threading.Thread(target=remove)
    writer.start()
    assert written.wait(10)
    remover.start()
    remover.join(0.3)
    assert remover.is_alive(), "it waits for the write that is under way"
    go_on.set()
    writer.join(10)
    remover.join(10)
    assert rows("hub_observation", stream.pk) == 1
    run_jobs()
    assert rows("hub_observation", stream.pk) == 0
