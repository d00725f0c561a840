"""Writing observations: a second value for a moment corrects the first, and the newest value is always known."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
import time_machine
from django.db import connection as django
from django.db import transaction
from django.utils import timezone

from stadtkern.hub.domain.connection import cursor, writing
from stadtkern.hub.domain.store import months
from stadtkern.hub.domain.store import writing as store
from stadtkern.hub.domain.store.ids import first_moment, month_named_by, month_of
from stadtkern.hub.domain.store.port import BeyondTime, Sample, UnknownDatastream
from stadtkern.hub.domain.store.slots import UNIQUE, slot_of
from stadtkern.hub.models import Datastream, Latest
from stadtkern.hub.tests.cast import NOON, datastream

HOUR = timedelta(hours=1)
pytestmark = pytest.mark.django_db


@pytest.fixture
def air(city: object) -> Datastream:
    return datastream()


def values(stream: Datastream) -> list[tuple[datetime, float]]:
    with django.cursor() as rows:
        rows.execute(
            "select phenomenon_start, number from hub_observation where datastream_id = %s order by 1, 2", [stream.pk]
        )
        return rows.fetchall()


def put(*samples: Sample) -> store.Appended:
    with writing() as connection:
        return store.append(connection, samples)


def test_values_are_kept_and_counted(air: Datastream) -> None:
    done = put(*[Sample(datastream_id=air.pk, phenomenon_start=NOON + n * HOUR, number=n) for n in range(3)])
    assert (done.created, done.corrected) == (3, 0)
    assert [value for _at, value in values(air)] == [0, 1, 2]
    latest = Latest.objects.get(pk=air.pk)
    assert (latest.count, latest.number, latest.first_start) == (3, 2, NOON)
    assert latest.last_end == latest.phenomenon_start == NOON + 2 * HOUR


def test_the_same_moment_twice_is_a_correction(air: Datastream) -> None:
    first = put(Sample(datastream_id=air.pk, phenomenon_start=NOON, number=1.0))
    again = put(Sample(datastream_id=air.pk, phenomenon_start=NOON, number=2.0))
    assert (again.created, again.corrected) == (0, 1)
    assert again.samples[0].id == first.samples[0].id
    assert values(air) == [(NOON, 2.0)]
    assert Latest.objects.get(pk=air.pk).count == 1
    assert Latest.objects.get(pk=air.pk).number == 2.0


def test_the_later_of_two_in_one_write_counts(air: Datastream) -> None:
    twice = [Sample(datastream_id=air.pk, phenomenon_start=NOON, number=value) for value in (1.0, 2.0)]
    assert put(*twice).created == 1
    assert values(air) == [(NOON, 2.0)]


def test_new_and_known_in_one_write(air: Datastream) -> None:
    put(Sample(datastream_id=air.pk, phenomenon_start=NOON, number=1.0))
    done = put(*[Sample(datastream_id=air.pk, phenomenon_start=NOON + n * HOUR, number=5.0 + n) for n in range(2)])
    assert (done.created, done.corrected) == (1, 1)
    assert values(air) == [(NOON, 5.0), (NOON + HOUR, 6.0)]
    assert Latest.objects.get(pk=air.pk).count == 2


def test_a_late_value_does_not_become_the_newest(air: Datastream) -> None:
    put(Sample(datastream_id=air.pk, phenomenon_start=NOON, number=20.0))
    put(Sample(datastream_id=air.pk, phenomenon_start=NOON - HOUR, number=19.0))
    latest = Latest.objects.get(pk=air.pk)
    assert (latest.number, latest.count, latest.first_start) == (20.0, 2, NOON - HOUR)


def test_values_that_are_no_corrections_stand_side_by_side(air: Datastream) -> None:
    run = slot_of(end=None, feature_id=None, forecast_of=NOON - 6 * HOUR)
    other = slot_of(end=None, feature_id=None, forecast_of=NOON - 3 * HOUR)
    kinds = [0, run, other, UNIQUE, UNIQUE]
    done = put(*[Sample(datastream_id=air.pk, phenomenon_start=NOON, number=1.0, slot=slot) for slot in kinds])
    assert done.created == 5
    assert len({sample.id for sample in done.samples}) == 5


def test_a_number_names_its_month_and_partitions_come_by_themselves(air: Datastream) -> None:
    moments = [datetime(1999, 12, 31, 23, 59, tzinfo=UTC), datetime(2031, 1, 1, tzinfo=UTC)]
    done = put(*[Sample(datastream_id=air.pk, phenomenon_start=moment, number=1.0) for moment in moments])
    assert [month_named_by(sample.id) for sample in done.samples] == [month_of(moment) for moment in moments]
    assert max(sample.id for sample in done.samples) < 2**53
    assert [at for at, _value in values(air)] == moments


@pytest.mark.parametrize("year", [1969, 2090])
def test_a_moment_that_cannot_be_is_refused(air: Datastream, year: int) -> None:
    with pytest.raises(BeyondTime), writing() as connection:
        store.append(
            connection, [Sample(datastream_id=air.pk, phenomenon_start=datetime(year, 1, 1, tzinfo=UTC), number=1.0)]
        )


def test_a_partition_that_was_rolled_back_is_made_again(air: Datastream) -> None:
    now, samples = timezone.now(), iter(range(9))

    def put_one() -> store.Appended:
        at = now + next(samples) * timedelta(seconds=1)
        return put(Sample(datastream_id=air.pk, phenomenon_start=at, number=1.0))

    without_partition(month_of(now))
    with suppress(KeyError), transaction.atomic():
        put_one(), put_one()
        raise KeyError
    with pytest.raises(psycopg.errors.CheckViolation), transaction.atomic():
        put_one()
    assert put_one().created == 1


def test_a_partition_that_another_process_has_dropped_is_made_again(air: Datastream) -> None:
    """Values may be kept for less than the twenty days between the two moments."""
    this = month_of(timezone.now())
    without_partition(this - 1)
    months._known.add(this - 1)
    with time_machine.travel(first_moment(this) + timedelta(days=10)):
        put(Sample(datastream_id=air.pk, phenomenon_start=first_moment(this) - HOUR, number=1.0))
    assert [value for _at, value in values(air)] == [1.0]


def without_partition(month: int) -> None:
    with writing() as connection:
        months.ensure(connection, [month])
        months.drop(connection, month)


def test_nothing_of_a_write_with_an_unknown_datastream_is_kept(air: Datastream) -> None:
    with pytest.raises(UnknownDatastream, match="no datastream 999999"), transaction.atomic():
        put(
            Sample(datastream_id=air.pk, phenomenon_start=NOON, number=1.0),
            Sample(datastream_id=999_999, phenomenon_start=NOON, number=1.0),
        )
    assert values(air) == []


def test_all_kinds_of_results_and_what_stands_beside_them(air: Datastream) -> None:
    put(
        Sample(datastream_id=air.pk, phenomenon_start=NOON, text="trüb", parameters={"depth": 2}),
        Sample(datastream_id=air.pk, phenomenon_start=NOON + HOUR, json=[1, None, "x"], quality={"a": 1}, flags=3),
    )
    with writing() as connection:
        found = cursor(connection).execute(
            "select text, json::text, parameters::text, quality::text, flags from hub_observation "
            "where datastream_id = %s order by phenomenon_start",
            [air.pk],
        )
        assert found.fetchall() == [
            ("trüb", None, '{"depth": 2}', None, 0),
            (None, '[1, null, "x"]', None, '{"a": 1}', 3),
        ]
    assert Latest.objects.get(pk=air.pk).json == [1, None, "x"]


def test_late_values_behind_the_rollups_are_noted(air: Datastream) -> None:
    Latest.objects.filter(pk=air.pk).update(rolled_until=NOON)
    put(
        Sample(datastream_id=air.pk, phenomenon_start=NOON - timedelta(minutes=20), number=1.0),
        Sample(datastream_id=air.pk, phenomenon_start=NOON + HOUR, number=1.0),
    )
    with django.cursor() as rows:
        rows.execute("select hour from hub_dirty_hour where datastream_id = %s", [air.pk])
        assert rows.fetchall() == [(NOON - HOUR,)]
