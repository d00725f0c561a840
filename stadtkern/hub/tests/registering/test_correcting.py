"""Correcting and removing single observations: their number stays, and what is known of the datastream stays true."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection as django
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stadtkern.hub.domain.connection import writing
from stadtkern.hub.domain.correcting import NoObservation, correct, held, remove_observations
from stadtkern.hub.domain.recording import record
from stadtkern.hub.domain.store.changing import MomentTaken, find
from stadtkern.hub.domain.store.port import BeyondTime, Sample
from stadtkern.hub.domain.store.slots import UNIQUE, slot_of
from stadtkern.hub.models import Datastream, Latest
from stadtkern.hub.tests.cast import NOON, datastream
from stadtkern.hub.words import Flag

HOUR, MONTH = timedelta(hours=1), timedelta(days=31)
pytestmark = pytest.mark.django_db


@pytest.fixture
def air(city: object) -> Datastream:
    return datastream()


def put(stream: Datastream, *moments: datetime, **given: Any) -> list[Sample]:
    samples = [
        Sample(datastream_id=stream.pk, phenomenon_start=at, number=float(place), **given)
        for place, at in enumerate(moments)
    ]
    with writing() as connection:
        return list(record(connection, samples).samples)


def become(id: int, **changes: Any) -> Sample:
    with writing() as connection:
        old = held(connection, id)
        return correct(connection, old, replace(old, **changes))


def remove(*ids: int) -> int:
    with writing() as connection:
        return remove_observations(connection, ids)


def there(*ids: int) -> list[Sample]:
    with writing() as connection:
        return sorted(find(connection, ids), key=lambda sample: sample.phenomenon_start)


def latest(stream: Datastream) -> Latest:
    return Latest.objects.get(pk=stream.pk)


def test_another_result(air: Datastream) -> None:
    first, last = put(air, NOON, NOON + HOUR)
    kept = become(last.id, number=7.5)
    assert kept.id == last.id
    assert [one.number for one in there(first.id, last.id)] == [0.0, 7.5]
    assert (latest(air).number, latest(air).count, latest(air).observation_id) == (7.5, 2, last.id)
    assert there(last.id)[0].flags & Flag.CORRECTED


@pytest.mark.parametrize("move", [HOUR / 2, 5 * HOUR, -5 * HOUR, 3 * MONTH, -3 * MONTH])
def test_another_moment_also_of_another_month_keeps_the_number(air: Datastream, move: timedelta) -> None:
    first, middle, last = put(air, NOON, NOON + HOUR, NOON + 2 * HOUR)
    become(middle.id, phenomenon_start=middle.phenomenon_start + move)
    found = there(first.id, middle.id, last.id)
    assert {one.id for one in found} == {first.id, middle.id, last.id}
    newest = max(found, key=lambda one: one.phenomenon_start)
    state = latest(air)
    assert (state.count, state.observation_id, state.number) == (3, newest.id, newest.number)
    assert (state.first_start, state.last_end) == (found[0].phenomenon_start, newest.phenomenon_start)
    assert there(middle.id)[0].phenomenon_start == NOON + HOUR + move


def test_a_moment_that_is_taken_is_refused_and_nothing_changes(air: Datastream) -> None:
    first, last = put(air, NOON, NOON + HOUR)
    with pytest.raises(MomentTaken):
        become(last.id, phenomenon_start=NOON)
    assert [one.phenomenon_start for one in there(first.id, last.id)] == [NOON, NOON + HOUR]


def test_a_moment_beyond_time_is_refused_and_nothing_changes(air: Datastream) -> None:
    (only,) = put(air, NOON)
    with pytest.raises(BeyondTime):
        become(only.id, phenomenon_start=NOON.replace(year=1955))
    assert there(only.id)[0].phenomenon_start == NOON
    assert latest(air).count == 1


def test_to_another_datastream(air: Datastream) -> None:
    water = datastream()
    first, last = put(air, NOON, NOON + HOUR)
    become(last.id, datastream_id=water.pk)
    assert (latest(air).count, latest(air).observation_id, latest(air).last_end) == (1, first.id, NOON)
    assert (latest(water).count, latest(water).observation_id) == (1, last.id)


def test_values_beside_each_other_stay_beside_each_other(air: Datastream) -> None:
    one, two = put(air, NOON, NOON, slot=UNIQUE)
    become(one.id, number=9.0, slot=UNIQUE)
    become(two.id, phenomenon_start=NOON + HOUR, slot=UNIQUE)
    assert [(found.id, found.number) for found in there(one.id, two.id)] == [(one.id, 9.0), (two.id, 1.0)]
    assert latest(air).count == 2


def test_an_interval_that_becomes_shorter_ends_earlier(air: Datastream) -> None:
    end = NOON + 3 * HOUR
    (only,) = put(air, NOON, phenomenon_end=end, slot=slot_of(end=end, feature_id=None, forecast_of=None))
    end = NOON + HOUR
    become(only.id, phenomenon_end=end, slot=slot_of(end=end, feature_id=None, forecast_of=None))
    assert latest(air).last_end == NOON + HOUR


def test_removing_the_newest_brings_back_the_one_before(air: Datastream) -> None:
    first, last = put(air, NOON, NOON + MONTH, result_time=NOON + MONTH)
    assert remove(last.id) == 1
    state = latest(air)
    assert (state.count, state.observation_id, state.number, state.last_end) == (1, first.id, 0.0, NOON)
    assert remove(last.id) == 0
    assert remove(first.id) == 1
    state = latest(air)
    assert (state.count, state.observation_id, state.first_start, state.last_end) == (0, None, None, None)
    assert (state.first_result, state.last_result, state.number) == (None, None, None)


def test_an_observation_that_is_not_there(air: Datastream) -> None:
    with pytest.raises(NoObservation, match="no observation 77"):
        become(77, number=1.0)
    assert remove(77, 2**62) == 0


@pytest.mark.parametrize("verb", ["correct", "move", "remove"])
def test_the_rollups_of_the_hours_are_noted(air: Datastream, verb: str) -> None:
    (only,) = put(air, NOON)
    Latest.objects.filter(pk=air.pk).update(rolled_until=NOON + 9 * HOUR)
    if verb == "correct":
        become(only.id, number=3.0)
    elif verb == "move":
        become(only.id, phenomenon_start=NOON + 2 * HOUR)
    else:
        remove(only.id)
    with django.cursor() as rows:
        rows.execute("select hour from hub_dirty_hour where datastream_id = %s order by 1", [air.pk])
        hours = [hour for (hour,) in rows.fetchall()]
    assert hours == ([NOON, NOON + 2 * HOUR] if verb == "move" else [NOON])


OFFSETS = st.sampled_from([0, 1, 2, 24 * 40, -24 * 40])
ENDS = st.sampled_from([None, 1, 60])
STEPS = st.one_of(
    st.tuples(st.just("put"), st.integers(0, 1), OFFSETS, ENDS),
    st.tuples(st.just("move"), st.integers(0, 7), OFFSETS, ENDS),
    st.tuples(st.just("remove"), st.integers(0, 7), st.none(), st.none()),
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEPS, max_size=8))
def test_whatever_happens_the_state_of_a_datastream_is_that_of_its_values(
    air: Datastream, steps: list[tuple[str, int, int, int | None]]
) -> None:
    streams = [datastream(air.thing), datastream(air.thing)]
    known: dict[int, Sample] = {}
    for verb, which, offset, length in steps:
        start = NOON + (offset or 0) * HOUR
        end = start + length * HOUR if length else None
        place = {"phenomenon_start": start, "phenomenon_end": end, "result_time": end}
        place["slot"] = slot_of(end=end, feature_id=None, forecast_of=None)
        if verb == "put":
            made = Sample(datastream_id=streams[which].pk, number=float(which), **place)
            with writing() as connection:
                id = record(connection, [made]).samples[0].id
            known[id] = made
        elif known:
            id = sorted(known)[which % len(known)]
            if verb == "remove":
                assert remove(id) == 1
                del known[id]
            else:
                _try_to_move(known, id, place)
    for stream in streams:
        _compare(latest(stream), [(id, one) for id, one in known.items() if one.datastream_id == stream.pk])


def _try_to_move(known: dict[int, Sample], id: int, place: dict[str, Any]) -> None:
    wanted = replace(known[id], **place)
    taken = {
        (one.datastream_id, one.phenomenon_start, one.slot) for other, one in known.items() if other != id
    }  # fmt: skip
    if (wanted.datastream_id, wanted.phenomenon_start, wanted.slot) in taken:
        with pytest.raises(MomentTaken):
            become(id, **place)
    else:
        become(id, **place)
        known[id] = wanted


def _compare(state: Latest, values: list[tuple[int, Sample]]) -> None:
    assert {one.id for one in there(*(id for id, _one in values))} == {id for id, _one in values}
    assert state.count == len(values)
    starts = [one.phenomenon_start for _id, one in values]
    results = [one.result_time for _id, one in values if one.result_time]
    assert state.first_start == min(starts, default=None)
    assert state.phenomenon_start == max(starts, default=None)
    assert state.last_end == max((one.phenomenon_end or one.phenomenon_start for _id, one in values), default=None)
    assert (state.first_result, state.last_result) == (min(results, default=None), max(results, default=None))
    assert state.observation_id in {id for id, one in values if one.phenomenon_start == state.phenomenon_start} | {None}
