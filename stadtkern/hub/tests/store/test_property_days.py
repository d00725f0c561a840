"""City-wide days: read from one row per observed property and day, and right at every moment."""

from collections import defaultdict
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection as django
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stadtkern.hub.domain.connection import writing
from stadtkern.hub.domain.readers import ANYBODY, EVERYTHING, Reader
from stadtkern.hub.domain.store import aggregating, property_days, reading, removing, rolling
from stadtkern.hub.domain.store import writing as store
from stadtkern.hub.domain.store.port import Sample
from stadtkern.hub.domain.store.postgres import PostgresStore
from stadtkern.hub.models import Datastream, ObservedProperty
from stadtkern.hub.tests.cast import datastream, thing
from stadtkern.hub.tests.store.model import DAY, HOUR, day_of
from stadtkern.hub.tests.store.test_contract import undone
from stadtkern.hub.words import Visibility

pytestmark = pytest.mark.django_db

START = datetime(2025, 10, 24, 22, tzinfo=UTC)  # the days around the end of summer time
SINCE, UNTIL = reading.midnight(START.date() - DAY), reading.midnight(START.date() + 9 * DAY)
FUNCTIONS = ["count", "sum", "min", "max"]
moments = st.integers(0, 7 * 24).map(lambda n: START + n * HOUR)
steps = st.one_of(
    st.tuples(st.just("append"), st.lists(st.tuples(st.integers(0, 3), moments, st.integers(-9, 9)), min_size=1)),
    st.tuples(st.just("roll"), moments),
    st.tuples(st.just("refresh")),
    st.tuples(st.just("hide"), st.integers(0, 3), st.booleans()),
    st.tuples(st.just("observe"), st.integers(0, 3), st.integers(0, 1)),
    st.tuples(st.just("remove"), st.integers(0, 3), moments),
)


@pytest.fixture
def streams(city: object) -> list[Datastream]:
    house, properties = thing(), [ObservedProperty.objects.create(name=name) for name in ("Luft", "Wasser")]
    return [datastream(house, observed_property=properties[n % 2]) for n in range(4)]


class Town:
    """Four datastreams that observe two properties, and what is known of their values."""

    def __init__(self, streams: list[Datastream]) -> None:
        self.streams, self.values = streams, dict[tuple[int, datetime], float]()
        self.properties = [streams[0].observed_property_id, streams[1].observed_property_id]

    def append(self, given_: list[Any]) -> None:
        made = {(self.streams[which].pk, at): float(number) for which, at, number in given_}
        samples = [Sample(datastream_id=id, phenomenon_start=at, number=n) for (id, at), n in made.items()]
        with writing() as connection:
            store.append(connection, samples)
        self.values |= made

    def roll(self, until: datetime) -> None:
        rolling.roll(until=until)

    def refresh(self) -> None:
        property_days.refresh()
        assert noted() == 0

    def hide(self, which: int, hidden: bool) -> None:
        Datastream.objects.filter(pk=self.streams[which].pk).update(
            visibility=Visibility.NAMED if hidden else Visibility.PUBLIC
        )

    def observe(self, which: int, observed: int) -> None:
        Datastream.objects.filter(pk=self.streams[which].pk).update(observed_property=self.properties[observed])

    def remove(self, which: int, since: datetime) -> None:
        removing.remove(self.streams[which].pk, since=since, until=since + DAY)
        gone = [key for key in self.values if key[0] == self.streams[which].pk and since <= key[1] < since + DAY]
        for key in gone:
            del self.values[key]

    def expected(self, reader: Reader, properties: list[int] | None) -> dict[datetime, tuple[float, ...]]:
        seen = Datastream.objects.all() if reader.everything else Datastream.objects.filter(visibility="public")
        if properties is not None:
            seen = seen.filter(observed_property__in=properties)
        ids, days = set(seen.values_list("pk", flat=True)), defaultdict(list)
        for (id, at), number in self.values.items():
            if id in ids:
                days[day_of(at).astimezone(UTC)].append(number)
        return {day: (len(held), sum(held), min(held), max(held)) for day, held in days.items()}


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(todo=st.lists(steps, min_size=2, max_size=8))
def test_days_of_the_city_are_true_after_every_step(streams: list[Datastream], todo: list[Any]) -> None:
    with undone():
        town = Town(streams)
        for name, *given_ in todo:
            getattr(town, name)(*given_)
            for reader in (ANYBODY, EVERYTHING):
                for properties in (None, [town.properties[0]]):
                    assert days(reader, properties) == town.expected(reader, properties)


def days(reader: Reader, properties: list[int] | None) -> dict[datetime, tuple[float | None, ...]]:
    found = PostgresStore().aggregate(
        None, since=SINCE, until=UNTIL, interval="day", functions=FUNCTIONS, reader=reader, apart=False,
        property_ids=properties,
    )  # fmt: skip
    return {row.start: row.values for row in found}


def noted() -> int:
    with django.cursor() as rows:
        rows.execute("select count(*) from hub_property_stale")
        return rows.fetchone()[0]


def test_a_city_wide_question_reads_few_rows(streams: list[Datastream]) -> None:
    """What is rolled up and refreshed is not looked for in hub_daily."""
    town = Town(streams)
    town.append([(n % 4, START + n * HOUR, n) for n in range(7 * 24)])
    rolling.roll_by_the_clock.func(0)
    assert noted() == 0
    with django.cursor() as rows:
        rows.execute("update hub_daily set total = 0")
    (row,) = PostgresStore().aggregate(
        None, since=SINCE, until=UNTIL, interval=None, functions=["mean"], reader=ANYBODY, apart=False
    )
    assert row.values == (pytest.approx(sum(range(7 * 24)) / (7 * 24)),)


def test_every_function_of_rollups_but_first_and_last_is_there() -> None:
    assert set(aggregating.CITY.functions) == {"count", "bad", "sum", "mean", "min", "max"}


def test_a_removed_datastream_leaves_the_days_of_its_property(streams: list[Datastream]) -> None:
    town = Town(streams)
    town.append([(0, START, 5), (2, START, 7)])
    rolling.roll()
    property_days.refresh()
    Datastream.objects.filter(pk=streams[0].pk).delete()
    assert noted() == 1
    for _turn in range(2):
        assert [values for values in days(ANYBODY, None).values()] == [(1, 7, 7, 7)]
        property_days.refresh()
