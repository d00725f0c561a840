"""Writers, those that remove, two that roll up and one that archives, all at the same time: in the end all is true."""

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Event

import pytest
from django.db import connection, connections
from django.utils import timezone

from stadtkern.hub.domain.connection import writing
from stadtkern.hub.domain.readers import EVERYTHING
from stadtkern.hub.domain.store import archive, figures, months, property_days, removing, retention, rolling, thawing
from stadtkern.hub.domain.store import writing as store
from stadtkern.hub.domain.store.port import Sample
from stadtkern.hub.domain.store.postgres import PostgresStore
from stadtkern.hub.models import Datastream
from stadtkern.hub.tests.cast import datastream, thing
from stadtkern.hub.words import Flag
from tests.operations.conftest import wait_until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("committed")]

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
ROUNDS = 40
OLD = datetime(2025, 1, 31, 20, tzinfo=UTC)

# The rollups, made in one go from the values.
TRUE_HOURS = f"""
select o.datastream_id, {figures.HOUR_OF_VALUE}, {figures.OF_VALUES} from hub_observation o
where o.phenomenon_start < date_trunc('hour', now()) group by 1, 2 order by 1, 2
"""
KEPT_HOURS = f"select datastream_id, bucket, {figures.COLUMNS} from hub_hourly order by 1, 2"
TRUE_DAYS = f"""
select o.datastream_id, (o.phenomenon_start at time zone 'Europe/Berlin')::date, {figures.OF_VALUES}
from hub_observation o where o.phenomenon_start < date_trunc('day', now(), 'Europe/Berlin') group by 1, 2 order by 1, 2
"""
KEPT_DAYS = f"select datastream_id, bucket, {figures.COLUMNS} from hub_daily order by 1, 2"
TRUE_LATEST = """
select l.datastream_id, count(o.id), min(o.phenomenon_start), max(o.phenomenon_start), max(o.phenomenon_start)
from hub_latest l left join hub_observation o on o.datastream_id = l.datastream_id group by 1 order by 1
"""
TRUE_PROPERTY_DAYS = """
select d.observed_property_id, h.bucket, sum(h.count), sum(h.values), min(h.minimum), max(h.maximum)
from hub_daily h join hub_datastream d on d.id = h.datastream_id group by 1, 2 order by 1, 2
"""
KEPT_PROPERTY_DAYS = """
select observed_property_id, bucket, count, values, minimum, maximum from hub_property_day order by 1, 2
"""
KEPT_LATEST = "select datastream_id, count, first_start, phenomenon_start, last_end from hub_latest order by 1"


def rows(statement: str) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall()


def all_at_once(*jobs: Callable[[], None]) -> None:
    """Raises what any of them raised."""

    def closing(job: Callable[[], None]) -> None:
        try:
            job()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(jobs)) as pool:
        for done in [pool.submit(closing, job) for job in jobs]:
            done.result()


def writer(seed: int, streams: list[int], since: datetime, minutes: int) -> Callable[[], None]:
    chance = random.Random(seed)

    def write() -> None:
        for _ in range(ROUNDS):
            made = [
                Sample(
                    datastream_id=chance.choice(streams),
                    phenomenon_start=since + chance.randrange(minutes) * MINUTE,
                    number=float(chance.randrange(100)),
                    flags=chance.choice([0, 0, 0, int(Flag.OUTLIER), int(Flag.BAD)]),
                )
                for _ in range(chance.randrange(1, 30))
            ]
            with writing() as open_:
                store.append(open_, made)

    return write


def until(over: Event, job: Callable[[], object]) -> Callable[[], None]:
    def again() -> None:
        while not over.wait(0.005):
            job()

    return again


def check_everything() -> None:
    rolling.roll()
    property_days.refresh()
    assert rows("select count(*) from hub_dirty_hour") == [(0,)]
    assert rows(KEPT_HOURS) == rows(TRUE_HOURS)
    assert rows(KEPT_DAYS) == rows(TRUE_DAYS)
    assert rows(KEPT_PROPERTY_DAYS) == rows(TRUE_PROPERTY_DAYS)
    assert rows(KEPT_LATEST) == rows(TRUE_LATEST)


def test_rollups_and_latest_are_true_after_a_busy_time() -> None:
    house = thing()
    streams = [datastream(house).pk for _ in range(4)]
    since, over = timezone.now() - 50 * HOUR, Event()
    since = since.replace(second=0, microsecond=0)

    def write_all() -> None:
        all_at_once(*[writer(seed, streams, since, 52 * 60) for seed in range(3)], remove_some)
        over.set()

    def remove_some() -> None:
        chance = random.Random(9)
        for _ in range(ROUNDS):
            start = since + chance.randrange(50 * 60) * MINUTE
            removing.remove(chance.choice(streams), since=start, until=start + HOUR)

    all_at_once(write_all, *[until(over, job) for job in (rolling.roll, rolling.roll, property_days.refresh)])
    assert rows("select sum(count) > 500 from hub_latest") == [(True,)]
    check_everything()


def test_nothing_is_lost_while_a_month_is_archived_and_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(months, "PAUSE_SECONDS", 0.02)
    monkeypatch.setattr(months, "TRIES", 200)
    house = thing()
    streams = [datastream(house).pk for _ in range(3)]
    over = Event()

    def write_all() -> None:
        all_at_once(*[writer(seed, streams, OLD, 8 * 60) for seed in range(2)])
        over.set()

    all_at_once(write_all, until(over, archive.archive_older_than))
    assert rows("select count(*) > 0 from hub_archivedmonth") == [(True,)]
    held = {(sample.datastream_id, sample.phenomenon_start) for sample in everything(streams)}
    expected = {key for seed in range(2) for key in written_by(seed, streams)}
    assert held == expected
    assert rows("select sum(count) from hub_latest") == [(len(expected),)]
    thaw_everything()
    check_everything()


def test_retention_and_writers_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(months, "PAUSE_SECONDS", 0.02)
    house = thing()
    streams = [datastream(house, keep_days=300).pk for _ in range(2)] + [datastream(house).pk]
    writer(1, streams, OLD, 8 * 60)()
    over = Event()

    def write_all() -> None:
        writer(2, streams, timezone.now().replace(second=0, microsecond=0) - 5 * HOUR, 4 * 60)()
        over.set()

    rolling.roll()
    before = rows(KEPT_HOURS)
    all_at_once(write_all, until(over, retention.retain), until(over, rolling.roll))
    retention.retain()
    assert rows(f"select distinct datastream_id from hub_observation where phenomenon_start < '{OLD + 9 * HOUR}'") == [
        (streams[2],)
    ]
    rolling.roll()
    assert set(before) <= set(rows(KEPT_HOURS))
    assert rows(KEPT_LATEST) == rows(TRUE_LATEST)
    assert Datastream.objects.filter(latest__values_since__isnull=False).count() == 2


def test_a_month_is_not_dropped_with_a_value_that_is_being_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(months, "PAUSE_SECONDS", 0.02)
    house = thing()
    short, kept = datastream(house, keep_days=30).pk, datastream(house).pk
    put_one(short)
    rolling.roll()
    while_writing(kept, retention.retain)
    assert rows("select datastream_id from hub_observation") == [(kept,)]
    assert rows(KEPT_LATEST) == rows(TRUE_LATEST)


def test_a_series_that_begins_in_a_month_while_it_is_archived_is_rolled_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(months, "PAUSE_SECONDS", 0.02)
    house = thing()
    old, new = datastream(house).pk, datastream(house).pk
    put_one(old)
    while_writing(new, archive.archive_older_than)
    assert rows("select rows from hub_archivedmonth") == [(2,)]
    rolling.roll()
    assert rows("select datastream_id, count from hub_hourly order by 1") == [(old, 1), (new, 1)]


def put_one(stream: int) -> None:
    with writing() as open_:
        store.append(open_, [Sample(datastream_id=stream, phenomenon_start=OLD, number=1.0)])


def while_writing(stream: int, job: Callable[[], object]) -> None:
    """Do the job while somebody writes, whose transaction ends when the job waits for it."""
    written = Event()

    def write() -> None:
        with writing():
            put_one(stream)
            written.set()
            wait_until(lambda: rows("select count(*) > 0 from pg_locks where not granted") == [(True,)], what="a lock")

    def follow() -> None:
        written.wait(10)
        job()

    all_at_once(write, follow)


def everything(streams: list[int]) -> list[Sample]:
    span = {"since": OLD - HOUR, "until": OLD + 9 * HOUR}
    return [sample for id in streams for sample in PostgresStore().read(id, **span, reader=EVERYTHING)]


def written_by(seed: int, streams: list[int]) -> set[tuple[int, datetime]]:
    """The keys that `writer` has written: the same chance again."""
    chance, keys = random.Random(seed), set()
    for _ in range(ROUNDS):
        for _ in range(chance.randrange(1, 30)):
            stream, moment = chance.choice(streams), OLD + chance.randrange(8 * 60) * MINUTE
            chance.randrange(100)
            chance.choice([0, 0, 0, 1, 2])
            keys.add((stream, moment))
    return keys


def thaw_everything() -> None:
    with writing() as open_:
        for month in archive.months_with_values():
            thawing.thaw(open_, month)
