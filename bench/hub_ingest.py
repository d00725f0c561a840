"""Ingest at the door: `python -m bench.hub_ingest`, measured against C before and after each measurement.

C is a binary COPY by psycopg of the very same rows, numbers and all, into a table of the same shape with the same keys,
in one process, committed. The door is the one of an installation (granian, embedded durable PostgreSQL) at its own
socket; keys are checked, values validated, every 201 follows its COMMIT. The client runs on the same machine and its
share is said. S is the same observation by POST at /sta/v1.1/Observations of the pages.
"""

import argparse
import os
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import psutil

from bench.hub_sender import Sent, request, send_all
from bench.server import ROOT
from bench.table import machine, mark

ROWS = 1_000  # of one data array
STREAMS = 500
ARRAYS_AT_ONCE, SINGLES_AT_ONCE = 8, 64
LEAST_ARRAYS, LEAST_SINGLES, LEAST_TO_S, MOST_MEMORY = 0.35, 5_000, 5.0, 150
NAMES = "datastream_id, phenomenon_start, slot, id, number, feature_id, flags"
TYPES = ["int8", "timestamptz", "int8", "int8", "float8", "int8", "int4"]
FLOOR = "bench_floor"
SEED = """
import json, django
django.setup()
from django.db import transaction
from stadtkern.core import apikeys
from stadtkern.hub.models import Datastream
from stadtkern.hub.tests.cast import datastream, thing
with transaction.atomic():
    bench = thing()
    ids = [datastream(bench).pk for _ in range(%d)]
print(json.dumps([apikeys.issue("bench", scopes=["hub.write"])[1], ids]))
"""


@dataclass
class House:
    """The installation that is measured."""

    dsn: str
    door: Path
    pages: Path
    key: str
    streams: list[int]
    process: int
    next_second: int = 0
    begin: datetime = field(default_factory=lambda: datetime.now(UTC).replace(microsecond=0) - timedelta(days=15))

    def moments(self, count: int) -> list[datetime]:
        """The next seconds, so that every value is new."""
        first = self.begin + timedelta(seconds=self.next_second)
        self.next_second += count
        return [first + timedelta(seconds=second) for second in range(count)]


def main() -> int:
    options = _options()
    with _running(options.data) as house:
        rounds = [_round(house, options) for _ in range(options.rounds)]
    middle = {name: statistics.median(one[name] for one in rounds) for name in rounds[0]}
    print(machine())
    print(f"C                {middle['floor']:>9,.0f} rows/s")
    _say("data arrays", f"{middle['arrays']:>9,.0f} rows/s, {middle['ratio']:.2f} C", LEAST_ARRAYS, middle["ratio"])
    _say("singles", f"{middle['singles']:>9,.0f}/s, p99 {middle['p99'] * 1e3:.0f} ms", LEAST_SINGLES, middle["singles"])
    _say("to S", f"{middle['sta']:>9,.0f}/s at S, {middle['to_s']:.1f} S", LEAST_TO_S, middle["to_s"])
    print(
        f"memory           {middle['memory']:>9.0f} MB, at most {MOST_MEMORY} {mark(middle['memory'] <= MOST_MEMORY)}"
    )
    return 0


def _say(name: str, found: str, least: float, value: float) -> None:
    print(f"{name:<16} {found}, at least {least:,} {mark(value >= least)}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.hub_ingest", description=__doc__)
    parser.add_argument("--data", type=Path, default=ROOT / ".data" / "bench-ingest", help="where its database lies")
    parser.add_argument("--arrays", type=int, default=1_000, help="requests of 1 000 rows")
    parser.add_argument("--singles", type=int, default=50_000)
    parser.add_argument("--sta", type=int, default=2_000, help="observations at S")
    parser.add_argument("--rounds", type=int, default=3)
    return parser.parse_args()


def _round(house: House, options: argparse.Namespace) -> dict[str, float]:
    arrays, rows = _arrays(house, options.arrays)
    before = _floor(house, rows)
    with _memory(house.process) as memory:
        sent = send_all(house.door, arrays, connections=ARRAYS_AT_ONCE)
    floor = (before + _floor(house, rows)) / 2
    singles = _told("singles", send_all(house.door, _singles(house, options.singles), connections=SINGLES_AT_ONCE))
    sta_path = "/sta/v1.1/Observations"
    sta = _told("S", send_all(house.pages, _singles(house, options.sta, sta_path), connections=SINGLES_AT_ONCE))
    per_second = _told("data arrays", sent).per_second * ROWS
    return {
        "floor": floor, "arrays": per_second, "ratio": per_second / floor, "singles": singles.per_second,
        "p99": singles.quantile(0.99), "sta": sta.per_second, "to_s": singles.per_second / sta.per_second,
        "memory": max(memory),
    }  # fmt: skip


def _told(name: str, sent: Sent) -> Sent:
    wrong = {status: count for status, count in sent.statuses.items() if status != 201}
    note = f"  wrong: {wrong}" if wrong else ""
    print(f"  {name:<12} {sent.per_second:>8,.0f}/s, client's share of a core {sent.share:.2f}{note}", file=sys.stderr)
    return sent


def _arrays(house: House, count: int) -> tuple[list[bytes], list[tuple[Any, ...]]]:
    """Requests, and the rows they bring as C writes them."""
    requests: list[bytes] = []
    rows: list[tuple[Any, ...]] = []
    for number in range(count):
        stream = house.streams[number % len(house.streams)]
        if number % len(house.streams) == 0:
            moments = house.moments(ROWS)
            times = [moment.isoformat() for moment in moments]
        values = [20 + (number + place) % 997 / 10 for place in range(ROWS)]
        part = {
            "Datastream": {"@iot.id": stream},
            "components": ["phenomenonTime", "result"],
            "dataArray": list(zip(times, values, strict=True)),
        }
        requests.append(request("/ingest/data-array", house.key, orjson.dumps([part])))
        rows += [(stream, moments[n], 0, number * ROWS + n, values[n], None, 0) for n in range(ROWS)]
    return requests, rows


def _singles(house: House, count: int, path: str = "/ingest/observations") -> list[bytes]:
    requests = []
    for number in range(count):
        if number % len(house.streams) == 0:
            time = house.moments(1)[0].isoformat().encode()
        stream = house.streams[number % len(house.streams)]
        body = b'{"phenomenonTime":"%s","result":%.1f,"Datastream":{"@iot.id":%d}}'
        requests.append(request(path, house.key, body % (time, number % 400 / 10, stream)))
    return requests


def _floor(house: House, rows: list[tuple[Any, ...]]) -> float:
    """Rows per second of C."""
    import psycopg

    with psycopg.connect(house.dsn) as connection:
        connection.execute(f"drop table if exists {FLOOR}")
        connection.execute(f"create table {FLOOR} (like hub_observation including defaults)")
        connection.execute(f"alter table {FLOOR} add primary key (datastream_id, phenomenon_start, slot)")
        connection.execute(f"create index on {FLOOR} (id)")
        connection.commit()
        begun = time.perf_counter()
        with connection.cursor().copy(f"copy {FLOOR} ({NAMES}) from stdin (format binary)") as copy:
            copy.set_types(TYPES)
            for row in rows:
                copy.write_row(row)
        connection.commit()
        seconds = time.perf_counter() - begun
        connection.execute(f"drop table {FLOOR}")
    return len(rows) / seconds


@contextmanager
def _memory(process: int) -> Iterator[list[float]]:
    """Megabytes of the door's process, looked at all the while."""
    seen, over = [0.0], threading.Event()

    def look() -> None:
        while not over.wait(0.1):
            seen.append(psutil.Process(process).memory_info().rss / 2**20)

    threading.Thread(target=look, daemon=True).start()
    yield seen
    over.set()


@contextmanager
def _running(data: Path) -> Iterator[House]:
    """A database, a door and pages of its own, durable as an installation's."""
    data.mkdir(parents=True, exist_ok=True)
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "stadtkern.config.settings",
        "STADTKERN_DATA": str(data.resolve()),
        "STADTKERN_SECRET_KEY": "only-for-the-bench-never-for-a-city-change-me-0123456789",
    }
    os.environ.pop("DATABASE_URL", None)
    import django

    django.setup()
    from stadtkern.config.run import processes, steps
    from stadtkern.config.run.family import Family
    from stadtkern.config.run.installation import Installation, occupy

    place = Installation.here()
    register, env = place.folder("run") / "family.json", place.environment()
    with occupy(place):
        family = Family(register, place.folder("logs"), env, print)
        try:
            family.start(processes.database(place))
            place.cluster.ensure_database()
            steps.perform(place, steps.migrate(place))
            seeding = [sys.executable, "-c", SEED % STREAMS]
            done = subprocess.run(seeding, env=env, cwd=ROOT, check=True, capture_output=True, text=True)
            key, streams = orjson.loads(done.stdout.splitlines()[-1])
            place.folder("run/metrics")
            family.start(processes.door(place), processes.pages(place))
            door = next(part for part in family.parts if part.name == "door")
            (worker,) = psutil.Process(door.child.pid).children()
            yield House(place.dsn, place.socket("door"), place.socket("pages"), key, streams, worker.pid)
        finally:
            family.stop()


if __name__ == "__main__":
    sys.exit(main())
