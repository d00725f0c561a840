"""Values are checked in the write that brings them; none is changed or refused."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection as django
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stadtkern.core import clock
from stadtkern.hub.domain.connection import writing
from stadtkern.hub.domain.quality.checking import Kind
from stadtkern.hub.domain.quality.rules import end_rule, keep_rule
from stadtkern.hub.domain.recording import record
from stadtkern.hub.domain.store.slots import UNIQUE
from stadtkern.hub.models import Datastream, Latest
from stadtkern.hub.tests.cast import datastream
from stadtkern.hub.tests.quality.values import at, moment
from stadtkern.hub.words import Flag

pytestmark = pytest.mark.django_db
Checked = Flag.CHECKED


@pytest.fixture
def air(city: object) -> Datastream:
    return datastream(interval_seconds=300)


def put(*samples: Any, now: float = 600) -> None:
    with clock.at(moment(now)), writing() as connection:
        record(connection, samples)


def flags(stream: Datastream) -> list[int]:
    """Of all values, in the order of time."""
    with django.cursor() as rows:
        rows.execute(
            "select flags from hub_observation where datastream_id = %s order by phenomenon_start, id", [stream.pk]
        )
        return [row[0] for row in rows.fetchall()]


def numbers(stream: Datastream) -> list[float | None]:
    with django.cursor() as rows:
        rows.execute(
            "select number from hub_observation where datastream_id = %s order by phenomenon_start, id", [stream.pk]
        )
        return [row[0] for row in rows.fetchall()]


def put_all(stream: Datastream, numbers: Any) -> None:
    put(*[at(5 * place, number, datastream_id=stream.pk) for place, number in enumerate(numbers)])


def test_without_rules_nothing_is_looked_up(air, django_assert_num_queries):
    put_all(air, [1, 2])
    assert flags(air) == [0, 0]
    assert Latest.objects.get(pk=air.pk).watched == 0


def test_a_rule_holds_from_the_next_write_on_and_ends_with_its_end(air, ada):
    rule = keep_rule(air, kind=Kind.RANGE, high=30, by=None)
    assert Latest.objects.get(pk=air.pk).watched == 1
    put_all(air, [20, 99])
    end_rule(rule.pk, by=ada)
    put(at(10, 99, datastream_id=air.pk))
    assert flags(air) == [Checked, Checked | Flag.RANGE, 0]
    assert numbers(air) == [20, 99, 99]
    assert Latest.objects.get(pk=air.pk).watched == 0


def test_the_newest_value_carries_its_flags(air):
    keep_rule(air, kind=Kind.RANGE, high=30, severity="bad", by=None)
    put(at(0, 99, datastream_id=air.pk))
    assert Latest.objects.get(pk=air.pk).flags == Checked | Flag.RANGE | Flag.BAD


def test_step_and_gap_know_the_value_of_the_write_before(air):
    keep_rule(air, kind=Kind.STEP, high=5, by=None)
    keep_rule(air, kind=Kind.GAP, by=None)  # one and a half intervals
    for sample in (at(0, 1), at(5, 9), at(20, 9)):
        sample.datastream_id = air.pk
        put(sample)
    assert flags(air) == [Checked, Checked | Flag.STEP, Checked | Flag.GAP]


@pytest.mark.parametrize("rule", [{"count": 4}, {"seconds": 900}])
def test_what_stands_still_is_seen_across_writes(air, rule):
    keep_rule(air, kind=Kind.STUCK, by=None, **rule)
    for minutes in range(0, 30, 5):
        put(at(minutes, 7, datastream_id=air.pk))
    put(at(30, 8, datastream_id=air.pk), at(35, 8, datastream_id=air.pk))
    assert flags(air) == [Checked] * 3 + [Checked | Flag.STUCK] * 3 + [Checked] * 2


def test_two_rules_of_standing_still_count_each_for_itself(air):
    keep_rule(air, kind=Kind.STUCK, count=2, by=None)
    keep_rule(air, kind=Kind.STUCK, count=4, severity="bad", by=None)
    for minutes in range(0, 20, 5):
        put(at(minutes, 7, datastream_id=air.pk))
    stuck = Checked | Flag.STUCK
    assert flags(air) == [Checked, stuck, stuck, stuck | Flag.BAD]


def test_a_late_value_is_compared_with_its_neighbour(air):
    keep_rule(air, kind=Kind.STEP, high=5, by=None)
    put(at(0, 1, datastream_id=air.pk), at(60, 50, datastream_id=air.pk))
    put(at(5, 2, datastream_id=air.pk), at(10, 20, datastream_id=air.pk))
    assert flags(air) == [Checked, Checked, Checked | Flag.STEP, Checked | Flag.STEP]


def test_what_is_newer_goes_on_from_the_corrected_newest_value(air):
    keep_rule(air, kind=Kind.STEP, high=5, by=None)
    put(at(0, 1, datastream_id=air.pk))
    put(at(0, 90, datastream_id=air.pk), at(5, 91, datastream_id=air.pk))
    assert flags(air) == [Checked | Flag.CORRECTED, Checked]


def test_the_same_again_is_a_duplicate_and_another_value_a_correction(air):
    keep_rule(air, kind=Kind.DUPLICATE, by=None)
    put_all(air, [1, 2, 3])
    put(at(0, 1, datastream_id=air.pk), at(5, 9, datastream_id=air.pk))
    assert flags(air) == [Checked | Flag.DUPLICATE, Checked | Flag.CORRECTED, Checked]


def test_where_every_value_is_kept_the_repeated_one_is_the_duplicate(city):
    pond = datastream(same_moment="keep")
    keep_rule(pond, kind=Kind.DUPLICATE, by=None)
    put(at(0, 1, datastream_id=pond.pk, slot=UNIQUE))
    put(at(0, 1, datastream_id=pond.pk, slot=UNIQUE), at(0, 2, datastream_id=pond.pk, slot=UNIQUE))
    assert sorted(flags(pond)) == [Checked, Checked, Checked | Flag.DUPLICATE]


def test_a_correction_says_so_without_any_rule(air):
    put_all(air, [1, 2])
    put(at(5, 2, datastream_id=air.pk), at(0, 3, datastream_id=air.pk))
    put(at(0, 3, datastream_id=air.pk))  # the same again stays corrected
    assert flags(air) == [Flag.CORRECTED, 0]


def test_time_of_arrival(air):
    keep_rule(air, kind=Kind.DRIFT, seconds=60, by=None)
    keep_rule(air, kind=Kind.LATE, seconds=3600, by=None)
    put(at(0, datastream_id=air.pk), at(100, datastream_id=air.pk), at(123, datastream_id=air.pk), now=120)
    assert flags(air) == [Checked | Flag.LATE, Checked, Checked | Flag.DRIFT]


def test_a_value_without_number_is_only_checked_for_its_time(city):
    words = datastream(observation_type="http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_Observation")
    keep_rule(words, kind=Kind.RANGE, low=1, by=None)
    keep_rule(words, kind=Kind.STUCK, count=2, by=None)
    put(at(0, None, text="nass", datastream_id=words.pk), at(5, None, text="nass", datastream_id=words.pk))
    assert flags(words) == [Checked, Checked]


def test_one_question_to_the_rules_for_a_whole_batch_of_new_values(air, django_assert_num_queries):
    other = datastream(air.thing)
    for stream in (air, other):
        keep_rule(stream, kind=Kind.STEP, high=5, by=None)
        keep_rule(stream, kind=Kind.STUCK, count=9, by=None)
    put(*[at(n, n % 7, datastream_id=stream.pk) for stream in (air, other) for n in range(100)])
    assert set(flags(air)) | set(flags(other)) == {Checked, Checked | Flag.STEP}


PARTS = st.lists(st.lists(st.sampled_from([0.0, 1.0, 9.0]), min_size=1, max_size=5), min_size=1, max_size=6)


@given(PARTS)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@pytest.mark.parametrize("stuck", [{"count": 3}, {"seconds": 600}])
def test_in_parts_or_at_once_the_flags_are_the_same(air, stuck, parts):
    """New values in any number of writes: the same flags as in one."""
    with transaction.atomic():
        streams = [datastream(air.thing, interval_seconds=300) for _n in range(2)]
        for stream in streams:
            keep_rule(stream, kind=Kind.STEP, high=5, by=None)
            keep_rule(stream, kind=Kind.STUCK, by=None, **stuck)
        place = 0
        for part in parts:
            put(*[at(5 * (place + n), number, datastream_id=streams[0].pk) for n, number in enumerate(part)])
            place += len(part)
        put_all(streams[1], [number for part in parts for number in part])
        assert flags(streams[0]) == flags(streams[1])
        assert numbers(streams[0]) == [number for part in parts for number in part]
        transaction.set_rollback(True)


@given(st.permutations(range(8)), st.lists(st.floats(-20, 20, width=16), min_size=8, max_size=8))
@settings(max_examples=20, deadline=timedelta(seconds=5), suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_for_the_range_any_order_of_arrival_gives_the_same_flags(air, order, values):
    with transaction.atomic():
        stream = datastream(air.thing)
        keep_rule(stream, kind=Kind.RANGE, low=-5, high=5, by=None)
        for place in order:
            put(at(5 * place, values[place], datastream_id=stream.pk))
        assert flags(stream) == [Checked if abs(value) <= 5 else Checked | Flag.RANGE for value in values]
        transaction.set_rollback(True)
