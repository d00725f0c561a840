"""`stadtkern hub <verb>`: what an operator does by hand."""

from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from stadtkern.hub.domain.connection import writing
from stadtkern.hub.domain.store import writing as store
from stadtkern.hub.domain.store.port import Sample
from stadtkern.hub.models import ArchivedMonth, Datastream, Latest
from stadtkern.hub.tests.cast import datastream

pytestmark = pytest.mark.django_db

START = datetime(2024, 1, 10, tzinfo=UTC)


@pytest.fixture
def air(city: object, settings: Any, tmp_path: Path) -> Datastream:
    settings.HUB_ARCHIVE = tmp_path / "archive"
    stream = datastream(keep_days=30)
    with writing() as connection:
        samples = [
            Sample(datastream_id=stream.pk, phenomenon_start=START + timedelta(hours=n), number=n) for n in range(50)
        ]
        store.append(connection, samples)
    return stream


def say(*words: str) -> str:
    out = StringIO()
    call_command("hub", *words, stdout=out)
    return out.getvalue()


def test_status_tells_what_there_is(air: Datastream) -> None:
    told = say("status")
    assert "50 values of 1 datastreams" in told
    assert "1 datastreams behind" in told
    assert "partition 2024-01" in told


def test_partitions_are_made_once(city: object) -> None:
    assert say("partitions", "--ahead", "5").count("hub_observation_") >= 1
    assert say("partitions", "--ahead", "5") == "made: none, all are there\n"


def test_a_month_is_archived_thawed_and_archived_with_the_others(air: Datastream) -> None:
    assert say("archive", "2024-01") == "archived: 2024-01\n"
    assert "archive   2024-01             50 rows" in say("status")
    assert say("archive", "2024-01") == "archived: nothing to do\n"
    assert "back in the tables" in say("thaw", "2024-01")
    assert "not archived" in say("thaw", "2024-01")
    assert say("archive", "--older-than", "90") == "archived: 2024-01\n"
    assert ArchivedMonth.objects.get().rows == 50


def test_rollups_and_retention(air: Datastream) -> None:
    assert "rolled up in" in say("roll")
    assert Latest.objects.get(pk=air.pk).rolled_until is not None
    assert say("retention") == "50 values were past their time and are deleted\n"


def test_a_young_month_is_refused_with_a_reason(city: object) -> None:
    with pytest.raises(CommandError, match="not closed yet"):
        say("archive", "2036-01")


@pytest.mark.parametrize("month", ["2024", "2024-13", "January"])
def test_what_is_no_month_is_refused(city: object, month: str) -> None:
    with pytest.raises(CommandError, match="say YYYY-MM"):
        say("archive", month)


def test_without_the_extension_nothing_is_distributed(city: object) -> None:
    with pytest.raises(CommandError, match="extension citus is not in this database"):
        say("distribute")
