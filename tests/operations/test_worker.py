"""A worker may die at any moment; the job it was doing is done by the next one."""

import os
import signal
import subprocess
import sys

import psycopg
import pytest

from tests.operations.conftest import ROOT, stadtkern, wait_until

pytestmark = [pytest.mark.operations]
DEFER = """
import sys, django
django.setup()
from tests.operations.slow_job import slow
slow.defer(folder=sys.argv[1])
"""


@pytest.fixture
def house(test_dsn, tmp_path) -> dict[str, str]:
    return {
        "DATABASE_URL": test_dsn,
        "STADTKERN_DATA": str(tmp_path / "data"),
        "DJANGO_SETTINGS_MODULE": "tests.operations.slow_settings",
        "STADTKERN_WORKER_TIMEOUT": "4",
        "PYTHONPATH": str(ROOT),
    }


def start_worker(house) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "stadtkern.config.cli", "work"]
    return subprocess.Popen(command, env=os.environ | house, cwd=ROOT, start_new_session=True)


def test_a_job_whose_worker_was_killed_is_done_later(house, tmp_path, test_dsn):
    defer = [sys.executable, "-c", DEFER, str(tmp_path)]
    subprocess.run(defer, env=os.environ | house, cwd=ROOT, check=True)
    first = start_worker(house)
    wait_until((tmp_path / "begun").exists, seconds=60)
    first.send_signal(signal.SIGKILL)
    first.wait()
    second = start_worker(house)
    wait_until((tmp_path / "done").exists, seconds=90)
    second.terminate()
    assert second.wait(30) == 0
    assert (tmp_path / "done").read_text() == "done\n", "once, not twice"
    with psycopg.connect(test_dsn) as connection:
        left = "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'tests.slow'"
        assert connection.execute(left).fetchone() == (0,), "what is done leaves nothing behind"


def test_failed_jobs_are_listed_and_put_back(house, test_dsn):
    with psycopg.connect(test_dsn, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, status, args) "
            "VALUES ('default', 'tests.broken', 'failed', '{}')"
        )
    listed = stadtkern("failed-jobs", **house)
    assert "tests.broken" in listed.stdout
    assert stadtkern("failed-jobs", "retry", "999999", **house).returncode == 1
    assert "1 jobs wait" in stadtkern("failed-jobs", "retry", **house).stdout
    assert "No job has failed" in stadtkern("failed-jobs", **house).stdout
