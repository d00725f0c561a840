"""Figures of any interval are what the statistics module says, whatever part of them comes from rollups."""

import itertools
import statistics
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stadtkern.core.problems import BadQuery
from stadtkern.hub.domain.connection import writing
from stadtkern.hub.domain.readers import EVERYTHING
from stadtkern.hub.domain.store import aggregating, rolling
from stadtkern.hub.domain.store import writing as store
from stadtkern.hub.domain.store.port import Sample
from stadtkern.hub.domain.store.postgres import PostgresStore
from stadtkern.hub.tests.cast import datastream, thing
from stadtkern.hub.tests.store.model import DAY, HOUR, MINUTE, PLACE
from stadtkern.hub.tests.store.test_contract import undone
from stadtkern.hub.words import Flag

pytestmark = pytest.mark.django_db

START = datetime(2025, 10, 20, tzinfo=UTC)  # the clocks go back on 26 October
INTERVALS = [None, 15 * MINUTE, HOUR, 3 * HOUR, timedelta(hours=7), DAY, "day", "week", "month", "year"]
minutes = st.integers(0, 14 * 24 * 60).map(lambda n: START + n * MINUTE)
values = st.lists(
    st.tuples(st.integers(0, 1), minutes, st.integers(-9, 9).map(float), st.sampled_from([0, 0, 0, int(Flag.BAD)])),
    min_size=1, max_size=30,
)  # fmt: skip


@pytest.fixture
def streams(city: object) -> list[int]:
    house = thing()
    return [datastream(house).pk for _ in range(2)]


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(given_=values, late=values, until=minutes, span=st.tuples(minutes, minutes), interval=st.sampled_from(INTERVALS),
       functions=st.lists(st.sampled_from(sorted(aggregating.OF_VALUES)), min_size=1, max_size=4, unique=True),
       apart=st.booleans())  # fmt: skip
def test_figures_are_what_statistics_says(
    streams: list[int], given_: Any, late: Any, until: datetime, span: Any, interval: Any, functions: Any, apart: bool
) -> None:
    with undone():
        held = put(streams, given_)
        rolling.roll(until=until)
        held |= put(streams, late)
        low, high = min(span), max(span) + MINUTE
        expected = defaultdict(list)
        for (stream, moment), value in sorted(held.items(), key=lambda one: (one[0][1], one[0][0])):
            if low <= moment < high:
                expected[stream if apart else None, start_of(moment, interval, low)].append(value)
        found = PostgresStore().aggregate(
            streams, since=low, until=high, interval=interval, functions=functions, reader=EVERYTHING, apart=apart
        )
        told = {(row.datastream_id, row.start): row.values for row in found}
        assert told.keys() == expected.keys()
        for key, samples in expected.items():
            assert told[key] == pytest.approx(tuple(figure(name, samples) for name in functions), nan_ok=False)


def put(streams: list[int], given_: Any) -> dict[tuple[int, datetime], tuple[float, int]]:
    made = {(streams[which], moment): (number, flags) for which, moment, number, flags in given_}
    with writing() as connection:
        samples = [
            Sample(datastream_id=stream, phenomenon_start=moment, number=number, flags=flags)
            for (stream, moment), (number, flags) in made.items()
        ]
        store.append(connection, samples)
    return made


def start_of(moment: datetime, interval: Any, since: datetime) -> datetime:
    if interval is None:
        return since
    if isinstance(interval, timedelta):
        return moment - (moment - datetime(1970, 1, 1, tzinfo=UTC)) % interval
    local = moment.astimezone(PLACE)
    day = datetime(local.year, local.month, local.day, tzinfo=PLACE)
    return {
        "day": day,
        "week": day - local.weekday() * DAY,
        "month": day.replace(day=1),
        "year": day.replace(day=1, month=1),
    }[interval].astimezone(UTC)


def figure(name: str, samples: list[tuple[float, int]]) -> float | None:
    good = [number for number, flags in samples if not flags & Flag.BAD]
    if name == "count":
        return float(len(samples))
    if name == "bad":
        return float(len(samples) - len(good))
    if not good or (name == "stddev" and len(good) < 2):
        return None
    simple = {"sum": sum, "min": min, "max": max, "mean": statistics.fmean, "median": statistics.median}
    ends = {"first": good[0], "last": good[-1]}
    if name in ends:
        return ends[name]
    return statistics.stdev(good) if name == "stddev" else float(simple[name](good))


@pytest.mark.parametrize(("interval", "functions"), [("hour", ["mean"]), (timedelta(0), ["mean"]), (HOUR, ["mode"])])
def test_what_is_not_known_is_refused(streams: list[int], interval: Any, functions: list[str]) -> None:
    ask = {"since": START, "until": START + DAY, "interval": interval, "functions": functions, "reader": EVERYTHING}
    with pytest.raises(BadQuery):
        list(PostgresStore().aggregate(streams, **ask))


def test_intervals_follow_the_clocks_of_the_city() -> None:
    days = aggregating.intervals(START, START + 8 * DAY, "day")
    assert {after - before for before, after in itertools.pairwise(days)} == {24 * HOUR, 25 * HOUR}
    assert days[0] == datetime(2025, 10, 19, 22, tzinfo=UTC)
    months = aggregating.intervals(datetime(2024, 1, 31, 23, 30, tzinfo=UTC), datetime(2024, 5, 1, tzinfo=UTC), "month")
    assert [month.astimezone(PLACE).date().isoformat() for month in months] == [
        "2024-02-01", "2024-03-01", "2024-04-01", "2024-05-01",
    ]  # fmt: skip
    assert len(aggregating.intervals(START, START + 3 * 366 * DAY, "year")) == 4


def test_too_many_intervals_are_refused() -> None:
    with pytest.raises(BadQuery, match="Intervalle"):
        aggregating.intervals(START, START + DAY, timedelta(microseconds=1))


def test_gaps_are_filled_for_each_datastream(streams: list[int]) -> None:
    put(streams, [(0, START, 1.0, 0), (0, START + 3 * HOUR, 4.0, 0), (1, START + HOUR, 7.0, 0)])
    ask = {"since": START, "until": START + 4 * HOUR, "interval": HOUR, "functions": ["mean", "count"]}
    found = PostgresStore().aggregate(streams, **ask, reader=EVERYTHING)
    rows = list(aggregating.filled(found, **ask, way="linear"))
    assert [row.values for row in rows if row.datastream_id == streams[0]] == [(1, 1), (2, 0), (3, 0), (4, 1)]
    assert [row.values for row in rows if row.datastream_id == streams[1]] == [(None, 0), (7, 1), (None, 0), (None, 0)]
