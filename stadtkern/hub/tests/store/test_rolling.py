"""Rollups: right after new, late, corrected and bad values, at every hour of the day and on days of 23 and 25 hours."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection as django

from stadtkern.hub.domain.connection import writing
from stadtkern.hub.domain.readers import ANYBODY, EVERYTHING
from stadtkern.hub.domain.store import rolling
from stadtkern.hub.domain.store import writing as store
from stadtkern.hub.domain.store.port import Bucket, Sample
from stadtkern.hub.domain.store.postgres import PostgresStore
from stadtkern.hub.models import Datastream, Latest
from stadtkern.hub.tests.cast import NOON, datastream
from stadtkern.hub.words import Flag, Visibility

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
pytestmark = pytest.mark.django_db


@pytest.fixture
def air(city: object) -> Datastream:
    return datastream()


def put(stream: Datastream, *values: tuple[datetime, float | None], flags: int = 0) -> None:
    with writing() as connection:
        store.append(
            connection,
            [Sample(datastream_id=stream.pk, phenomenon_start=at, number=number, flags=flags) for at, number in values],
        )


def table(name: str, stream: Datastream) -> list[tuple]:
    with django.cursor() as rows:
        rows.execute(
            f"select bucket, count, values, total, minimum, maximum, first, last from hub_{name} "
            "where datastream_id = %s order by 1",
            [stream.pk],
        )
        return rows.fetchall()


def hours(stream: Datastream, since: datetime, until: datetime) -> list[Bucket]:
    found = PostgresStore().hourly([stream.pk], since=since, until=until, reader=EVERYTHING)
    return [bucket for _id, bucket in found]


def days(stream: Datastream, since: date, until: date) -> list[Bucket]:
    found = PostgresStore().daily([stream.pk], since=since, until=until, reader=EVERYTHING)
    return [bucket for _id, bucket in found]


def test_hours_and_whole_days_are_rolled(air: Datastream) -> None:
    put(air, (NOON, 1.0), (NOON + 10 * MINUTE, 5.0), (NOON + 59 * MINUTE, 3.0), (NOON + HOUR, 7.0))
    rolling.roll(until=NOON + 2 * HOUR)
    assert table("hourly", air) == [
        (NOON, 3, 3, 9.0, 1.0, 5.0, 1.0, 3.0),
        (NOON + HOUR, 1, 1, 7.0, 7.0, 7.0, 7.0, 7.0),
    ]
    assert table("daily", air) == []
    assert Latest.objects.get(pk=air.pk).rolled_until == NOON + 2 * HOUR
    rolling.roll(until=NOON + DAY)
    assert table("daily", air) == [(NOON.date(), 4, 4, 16.0, 1.0, 7.0, 1.0, 7.0)]


def test_the_present_hour_and_the_future_are_not_rolled(air: Datastream) -> None:
    put(air, (NOON, 1.0), (datetime(2031, 1, 1, tzinfo=UTC), 9.0))
    rolling.roll(until=NOON + HOUR + 59 * MINUTE)
    assert Latest.objects.get(pk=air.pk).rolled_until == NOON + HOUR
    rolling.roll()
    assert [row[0] for row in table("hourly", air)] == [NOON]


def test_a_silent_datastream_gets_its_last_day_and_is_then_left_alone(air: Datastream) -> None:
    put(air, (NOON, 1.0))
    for hour in range(40):
        rolling.roll(until=NOON + hour * HOUR)
    assert [row[0] for row in table("daily", air)] == [NOON.date()]
    assert Latest.objects.get(pk=air.pk).rolled_until == datetime(2026, 5, 4, 22, tzinfo=UTC)
    put(air, (NOON + 3 * DAY, 2.0))
    rolling.roll(until=NOON + 4 * DAY)
    assert [row[0] for row in table("hourly", air)] == [NOON, NOON + 3 * DAY]


def test_late_and_corrected_values_are_seen_at_once_and_rolled_again(air: Datastream) -> None:
    put(air, (NOON, 1.0), (NOON + DAY, 2.0))
    rolling.roll(until=NOON + 2 * DAY)
    put(air, (NOON, 4.0), (NOON + MINUTE, 8.0))
    mean = [(bucket.start, bucket.mean, bucket.count) for bucket in hours(air, NOON, NOON + HOUR)]
    assert mean == [(NOON, 6.0, 2)]
    assert [bucket.mean for bucket in days(air, NOON.date(), NOON.date() + DAY)] == [6.0]
    rolling.roll(until=NOON + 2 * DAY)
    assert table("hourly", air)[0] == (NOON, 2, 2, 12.0, 4.0, 8.0, 4.0, 8.0)
    assert table("daily", air)[0] == (NOON.date(), 2, 2, 12.0, 4.0, 8.0, 4.0, 8.0)
    with django.cursor() as rows:
        rows.execute("select count(*) from hub_dirty_hour")
        assert rows.fetchone() == (0,)


def test_bad_values_are_counted_and_left_out(air: Datastream) -> None:
    put(air, (NOON, 1.0))
    put(air, (NOON + MINUTE, 99.0), flags=Flag.RANGE | Flag.BAD)
    put(air, (NOON + 2 * MINUTE, 3.0), flags=Flag.CHECKED)
    put(air, (NOON + 3 * MINUTE, 5.0), flags=Flag.OUTLIER)
    rolling.roll(until=NOON + HOUR)
    (bucket,) = hours(air, NOON, NOON + HOUR)
    assert (bucket.count, bucket.flagged, bucket.bad, bucket.values) == (4, 2, 1, 3)
    assert (bucket.mean, bucket.maximum, bucket.last) == (3.0, 5.0, 5.0)


@pytest.mark.parametrize("number", [float("nan"), float("inf"), 1.7e308, None])
def test_a_number_that_cannot_be_summed_stops_nothing(air: Datastream, number: float | None) -> None:
    put(air, (NOON, number), (NOON + MINUTE, number), (NOON + 2 * MINUTE, 1.0))
    rolling.roll(until=NOON + HOUR)
    (bucket,) = hours(air, NOON, NOON + HOUR)
    assert (bucket.count, bucket.values, bucket.mean) == (3, 1, 1.0)


@pytest.mark.parametrize(
    ("day", "length"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2025, 10, 26), 25)]
)
def test_days_of_23_and_25_hours(air: Datastream, day: date, length: int) -> None:
    start = datetime(day.year, day.month, day.day, tzinfo=UTC) - (2 if length == 25 else 1) * HOUR
    put(air, *[(start + n * HOUR, float(n)) for n in range(-2, length + 2)])
    rolling.roll(until=start + 3 * DAY)
    assert [row[1] for row in table("daily", air) if row[0] == day] == [length]
    (bucket,) = days(air, day, day + DAY)
    assert (bucket.start, bucket.count, bucket.first, bucket.last) == (start, length, 0.0, length - 1.0)


def test_a_reader_gets_only_what_it_sees(air: Datastream) -> None:
    put(air, (NOON, 1.0))
    rolling.roll(until=NOON + DAY)
    put(air, (NOON + DAY, 1.0), (NOON + MINUTE, 2.0))
    Datastream.objects.filter(pk=air.pk).update(visibility=Visibility.NAMED)
    ask = PostgresStore()
    span = {"since": NOON - DAY, "until": NOON + 3 * DAY}
    for reader, seen in ((ANYBODY, 0), (EVERYTHING, 2)):
        assert len(list(ask.hourly([air.pk], **span, reader=reader))) == seen
        assert len(list(ask.daily(None, since=NOON.date(), until=NOON.date() + 3 * DAY, reader=reader))) == seen
        assert len(list(ask.read(air.pk, **span, reader=reader))) == seen * 3 // 2
        assert len(list(ask.latest(None, reader=reader))) == min(seen, 1)
        figures = ask.aggregate(None, **span, interval=None, functions=["median"], reader=reader)
        assert [row.values for row in figures] == [(1.0,)] * min(seen, 1)
