"""The embedded PostgreSQL starts, is joined, recovers and refuses in plain words."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest

from stadtkern.config.run import postgres

pytestmark = [pytest.mark.operations]
ENSURE = "import sys; from pathlib import Path; from stadtkern.config.run import postgres; "


@pytest.fixture
def folder():
    """A short path in a folder that PostgreSQL's own user may enter."""
    place = Path(tempfile.mkdtemp(prefix="sk-"))
    yield place / "pg"
    cluster = postgres.Cluster(place / "pg", durable=False)
    with suppress(postgres.DoesNotStart):
        cluster.stop()
    shutil.rmtree(place)


def ensure_elsewhere(folder: Path) -> subprocess.CompletedProcess[str]:
    code = f"{ENSURE} print(postgres.ensure(Path(sys.argv[1]), durable=False))"
    return subprocess.run([sys.executable, "-c", code, str(folder)], check=False, capture_output=True, text=True)


def test_several_processes_that_ensure_at_once_share_one_server(folder):
    with ThreadPoolExecutor(3) as pool:
        done = list(pool.map(lambda _: ensure_elsewhere(folder), range(3)))
    assert [run.returncode for run in done] == [0, 0, 0], done
    assert len({run.stdout for run in done}) == 1
    with psycopg.connect(done[0].stdout.strip()) as connection:
        assert connection.execute("SELECT current_database(), current_setting('fsync')").fetchone() == (
            "stadtkern",
            "off",
        )


def test_a_durable_cluster_syncs_and_keeps_rows_when_it_is_killed(folder):
    dsn = postgres.ensure(folder)
    with psycopg.connect(dsn, autocommit=True) as connection:
        assert connection.execute("SHOW fsync").fetchone() == ("on",)
        connection.execute("CREATE TABLE kept (word text)")
        connection.execute("INSERT INTO kept VALUES ('Straße')")
    os.kill(postgres.Cluster(folder).pid(), signal.SIGKILL)
    with psycopg.connect(postgres.ensure(folder)) as connection:
        assert connection.execute("SELECT word FROM kept").fetchone() == ("Straße",)


def test_a_lock_that_names_a_foreign_process_is_taken_away(folder):
    postgres.ensure(folder, durable=False)
    cluster = postgres.Cluster(folder, durable=False)
    cluster.stop()
    (folder / "postmaster.pid").write_text(f"{os.getppid()}\n{folder}\n0\n5432\n{folder}\n\n  0 0\nready\n")
    postgres.ensure(folder, durable=False)
    assert cluster.answers()


def test_a_broken_test_cluster_is_made_anew_but_a_durable_one_never(folder):
    postgres.ensure(folder, durable=False)
    postgres.Cluster(folder).stop()
    (folder / "global" / "pg_control").write_bytes(b"")
    with pytest.raises(postgres.DoesNotStart, match="pg_control"):
        postgres.ensure(folder)
    assert (folder / "PG_VERSION").exists()
    postgres.ensure(folder, durable=False)


def test_another_version_is_refused_with_the_way_out(folder):
    folder.mkdir()
    (folder / "PG_VERSION").write_text("16\n")
    with pytest.raises(postgres.DoesNotStart, match="backup with the old installation"):
        postgres.ensure(folder)


def test_a_path_too_long_for_a_socket_gets_a_short_socket_folder(folder):
    deep = folder / ("long-" * 20)
    postgres.ensure(deep, durable=False)
    cluster = postgres.Cluster(deep, durable=False)
    assert len(str(cluster.sockets)) < 60
    assert cluster.sockets.stat().st_mode & 0o077 == 0
    cluster.stop()
    shutil.rmtree(cluster.sockets)


def test_a_test_cluster_can_be_thrown_away_a_durable_one_cannot(folder):
    postgres.throw_away(folder)  # nothing there: nothing to do
    postgres.ensure(folder)
    with pytest.raises(postgres.DoesNotStart, match="no test cluster"):
        postgres.throw_away(folder)
    postgres.Cluster(folder).stop()
    postgres.ensure(folder, durable=False)
    postgres.throw_away(folder)
    assert not folder.exists()


def test_nobody_else_can_reach_the_socket(folder):
    postgres.ensure(folder, durable=False)
    assert folder.stat().st_mode & 0o077 == 0


@pytest.mark.slow
def test_a_joined_server_answers_at_once(folder):
    postgres.ensure(folder, durable=False)
    begun = time.monotonic()
    postgres.ensure(folder, durable=False)
    assert time.monotonic() - begun < 2
