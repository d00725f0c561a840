"""The archive's disk is full (ENOSPC, by /dev/full): the month stays where it is, and an operator reads what to do."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError
from django.db import connection

from stadtkern.hub.domain.connection import writing
from stadtkern.hub.domain.readers import EVERYTHING
from stadtkern.hub.domain.store import archive, months, shelf
from stadtkern.hub.domain.store import writing as store
from stadtkern.hub.domain.store.port import Sample
from stadtkern.hub.domain.store.postgres import PostgresStore
from stadtkern.hub.models import ArchivedMonth, Datastream
from stadtkern.hub.tests.cast import datastream
from stadtkern.hub.tests.store.test_command import say

pytestmark = pytest.mark.django_db
JANUARY = (2024 - 1970) * 12
START = datetime(2024, 1, 10, tzinfo=UTC)
HOUR = timedelta(hours=1)
STEPS = ["2024-01.csv.part", "2024-01.part"]  # the copy of the table, and the Parquet file


@pytest.fixture
def shelf_of_test(settings: Any, tmp_path: Path) -> Path:
    settings.HUB_ARCHIVE = tmp_path / "archive"
    settings.HUB_ARCHIVE.mkdir()
    return settings.HUB_ARCHIVE


@pytest.fixture
def air(city: object, shelf_of_test: Path) -> Datastream:
    stream = datastream()
    put(stream, *(float(n) for n in range(48)))
    return stream


def put(stream: Datastream, *numbers: float, first: datetime = START) -> None:
    with writing() as connection:
        samples = [
            Sample(datastream_id=stream.pk, phenomenon_start=first + n * HOUR, number=number)
            for n, number in enumerate(numbers)
        ]
        store.append(connection, samples)


def numbers(stream: Datastream) -> list[float | None]:
    span = {"since": START - 100 * HOUR, "until": START + 100 * HOUR}
    return [sample.number for sample in PostgresStore().read(stream.pk, **span, reader=EVERYTHING)]


@pytest.fixture(params=STEPS)
def no_room(request: pytest.FixtureRequest, shelf_of_test: Path) -> Callable[[], None]:
    """From now on the disk has no room for this file: every write to it fails, as the kernel does it."""
    return lambda: (shelf_of_test / request.param).symlink_to("/dev/full")


def test_the_month_stays_in_the_table_and_goes_when_there_is_room(
    air: Datastream, no_room: Callable[[], None], shelf_of_test: Path
) -> None:
    before = numbers(air)
    no_room()
    with pytest.raises(CommandError) as told:
        say("archive", "2024-01")
    assert "2024-01" in str(told.value)
    assert "No space left on device" in str(told.value)
    assert "values stay where they are" in str(told.value)
    assert JANUARY in months.existing(connection.connection)
    assert not ArchivedMonth.objects.exists()
    assert numbers(air) == before
    assert list(shelf_of_test.iterdir()) == [], "what is half written takes no room either"
    assert say("archive", "2024-01") == "archived: 2024-01\n"
    assert numbers(air) == before
    assert ArchivedMonth.objects.get().rows == 48


def test_the_file_that_is_there_stays_the_truth_beside_what_came_late(
    air: Datastream, no_room: Callable[[], None], shelf_of_test: Path
) -> None:
    archive.archive(JANUARY)
    [kept] = shelf_of_test.iterdir()
    put(air, 100.0, first=START + 48 * HOUR)
    no_room()
    with pytest.raises(shelf.NotWritten):
        archive.archive(JANUARY)
    assert [path.name for path in shelf_of_test.iterdir()] == [kept.name] == [ArchivedMonth.objects.get().path]
    assert numbers(air) == [*map(float, range(48)), 100.0]
    assert archive.archive(JANUARY)
    assert numbers(air) == [*map(float, range(48)), 100.0]
    assert ArchivedMonth.objects.get().rows == 49


def test_the_nightly_turn_fails_where_an_operator_sees_it(air: Datastream, no_room: Callable[[], None]) -> None:
    """A job that fails is listed by `stadtkern failed-jobs`; one that only logs is not."""
    no_room()
    with pytest.raises(shelf.NotWritten, match="No space left on device"):
        archive.archive_by_the_clock.func(timestamp=0)  # type: ignore[attr-defined]
    assert JANUARY in months.existing(connection.connection)
