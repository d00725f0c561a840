"""Archived months: written whole, read as if they were tables, changed and deleted all the same."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from django.db import connection as django

from stadtkern.core.problems import BadQuery, Unavailable
from stadtkern.hub.domain import correcting
from stadtkern.hub.domain.clearing import clear_datastreams
from stadtkern.hub.domain.connection import cursor, writing
from stadtkern.hub.domain.readers import EVERYTHING
from stadtkern.hub.domain.removing import remove_datastreams, remove_feature
from stadtkern.hub.domain.store import archive, archive_reading, archived_keys, ids, months, rolling, shelf, thawing
from stadtkern.hub.domain.store import writing as store
from stadtkern.hub.domain.store.port import Sample
from stadtkern.hub.domain.store.postgres import PostgresStore
from stadtkern.hub.models import ArchivedMonth, Datastream, FeatureOfInterest, Latest
from stadtkern.hub.tests.cast import PARK, datastream

pytestmark = pytest.mark.django_db

JANUARY = (2024 - 1970) * 12
START = datetime(2024, 1, 10, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SPAN = {"since": START - DAY, "until": START + 40 * DAY}


@pytest.fixture(autouse=True)
def shelf_of_test(settings: Any, tmp_path: Path) -> Path:
    settings.HUB_ARCHIVE = tmp_path / "archive"
    return settings.HUB_ARCHIVE


@pytest.fixture
def air(city: object) -> Datastream:
    """48 hours in January, three values in February."""
    stream = datastream()
    put(stream, *[Sample(datastream_id=stream.pk, phenomenon_start=START + n * HOUR, number=n) for n in range(48)])
    put(stream, *[Sample(datastream_id=stream.pk, phenomenon_start=START + (n + 30) * DAY, number=n) for n in range(3)])
    return stream


def put(stream: Datastream, *samples: Sample) -> store.Appended:
    with writing() as connection:
        return store.append(connection, samples)


def numbers(stream: Datastream) -> list[float | None]:
    return [sample.number for sample in PostgresStore().read(stream.pk, **SPAN, reader=EVERYTHING)]


def in_table() -> int:
    with django.cursor() as rows:
        rows.execute("select count(*) from hub_observation")
        return rows.fetchone()[0]


def test_a_month_moves_into_one_sorted_file_with_small_row_groups(air: Datastream, shelf_of_test: Path) -> None:
    assert archive.archive(JANUARY)
    kept = ArchivedMonth.objects.get()
    assert (kept.rows, in_table()) == (48, 3)
    path = shelf_of_test / kept.path
    assert [path.name] == [file.name for file in shelf_of_test.iterdir()]
    assert kept.bytes == path.stat().st_size
    facts = f"parquet_metadata('{path}')"
    with duckdb.connect() as lens:
        found = lens.execute(f"select distinct compression, row_group_num_rows from {facts}").fetchall()
        assert found == [("ZSTD", 48)]
        stats = lens.execute(f"select stats_min from {facts} where path_in_schema = 'datastream_id'").fetchall()
        assert stats == [(str(air.pk),)]
    assert numbers(air) == [*map(float, range(48)), 0.0, 1.0, 2.0]
    assert not archive.archive(JANUARY)


def test_only_closed_months_are_archived(air: Datastream) -> None:
    with pytest.raises(archive.NotReady, match="not closed"):
        archive.archive(ids.month_of(datetime.now(UTC)))
    assert archive.archive_older_than(timedelta(0)) == [JANUARY, JANUARY + 1]


def test_everything_of_a_value_comes_back(air: Datastream) -> None:
    whole = Sample(
        datastream_id=air.pk, phenomenon_start=START + timedelta(microseconds=1), number=0.1 + 0.2, slot=2**62,
        phenomenon_end=START + HOUR, result_time=START + timedelta(microseconds=999_999), quality={"ä": ["\n"]},
        parameters={"n": 1}, feature_id=77, flags=3, valid_start=START, valid_end=START + DAY,
    )  # fmt: skip
    odd = [Sample(datastream_id=air.pk, phenomenon_start=START + DAY, slot=n, text=text) for n, text in
           enumerate(["", "null", "\\N", '"', "a,b\r\nc", "\\."], 1)]  # fmt: skip
    special = [Sample(datastream_id=air.pk, phenomenon_start=START + 2 * DAY, slot=n, number=number) for n, number in
               enumerate([-0.0, 5e-324, 1.7976931348623157e308, float("inf"), float("-inf")])]  # fmt: skip
    put(air, whole, *odd, *special)
    before = list(PostgresStore().read(air.pk, **SPAN, reader=EVERYTHING))
    archive.archive(JANUARY)
    assert list(PostgresStore().read(air.pk, **SPAN, reader=EVERYTHING)) == before
    with writing() as connection:
        assert thawing.thaw(connection, JANUARY)
    assert list(PostgresStore().read(air.pk, **SPAN, reader=EVERYTHING)) == before
    assert not ArchivedMonth.objects.exists()


def test_late_and_corrected_values_stand_beside_the_file_until_it_is_written_again(air: Datastream) -> None:
    first = put(air, Sample(datastream_id=air.pk, phenomenon_start=START, number=0.0)).samples[0].id
    archive.archive(JANUARY)
    done = put(
        air,
        Sample(datastream_id=air.pk, phenomenon_start=START, number=100.0),
        Sample(datastream_id=air.pk, phenomenon_start=START + timedelta(minutes=1), number=101.0),
    )
    assert (done.created, done.corrected, done.samples[0].id) == (1, 1, first)
    assert Latest.objects.get(pk=air.pk).count == 52
    assert numbers(air)[:3] == [100.0, 101.0, 1.0]
    (_id, hour), *_rest = PostgresStore().hourly([air.pk], **SPAN, reader=EVERYTHING)
    assert (hour.count, hour.mean) == (2, 100.5)
    rolling.roll()
    (_id, hour), *_rest = PostgresStore().hourly([air.pk], **SPAN, reader=EVERYTHING)
    assert (hour.count, hour.mean) == (2, 100.5)
    assert archive.archive(JANUARY)
    assert (ArchivedMonth.objects.get().rows, in_table()) == (49, 3)
    assert numbers(air)[:3] == [100.0, 101.0, 1.0]


def test_figures_are_made_from_the_archive_too(air: Datastream) -> None:
    ask = {"datastream_ids": None, **SPAN, "interval": "day", "functions": ["median", "count"], "reader": EVERYTHING}
    before = list(PostgresStore().aggregate(**ask))
    archive.archive(JANUARY)
    assert list(PostgresStore().aggregate(**ask)) == before
    ragged = {"since": START + timedelta(minutes=30), "until": START + 3.5 * HOUR}
    for function in ("sum", "median"):
        asked = ask | ragged | {"interval": None, "functions": [function]}
        assert [row.values for row in PostgresStore().aggregate(**asked)] == [({"sum": 6.0, "median": 2.0}[function],)]


def test_an_archived_value_is_corrected_and_removed_by_its_number(air: Datastream) -> None:
    archive.archive(JANUARY)
    first, second = list(PostgresStore().read(air.pk, **SPAN, reader=EVERYTHING))[:2]
    with writing() as connection:
        assert correcting.remove_observations(connection, [first.id]) == 1
    assert numbers(air)[0] == 1.0
    latest = Latest.objects.get(pk=air.pk)
    assert (latest.count, latest.first_start) == (50, second.phenomenon_start)
    assert archive.archive_older_than() == [JANUARY, JANUARY + 1]
    assert ArchivedMonth.objects.get(month="2024-01-01").rows == 47


def test_the_newest_value_may_stand_in_a_file(air: Datastream) -> None:
    archive.archive(JANUARY)
    assert PostgresStore().remove(air.pk, since=START + 20 * DAY, until=START + 60 * DAY) == 3
    latest = Latest.objects.get(pk=air.pk)
    assert (latest.number, latest.phenomenon_start, latest.count) == (47.0, START + 47 * HOUR, 48)
    assert ArchivedMonth.objects.exists()


def test_values_of_a_removed_datastream_leave_the_file(air: Datastream) -> None:
    other = datastream()
    put(other, Sample(datastream_id=other.pk, phenomenon_start=START, number=1.0))
    archive.archive(JANUARY)
    remove_datastreams([air.pk])
    clear_datastreams.func([air.pk])
    assert JANUARY in archive.archive_older_than()
    assert ArchivedMonth.objects.get().rows == 1
    remove_datastreams([other.pk])
    clear_datastreams.func([other.pk])
    assert archive.archive_older_than() == [JANUARY]
    assert not ArchivedMonth.objects.exists()


def test_observations_about_a_removed_feature_go_from_the_archive(air: Datastream) -> None:
    pond = FeatureOfInterest.objects.create(name="Teich", feature=PARK)
    put(air, Sample(datastream_id=air.pk, phenomenon_start=START, number=9.0, slot=5, feature_id=pond.pk))
    archive.archive(JANUARY)
    assert remove_feature(pond.pk) == 1
    assert numbers(air).count(9.0) == 1


def test_too_many_old_values_at_once_are_refused(air: Datastream, monkeypatch: pytest.MonkeyPatch) -> None:
    archive.archive(JANUARY)
    monkeypatch.setattr(archive_reading, "MOST_ROWS", 47)
    with pytest.raises(BadQuery, match="eingrenzen"):
        numbers(air)
    assert len(list(PostgresStore().read(air.pk, since=START, until=START + DAY, reader=EVERYTHING))) == 24
    assert len(list(PostgresStore().hourly(None, **SPAN, reader=EVERYTHING))) == 51


def test_a_file_that_is_missing_is_told_as_such(air: Datastream, shelf_of_test: Path) -> None:
    archive.archive(JANUARY)
    (shelf_of_test / ArchivedMonth.objects.get().path).unlink()
    with pytest.raises(Unavailable, match="Archiv"):
        numbers(air)


def test_an_observation_is_found_by_its_number(air: Datastream) -> None:
    first = next(PostgresStore().read(air.pk, **SPAN, reader=EVERYTHING)).id
    archive.archive(JANUARY)
    for number, there in ((first, 1), (first + 10**6, 0)):
        with writing() as connection:
            table = archive_reading.with_archive_of_ids(connection, [number])
            found = cursor(connection).execute(f"select number from {table} o where o.id = %s", [number]).fetchall()
        assert found == [(0.0,)] * there


def test_a_number_of_the_tables_does_not_open_the_archive(air: Datastream, shelf_of_test: Path) -> None:
    archive.archive(JANUARY)
    (shelf_of_test / ArchivedMonth.objects.get().path).unlink()
    with writing() as connection:
        number = cursor(connection).execute("select max(id) from hub_observation").fetchone()[0]
        assert archive_reading.with_archive_of_ids(connection, [number]) == archive_reading.TABLE


def test_of_the_archive_only_the_corrected_values_are_read(air: Datastream, shelf_of_test: Path) -> None:
    archive.archive(JANUARY)
    late = [Sample(datastream_id=air.pk, phenomenon_start=START + n * HOUR, number=9.0) for n in (0, 47)]
    found = archived_keys._read([shelf_of_test / ArchivedMonth.objects.get().path], late)
    assert [key[1] for key in sorted(found)] == [shelf.microseconds(sample.phenomenon_start) for sample in late]


def test_two_do_not_archive_at_once(air: Datastream) -> None:
    other = django.copy()
    with other.cursor() as rows:
        rows.execute("select pg_advisory_lock(%s)", [archive.LOCK])
        with pytest.raises(archive.NotReady, match="another process"):
            archive.archive(JANUARY)
        rows.execute("select pg_advisory_unlock(%s)", [archive.LOCK])
    other.close()
    assert archive.archive(JANUARY)


def test_files_that_nobody_knows_are_swept_after_a_day(air: Datastream, shelf_of_test: Path) -> None:
    import os

    archive.archive(JANUARY)
    known = {path.name for path in shelf_of_test.iterdir()}
    old = 2 * shelf.OLD_VERSIONS_SECONDS
    for name, age in (("left.part", old), ("observations-1999-01-0.parquet", old), ("fresh.part", 0), ("README", old)):
        (shelf_of_test / name).write_bytes(b"x")
        os.utime(shelf_of_test / name, ((shelf_of_test / name).stat().st_mtime - age,) * 2)
    archive.archive_older_than()
    assert known < {path.name for path in shelf_of_test.iterdir()}
    assert {path.name for path in shelf_of_test.iterdir()} - known > {"fresh.part", "README"}
    assert not list(shelf_of_test.glob("left.part")) + list(shelf_of_test.glob("*1999*"))


def test_nothing_moves_when_the_file_is_not_what_was_read(air: Datastream, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = []

    def spoil(path: Path) -> None:
        if path.suffix == ".part":
            with duckdb.connect() as lens:
                half = path.with_suffix(".half")
                lens.execute(f"copy (select * from read_parquet('{path}') limit 40) to '{half}' (format parquet)")
            half.rename(path)
            rows.append(40)

    monkeypatch.setattr(shelf, "_sync", spoil)
    with pytest.raises(shelf.NotWritten):
        archive.archive(JANUARY)
    assert rows == [40]
    assert (in_table(), ArchivedMonth.objects.count()) == (51, 0)
    assert JANUARY in months.existing(django.connection)
