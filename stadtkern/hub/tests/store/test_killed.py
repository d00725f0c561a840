"""kill -9 of the process that archives, at each of its steps: nothing is lost, the next run does all of it."""

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.conf import settings as django_settings
from django.db import connection

from stadtkern.hub.domain.connection import writing
from stadtkern.hub.domain.readers import EVERYTHING
from stadtkern.hub.domain.store import archive, months, rolling, shelf
from stadtkern.hub.domain.store import writing as store
from stadtkern.hub.domain.store.port import Sample
from stadtkern.hub.domain.store.postgres import PostgresStore
from stadtkern.hub.models import ArchivedMonth
from stadtkern.hub.tests.cast import datastream

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("committed")]

JANUARY = (2024 - 1970) * 12
START = datetime(2024, 1, 10, tzinfo=UTC)
STORE = "stadtkern.hub.domain.store"
# Where it dies: before the copy, the file, its sync, its name, the lock, the entry, the drop, and after the commit.
PLACES = [
    (f"{STORE}.archive", "_copy"),
    (f"{STORE}.shelf", "_view"),
    (f"{STORE}.shelf", "_sync"),
    (f"{STORE}.shelf", "_digest"),
    (f"{STORE}.archive", "_check_unchanged"),
    (f"{STORE}.archive", "_write_down"),
    (f"{STORE}.months", "drop"),
    ("logging", "Logger.info"),
]


def values(stream: int) -> list[Sample]:
    span = {"since": START - timedelta(days=9), "until": START + timedelta(days=9)}
    return list(PostgresStore().read(stream, **span, reader=EVERYTHING))


def address_of_tables() -> str:
    where = connection.settings_dict
    return (
        f"postgresql://{quote(where['USER'])}:{quote(where['PASSWORD'])}@/{where['NAME']}"
        f"?host={quote(where['HOST'])}" + (f"&port={where['PORT']}" if where["PORT"] else "")
    )


def archive_and_die(place: tuple[str, str]) -> int:
    environment: dict[str, Any] = dict(os.environ) | {
        "DATABASE_URL": address_of_tables(),
        "STADTKERN_HUB_ARCHIVE": str(django_settings.HUB_ARCHIVE),
        "DJANGO_SETTINGS_MODULE": "stadtkern.config.settings",
    }
    command = [sys.executable, str(Path(__file__).with_name("killed.py")), str(JANUARY), *place]
    return subprocess.run(command, env=environment, cwd=Path.cwd(), check=False, timeout=120).returncode


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place[1])
def test_a_second_run_completes_what_a_killed_one_has_begun(place: tuple[str, str]) -> None:
    stream = datastream().pk
    with writing() as open_:
        samples = [
            Sample(datastream_id=stream, phenomenon_start=START + timedelta(hours=n), number=n) for n in range(60)
        ]
        store.append(open_, samples)
    rolling.roll()
    before = values(stream)
    assert archive_and_die(place) == -signal.SIGKILL
    months.forget()
    assert values(stream) == before
    archive.archive(JANUARY)
    assert values(stream) == before
    assert ArchivedMonth.objects.get().rows == 60
    assert JANUARY not in months.existing(connection.connection)
    known = {ArchivedMonth.objects.get().path}
    for path in shelf.folder().iterdir():
        os.utime(path, (0, 0))
    shelf.sweep(known)
    assert {path.name for path in shelf.folder().iterdir()} == known
