"""kill -9 of the worker in the middle of a run: the log says so, and the next run brings the rest, each value once."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from stadtkern.hub.domain.connecting.port import MOST_IN_BATCH
from stadtkern.hub.domain.connecting.schedule import queue_run
from stadtkern.hub.models import Connector, Datastream, Latest, Run
from stadtkern.hub.tests.connecting.conftest import Source
from stadtkern.hub.tests.store.test_killed import address_of_tables
from tests.operations.conftest import wait_until

pytestmark = [pytest.mark.operations, pytest.mark.django_db(transaction=True)]
ROWS = MOST_IN_BATCH + 500
NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
GATE = 4711  # an advisory lock: who holds it keeps the second batch from being written
HOLD_UP = f"""
create function hold_up() returns trigger language plpgsql as
$$ begin perform pg_advisory_xact_lock({GATE}); return new; end $$;
create trigger hold_up before update on hub_run for each row when (new.created > {MOST_IN_BATCH})
execute function hold_up()
"""
WAITING = "select count(*) from pg_locks where locktype = 'advisory' and objid = %s and not granted"
Work = Callable[[], "subprocess.Popen[bytes]"]


@pytest.fixture
def gate(transactional_db: None) -> Iterator["psycopg.Connection[tuple[int]]"]:
    """Holds up whoever writes the second batch, until it lets go."""
    with psycopg.connect(address_of_tables(), autocommit=True) as own:
        own.execute(HOLD_UP)
        own.execute("select pg_advisory_lock(%s)", [GATE])
        yield own
        own.execute("select pg_advisory_unlock_all()")
        own.execute("drop function hold_up cascade")


@pytest.fixture
def work(tmp_path: Path) -> Iterator[Work]:
    """Start a worker as the house does; it may ask a source on this machine."""
    env = os.environ | {
        "DATABASE_URL": address_of_tables(),
        "STADTKERN_DATA": str(tmp_path / "data"),
        "STADTKERN_OUTBOUND_NETWORKS": "127.0.0.0/8",
        "STADTKERN_WORKER_TIMEOUT": "4",
    }
    started: list[subprocess.Popen[bytes]] = []

    def start() -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-m", "stadtkern.config.cli", "work"]
        started.append(subprocess.Popen(command, env=env, cwd=Path.cwd(), start_new_session=True))
        return started[-1]

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
            process.wait()


@pytest.fixture
def level(source: Source, connector: Callable[..., Connector]) -> Connector:
    rows = "".join(f"{(NOON + timedelta(minutes=n)).isoformat()};{n}\n" for n in range(ROWS))
    url = source.says("/t.csv", f"time;value\n{rows}")
    mapping = {"time": "time", "thing_name": "Pegel", "values": [{"source": "value", "name": "Wasserstand"}]}
    return connector("csv", mapping | {"url": url})


def test_a_run_whose_worker_was_killed_is_told_and_completed(
    level: Connector, gate: "psycopg.Connection[tuple[int]]", work: Work
) -> None:
    queue_run(level.pk, cause=Run.Cause.CLOCK)
    first = work()
    wait_until(lambda: gate.execute(WAITING, [GATE]).fetchone() == (1,), seconds=60, what="the second batch")
    assert Run.objects.get().created == MOST_IN_BATCH
    first.send_signal(signal.SIGKILL)
    first.wait()
    gate.execute("select pg_advisory_unlock(%s)", [GATE])
    second = work()
    wait_until(lambda: Run.objects.filter(state=Run.State.DONE).exists(), seconds=90, what="a run that is complete")
    second.terminate()
    assert second.wait(30) == 0
    broken, whole = Run.objects.order_by("pk")
    assert (broken.state, broken.created) == (Run.State.BROKEN_OFF, MOST_IN_BATCH)
    assert "abgebrochen" in broken.error
    assert broken.ended_at is not None
    assert (whole.created, whole.duplicates, whole.corrected) == (500, MOST_IN_BATCH, 0)
    stream = Datastream.objects.get(source=level.source)
    stored = gate.execute(
        "select count(*), count(distinct phenomenon_start), sum(number) from hub_observation where datastream_id = %s",
        [stream.pk],
    ).fetchone()
    assert stored == (ROWS, ROWS, sum(range(ROWS)))
    assert Latest.objects.get(pk=stream.pk).count == ROWS
