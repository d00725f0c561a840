"""Retention: values go when their time is over, their hours and days stay; nothing else goes."""

from dataclasses import dataclass
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


@dataclass(frozen=True)
class Moments:
    """Of one test: the clock goes on between the start of a run and its end."""

    now: datetime  # this hour
    cutoff: datetime  # the midnight thirty days ago
    long_ago: datetime  # at least half a year


@pytest.fixture
def at() -> Moments:
    now = timezone.now().replace(minute=0, second=0, microsecond=0)
    cutoff = reading.midnight((now - 30 * DAY).astimezone(reading.ZoneInfo("Europe/Berlin")).date())
    return Moments(now, cutoff, long_ago=ids.first_moment(ids.month_of(now - 200 * DAY)) + 3 * DAY)


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
    now = timezone.now()
    found = PostgresStore().read(stream.pk, since=now - 300 * DAY, until=now + DAY, reader=EVERYTHING)
    return [sample.phenomenon_start for sample in found]


def figures(stream: Datastream) -> tuple[list[Bucket], list[Bucket]]:
    since, until = timezone.now() - 300 * DAY, timezone.now() + DAY
    hours = PostgresStore().hourly([stream.pk], since=since, until=until, reader=EVERYTHING)
    span = {"since": since.date(), "until": until.date()}
    days = PostgresStore().daily([stream.pk], **span, reader=EVERYTHING)
    return [bucket for _id, bucket in hours], [bucket for _id, bucket in days]


def test_old_values_go_and_their_figures_stay(short: Datastream, at: Moments) -> None:
    put(short, at.cutoff - 9 * DAY, at.cutoff - HOUR, at.cutoff, at.now - HOUR)
    rolling.roll()
    before = figures(short)
    assert retention.retain() == 2
    assert values(short) == [at.cutoff, at.now - HOUR]
    assert figures(short) == before
    latest = Latest.objects.get(pk=short.pk)
    assert (latest.count, latest.first_start, latest.first_result) == (2, at.cutoff, at.cutoff + HOUR)
    assert (latest.number, latest.last_result, latest.values_since) == (3.0, at.now, at.cutoff)
    assert retention.retain() == 0


def test_a_value_that_comes_after_its_time_changes_no_figures(short: Datastream, at: Moments) -> None:
    put(short, at.cutoff - HOUR, at.now - HOUR)
    rolling.roll()
    retention.retain()
    before = figures(short)
    put(short, at.cutoff - HOUR + timedelta(minutes=1))
    assert figures(short) == before
    rolling.roll()
    assert figures(short) == before
    assert retention.retain() == 1


def test_values_that_are_not_rolled_up_stay(short: Datastream, at: Moments) -> None:
    put(short, at.cutoff - DAY, at.now - HOUR)
    assert retention.retain() == 0
    rolling.roll()
    put(short, at.cutoff - 2 * DAY)
    assert retention.retain() == 0
    rolling.roll()
    assert retention.retain() == 2
    assert len(figures(short)[0]) == 3


def test_whole_months_are_dropped_when_nobody_keeps_them(short: Datastream, at: Moments) -> None:
    month, kept = ids.month_of(at.long_ago), datastream(thing())
    put(short, at.long_ago, at.long_ago + HOUR, at.now - HOUR)
    put(kept, at.long_ago, at.now - HOUR)
    rolling.roll()
    assert retention.retain() == 2
    with writing() as connection:
        assert month in months.existing(connection)
    assert values(kept) == [at.long_ago, at.now - HOUR]
    Datastream.objects.filter(pk=kept.pk).update(keep_days=40)
    before = figures(kept)
    assert retention.retain() == 1
    with writing() as connection:
        assert month not in months.existing(connection)
    assert (values(kept), figures(kept)) == ([at.now - HOUR], before)
    latest = Latest.objects.get(pk=kept.pk)
    assert (latest.count, latest.first_start, latest.first_result) == (1, at.now - HOUR, at.now)


def test_archived_months_go_as_a_whole(short: Datastream, at: Moments) -> None:
    kept = datastream(thing())
    for stream in (short, kept):
        put(stream, at.long_ago, at.long_ago + HOUR, at.now - HOUR)
    assert archive.archive(ids.month_of(at.long_ago))
    assert retention.retain() == 2
    assert (len(values(short)), len(values(kept))) == (1, 3)
    assert archive.archive(ids.month_of(at.long_ago))
    assert ArchivedMonth.objects.get().rows == 2
    Datastream.objects.filter(pk=kept.pk).update(keep_days=1)
    assert retention.retain() == 2
    assert not ArchivedMonth.objects.exists()
    assert values(kept) == [at.now - HOUR]
    assert len(figures(kept)[0]) == 3


def test_many_values_go_in_batches(short: Datastream, at: Moments, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(removing, "BATCH", 7)
    put(short, *[at.cutoff - 2 * DAY + n * timedelta(minutes=1) for n in range(40)], at.now - HOUR)
    rolling.roll()
    assert retention.retain() == 40
    assert Latest.objects.get(pk=short.pk).count == 1


def test_more_equal_moments_than_a_batch_holds(short: Datastream, at: Moments, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(removing, "BATCH", 3)
    with writing() as connection:
        samples = [Sample(datastream_id=short.pk, phenomenon_start=at.now, number=1.0, slot=n) for n in range(20)]
        store.append(connection, samples)
    assert PostgresStore().remove(short.pk, since=at.now, until=at.now + DAY) == 20


def test_removing_also_takes_figures_that_were_left(short: Datastream, at: Moments) -> None:
    put(short, at.cutoff - 2 * DAY, at.cutoff - 2 * DAY + HOUR, at.now - HOUR)
    rolling.roll()
    retention.retain()
    assert PostgresStore().remove(short.pk, since=at.cutoff - 2 * DAY, until=at.cutoff - 2 * DAY + HOUR) == 0
    hours, days = figures(short)
    assert [hour.start for hour in hours] == [at.cutoff - 2 * DAY + HOUR, at.now - HOUR]
    assert [day.count for day in days] == [1, 1]


def test_a_forecast_may_be_the_first_result(short: Datastream, at: Moments) -> None:
    """The first result is found without reading all values; a forecast is older than the values around it."""
    put(short, at.now - 5 * HOUR, at.now - 4 * HOUR)
    early = at.now - 3 * DAY
    with writing() as connection:
        forecast = Sample(datastream_id=short.pk, phenomenon_start=at.now, number=1.0, slot=5, result_time=early)
        store.append(connection, [forecast])
    PostgresStore().remove(short.pk, since=at.now - 5 * HOUR, until=at.now - 4 * HOUR)
    assert Latest.objects.get(pk=short.pk).first_result == early
    PostgresStore().remove(short.pk, since=at.now, until=at.now + HOUR)
    assert Latest.objects.get(pk=short.pk).first_result == at.now - 3 * HOUR


def test_partitions_are_made_ahead(city: object) -> None:
    months.ensure_by_the_clock.func(0)
    with django.cursor() as rows:
        rows.execute("select 1")
    with writing() as connection:
        now = ids.month_of(timezone.now())
        assert set(range(now, now + 4)) <= months.existing(connection)
