"""Retention: values go when their time is over, their hours and days stay; nothing else goes."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection as django
from django.utils import timezone

from stadtkern.hub.domain.connection import writing
from stadtkern.hub.domain.readers import EVERYTHING
from stadtkern.hub.domain.store import archive, ids, months, reading, removing, retention, rolling
from stadtkern.hub.domain.store import writing as store
from stadtkern.hub.domain.store.port import Bucket, Sample
from stadtkern.hub.domain.store.postgres import PostgresStore
from stadtkern.hub.models import ArchivedMonth, Datastream, Latest
from stadtkern.hub.tests.cast import datastream, thing

pytestmark = pytest.mark.django_db

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def moments() -> tuple[datetime, datetime, datetime]:
    """This hour, half a year ago, and the midnight thirty days ago."""
    now = timezone.now().replace(minute=0, second=0, microsecond=0)
    cutoff = reading.midnight((now - 30 * DAY).astimezone(reading.ZoneInfo("Europe/Berlin")).date())
    return now, ids.first_moment(ids.month_of(now - 200 * DAY)) + 3 * DAY, cutoff


NOW, LONG_AGO, CUTOFF = moments()


@pytest.fixture(autouse=True)
def of_today(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever starts the tests before midnight may come here after it."""
    for name, moment in zip(("NOW", "LONG_AGO", "CUTOFF"), moments(), strict=True):
        monkeypatch.setitem(globals(), name, moment)


@pytest.fixture(autouse=True)
def shelf_of_test(settings: Any, tmp_path: Path) -> None:
    settings.HUB_ARCHIVE = tmp_path / "archive"


@pytest.fixture
def short(city: object) -> Datastream:
    """Keeps its values for 30 days."""
    return datastream(keep_days=30)


def put(stream: Datastream, *moments: Any) -> None:
    with writing() as connection:
        samples = [
            Sample(datastream_id=stream.pk, phenomenon_start=at, number=float(n), result_time=at + HOUR)
            for n, at in enumerate(moments)
        ]
        store.append(connection, samples)


def values(stream: Datastream) -> list[Any]:
    found = PostgresStore().read(stream.pk, since=LONG_AGO - DAY, until=NOW + DAY, reader=EVERYTHING)
    return [sample.phenomenon_start for sample in found]


def figures(stream: Datastream) -> tuple[list[Bucket], list[Bucket]]:
    hours = PostgresStore().hourly([stream.pk], since=LONG_AGO - DAY, until=NOW + DAY, reader=EVERYTHING)
    span = {"since": (LONG_AGO - DAY).date(), "until": (NOW + DAY).date()}
    days = PostgresStore().daily([stream.pk], **span, reader=EVERYTHING)
    return [bucket for _id, bucket in hours], [bucket for _id, bucket in days]


def test_old_values_go_and_their_figures_stay(short: Datastream) -> None:
    put(short, CUTOFF - 9 * DAY, CUTOFF - HOUR, CUTOFF, NOW - HOUR)
    rolling.roll()
    before = figures(short)
    assert retention.retain() == 2
    assert values(short) == [CUTOFF, NOW - HOUR]
    assert figures(short) == before
    latest = Latest.objects.get(pk=short.pk)
    assert (latest.count, latest.first_start, latest.first_result) == (2, CUTOFF, CUTOFF + HOUR)
    assert (latest.number, latest.last_result, latest.values_since) == (3.0, NOW, CUTOFF)
    assert retention.retain() == 0


def test_a_value_that_comes_after_its_time_changes_no_figures(short: Datastream) -> None:
    put(short, CUTOFF - HOUR, NOW - HOUR)
    rolling.roll()
    retention.retain()
    before = figures(short)
    put(short, CUTOFF - HOUR + timedelta(minutes=1))
    assert figures(short) == before
    rolling.roll()
    assert figures(short) == before
    assert retention.retain() == 1


def test_values_that_are_not_rolled_up_stay(short: Datastream) -> None:
    put(short, CUTOFF - DAY, NOW - HOUR)
    assert retention.retain() == 0
    rolling.roll()
    put(short, CUTOFF - 2 * DAY)
    assert retention.retain() == 0
    rolling.roll()
    assert retention.retain() == 2
    assert len(figures(short)[0]) == 3


def test_whole_months_are_dropped_when_nobody_keeps_them(short: Datastream) -> None:
    month, kept = ids.month_of(LONG_AGO), datastream(thing())
    put(short, LONG_AGO, LONG_AGO + HOUR, NOW - HOUR)
    put(kept, LONG_AGO, NOW - HOUR)
    rolling.roll()
    assert retention.retain() == 2
    with writing() as connection:
        assert month in months.existing(connection)
    assert values(kept) == [LONG_AGO, NOW - HOUR]
    Datastream.objects.filter(pk=kept.pk).update(keep_days=40)
    before = figures(kept)
    assert retention.retain() == 1
    with writing() as connection:
        assert month not in months.existing(connection)
    assert (values(kept), figures(kept)) == ([NOW - HOUR], before)
    latest = Latest.objects.get(pk=kept.pk)
    assert (latest.count, latest.first_start, latest.first_result) == (1, NOW - HOUR, NOW)


def test_archived_months_go_as_a_whole(short: Datastream) -> None:
    kept = datastream(thing())
    for stream in (short, kept):
        put(stream, LONG_AGO, LONG_AGO + HOUR, NOW - HOUR)
    assert archive.archive(ids.month_of(LONG_AGO))
    assert retention.retain() == 2
    assert (len(values(short)), len(values(kept))) == (1, 3)
    assert archive.archive(ids.month_of(LONG_AGO))
    assert ArchivedMonth.objects.get().rows == 2
    Datastream.objects.filter(pk=kept.pk).update(keep_days=1)
    assert retention.retain() == 2
    assert not ArchivedMonth.objects.exists()
    assert values(kept) == [NOW - HOUR]
    assert len(figures(kept)[0]) == 3


def test_many_values_go_in_batches(short: Datastream, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(removing, "BATCH", 7)
    put(short, *[CUTOFF - 2 * DAY + n * timedelta(minutes=1) for n in range(40)], NOW - HOUR)
    rolling.roll()
    assert retention.retain() == 40
    assert Latest.objects.get(pk=short.pk).count == 1


def test_more_equal_moments_than_a_batch_holds(short: Datastream, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(removing, "BATCH", 3)
    with writing() as connection:
        samples = [Sample(datastream_id=short.pk, phenomenon_start=NOW, number=1.0, slot=n) for n in range(20)]
        store.append(connection, samples)
    assert PostgresStore().remove(short.pk, since=NOW, until=NOW + DAY) == 20


def test_removing_also_takes_figures_that_were_left(short: Datastream) -> None:
    put(short, CUTOFF - 2 * DAY, CUTOFF - 2 * DAY + HOUR, NOW - HOUR)
    rolling.roll()
    retention.retain()
    assert PostgresStore().remove(short.pk, since=CUTOFF - 2 * DAY, until=CUTOFF - 2 * DAY + HOUR) == 0
    hours, days = figures(short)
    assert [hour.start for hour in hours] == [CUTOFF - 2 * DAY + HOUR, NOW - HOUR]
    assert [day.count for day in days] == [1, 1]


def test_a_forecast_may_be_the_first_result(short: Datastream) -> None:
    """The first result is found without reading all values; a forecast is older than the values around it."""
    put(short, NOW - 5 * HOUR, NOW - 4 * HOUR)
    early = NOW - 3 * DAY
    with writing() as connection:
        forecast = Sample(datastream_id=short.pk, phenomenon_start=NOW, number=1.0, slot=5, result_time=early)
        store.append(connection, [forecast])
    PostgresStore().remove(short.pk, since=NOW - 5 * HOUR, until=NOW - 4 * HOUR)
    assert Latest.objects.get(pk=short.pk).first_result == early
    PostgresStore().remove(short.pk, since=NOW, until=NOW + HOUR)
    assert Latest.objects.get(pk=short.pk).first_result == NOW - 3 * HOUR


def test_partitions_are_made_ahead(city: object) -> None:
    months.ensure_by_the_clock.func(0)
    with django.cursor() as rows:
        rows.execute("select 1")
    with writing() as connection:
        now = ids.month_of(timezone.now())
        assert set(range(now, now + 4)) <= months.existing(connection)
