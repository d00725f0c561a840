"""Ingest over the wire: a real granian, a real PostgreSQL, and whatever may happen to both and to their clients."""

import gzip
import itertools
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import psutil
import psycopg
import pytest

from stadtkern.core import apikeys
from stadtkern.hub.tests.cast import datastream
from tests.operations.conftest import ROOT, wait_until

pytestmark = [pytest.mark.operations, pytest.mark.slow]
START = datetime(2026, 5, 1, tzinfo=UTC)
HASTY = ("tests.operations.hasty_door:app", "--interface", "asgi", "--respawn-failed-workers")
PLACES = itertools.count()


class House:
    """A database and a door in a data folder of their own."""

    def __init__(self, data: Path) -> None:
        own = {"DATABASE_URL", "STADTKERN_SECRET_KEY"}
        inherited = {name: value for name, value in os.environ.items() if name not in own}
        secret = "only-for-this-test-never-for-a-city-0123456789-abcdefghijkl"
        env = inherited | {"STADTKERN_DATA": str(data), "STADTKERN_SECRET_KEY": secret, "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-m", "tests.operations.ingest_house"]
        self.process = subprocess.Popen(command, env=env, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        facts = json.loads((self.process.stdout.readline() if self.process.stdout else "") or "{}")
        assert facts, "it did not start"
        self.key, self.streams, self.dsn = facts["key"], facts["streams"], facts["dsn"]
        self.socket = facts["socket"]

    def client(self) -> httpx.Client:
        transport = httpx.HTTPTransport(uds=self.socket)
        return httpx.Client(transport=transport, base_url="http://door", headers={"X-Api-Key": self.key}, timeout=60)

    def is_well(self) -> bool:
        with suppress(httpx.HTTPError), self.client() as client:
            return client.get("/door/health").status_code == 200
        return False

    def part(self, words: str) -> psutil.Process:
        """The oldest process of the family whose command has these words."""
        family = psutil.Process(self.process.pid).children(recursive=True)
        return min((p for p in family if words in " ".join(p.cmdline())), key=lambda process: process.create_time())

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.dsn, autocommit=True) as connection:
            return connection.execute(query, values).fetchall()

    def end(self) -> None:
        self.process.send_signal(signal.SIGINT)
        self.process.wait(90)


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    folder = Path(tempfile.mkdtemp(prefix="sk-in-"))
    made = House(folder / "data")
    yield made
    made.end()
    shutil.rmtree(folder, ignore_errors=True)


@dataclass
class Logger(threading.Thread):
    """A client as it should be: sends again what was not acknowledged, and remembers what was."""

    house: House
    stream: int
    size: int
    with_key: bool
    over: threading.Event
    acknowledged: dict[datetime, float] = field(default_factory=dict)
    unsure: int = 0
    fault: str = ""

    def __post_init__(self) -> None:
        super().__init__(daemon=True)
        self.place = next(PLACES)

    def __hash__(self) -> int:
        return id(self)

    def run(self) -> None:
        for number in itertools.count():
            if self.over.is_set() or self.fault:
                return
            first = START + timedelta(days=self.place, seconds=number * self.size)
            values = {first + timedelta(seconds=n): self.place + n / 8 for n in range(self.size)}
            self._send_until_acknowledged(values)

    def _send_until_acknowledged(self, values: dict[datetime, float]) -> None:
        body = json.dumps([[moment.isoformat(), value] for moment, value in values.items()])
        headers = {"Idempotency-Key": uuid4().hex} if self.with_key else {}
        until = time.monotonic() + 90
        while time.monotonic() < until:
            with suppress(httpx.HTTPError), self.house.client() as client:
                answer = client.post(f"/ingest/datastreams/{self.stream}", content=body, headers=headers)
                if answer.status_code == 201:
                    self.acknowledged |= values
                    return
                if answer.status_code not in (429, 502, 503):
                    self.fault = answer.text
                    return
            self.unsure += 1
            time.sleep(0.1)
        self.fault = "never acknowledged"


def test_nothing_acknowledged_is_lost_and_nothing_is_there_twice(house):
    over = threading.Event()
    plain, keeping = house.streams[:8], house.streams[8:]
    loggers = [Logger(house, stream, 1, False, over) for stream in plain[:4]]
    loggers += [Logger(house, stream, 40, False, over) for stream in plain[4:]]
    loggers += [Logger(house, stream, 1, True, over) for stream in keeping]  # here only the key makes it once
    for logger in loggers:
        logger.start()
    for victim in ("granian.*worker", "bin/postgres", "bin/granian", "bin/postgres"):
        time.sleep(2)
        _kill(house, victim)
        wait_until(house.is_well, seconds=90, what=f"well again after kill -9 of {victim}")
    time.sleep(2)
    over.set()
    for logger in loggers:
        logger.join(120)
    assert [logger.fault for logger in loggers if logger.fault] == []
    assert sum(logger.unsure for logger in loggers) > 0, "nothing was interrupted"
    assert min(len(logger.acknowledged) for logger in loggers) > 20
    for logger in loggers:
        stored = house.rows(
            "select phenomenon_start, number from hub_observation where datastream_id = %s order by 1", logger.stream
        )
        assert stored == sorted(logger.acknowledged.items())
        (counted,) = house.rows("select count from hub_latest where datastream_id = %s", logger.stream)
        assert counted == (len(stored),)


def _kill(house: House, victim: str) -> None:
    if victim == "granian.*worker":
        house.part("bin/granian").children()[0].kill()
    else:
        house.part(victim).kill()


def test_ten_megabytes_are_taken_and_more_are_not(house):
    stream = house.streams[0]
    rows = [[(START + timedelta(days=900, seconds=n)).isoformat(), n / 7] for n in range(50_000)]
    body = json.dumps(rows).encode().ljust(10_000_000)
    with house.client() as client:
        assert client.post(f"/ingest/datastreams/{stream}", content=body).json()["created"] == 50_000
        with suppress(httpx.WriteError):  # the door may hang up while we still send
            assert client.post(f"/ingest/datastreams/{stream}", content=body + b" ").status_code == 413
        packed = gzip.compress(body + b" ")
        assert len(packed) < 1_500_000
        answer = client.post(f"/ingest/datastreams/{stream}", content=packed, headers={"Content-Encoding": "gzip"})
        assert answer.status_code == 413
        assert house.is_well()


@pytest.fixture(scope="module")
def hasty(granian) -> str:
    return granian(*HASTY, ready="/door/health")


@pytest.fixture
def key(transactional_db) -> str:
    return apikeys.issue("logger", scopes=["hub.write"])[1]


def connect(address: str) -> socket.socket:
    host, port = address.removeprefix("http://").split(":")
    return socket.create_connection((host, int(port)), timeout=20)


def head(path: str, key: str, length: int) -> bytes:
    return f"POST {path} HTTP/1.1\r\nHost: x\r\nX-Api-Key: {key}\r\nContent-Length: {length}\r\n\r\n".encode()


def test_a_body_that_drips_is_given_up(hasty, key):
    air = datastream()
    with connect(hasty) as slow:
        slow.sendall(head(f"/ingest/datastreams/{air.pk}", key, 1_000))
        begun = time.monotonic()
        answer = b""
        while not answer and time.monotonic() - begun < 15:
            with suppress(OSError):
                slow.sendall(b"[")
            slow.settimeout(0.3)
            with suppress(TimeoutError):
                answer = slow.recv(1_000)
    assert b" 408 " in answer
    assert time.monotonic() - begun < 8


def test_a_client_that_goes_away_in_the_middle_leaves_nothing(hasty, key):
    air = datastream()
    body = json.dumps([["2026-05-04T12:00:00Z", 1.5]]).encode()
    with connect(hasty) as leaving:
        leaving.sendall(head(f"/ingest/datastreams/{air.pk}", key, len(body)) + body[:-3])
        time.sleep(0.3)
    answer = httpx.post(f"{hasty}/ingest/datastreams/{air.pk}", content=body, headers={"X-Api-Key": key})
    assert answer.json() == {"created": 1, "corrected": 0, "rejected": []}
    assert httpx.get(hasty + "/door/health").json()["ingest"]["held"] == 0


def test_a_hung_writer_is_seen_and_replaced(hasty, key, test_dsn):
    air, other = datastream(), datastream()
    send = {"content": json.dumps([["2026-05-04T12:00:00Z", 1.5]]), "headers": {"X-Api-Key": key}}
    assert httpx.post(f"{hasty}/ingest/datastreams/{air.pk}", **send).status_code == 201
    with psycopg.connect(test_dsn, autocommit=True) as connection:
        ours = "application_name = 'stadtkern-door-writer' and datname = current_database()"
        (backend,) = connection.execute(f"select pid from pg_stat_activity where {ours}").fetchone()
    os.kill(backend, signal.SIGSTOP)
    try:
        hanging = threading.Thread(target=_post_and_lose, args=[f"{hasty}/ingest/datastreams/{air.pk}", send])
        hanging.start()
        wait_until(lambda: _health(hasty) == 503, seconds=20, what="health says that the writer hangs")
        wait_until(lambda: _health(hasty) == 200, seconds=60, what="another process has begun")
        answer = httpx.post(f"{hasty}/ingest/datastreams/{other.pk}", **send)
        assert answer.status_code == 201
        hanging.join(60)
    finally:
        os.kill(backend, signal.SIGCONT)


def _post_and_lose(address: str, send: dict[str, Any]) -> None:
    with suppress(httpx.HTTPError):
        httpx.post(address, timeout=30, **send)


def _health(door: str) -> int:
    with suppress(httpx.HTTPError):
        return httpx.get(door + "/door/health", timeout=5).status_code
    return 0
