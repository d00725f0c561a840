"""What the tests of operations share: real servers as processes, and addresses they can be reached at."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import psycopg
import pytest

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(true: Callable[[], Any], *, seconds: float = 30, what: str = "") -> Any:
    until = time.monotonic() + seconds
    while not (value := true()):
        if time.monotonic() > until:
            raise AssertionError(f"not within {seconds} s: {what or true}")
        time.sleep(0.05)
    return value


def answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=10).status_code < 500
    except httpx.HTTPError:
        return False


@pytest.fixture(scope="session")
def server_dsn(django_db_setup: None) -> str:
    """The address of this run's test database."""
    from django.db import connection

    given = connection.settings_dict
    host = quote(given["HOST"], safe="")
    secret = f":{quote(given['PASSWORD'])}" if given["PASSWORD"] else ""
    port = f"&port={given['PORT']}" if given["PORT"] else ""
    return f"postgresql://{given['USER']}{secret}@/{given['NAME']}?host={host}{port}"


@pytest.fixture
def test_dsn(server_dsn: str, transactional_db: None) -> str:
    """The same, for a test whose rows other processes must see."""
    return server_dsn


@pytest.fixture(scope="module")
def granian(server_dsn: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., str]]:
    """Start an application under granian; returns its address. It lives as long as the tests of the file."""
    started: list[subprocess.Popen[bytes]] = []
    folder = tmp_path_factory.mktemp("granian")

    def start(target: str, *options: str, ready: str, **environment: str) -> str:
        port = free_port()
        command = [str(BIN / "granian"), *options, "--port", str(port), "--log-level", "warning", target]
        env = os.environ | {"DATABASE_URL": server_dsn, "STADTKERN_DATA": str(folder / "data")} | environment
        log_path = folder / f"{port}.log"
        with log_path.open("wb") as log:
            started.append(subprocess.Popen(command, env=env, cwd=ROOT, stdout=log, stderr=log, start_new_session=True))
        address = f"http://127.0.0.1:{port}"
        wait_until(lambda: answers(address + ready), seconds=180, what=f"{target}: {log_path}")
        return address

    yield start
    for process in started:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@pytest.fixture
def empty_dsn(test_dsn: str) -> Iterator[str]:
    """The address of a second, empty database on the same server."""
    name = f"{test_dsn.split('?', maxsplit=1)[0].rsplit('/', 1)[1]}_second"
    with closing(psycopg.connect(test_dsn, autocommit=True)) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        connection.execute(f'CREATE DATABASE "{name}"')
        yield test_dsn.replace(name.removesuffix("_second") + "?", name + "?")
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def stadtkern(*words: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run an operator's command as an operator does."""
    command = [sys.executable, "-m", "stadtkern.config.cli", *map(str, words)]
    env = os.environ | environment
    return subprocess.run(command, env=env, cwd=ROOT, capture_output=True, text=True, check=False, timeout=180)
