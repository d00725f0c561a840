"""The data hub's reading side: `python -m bench.hub_reads [--rows 10000000]`, answers over HTTP, client included.

5 000 datastreams at 1 000 things over one year: ten are dense (a value every ten minutes), the others share the rest
evenly. The rows are made inside PostgreSQL; numbers, rollups and newest values are what the hub itself would hold.
"""

import argparse
import statistics
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import psycopg

from bench.server import ROOT, Server, running
from bench.table import machine, mark

STREAMS, THINGS, DENSE = 5_000, 1_000, 10
DENSE_MINUTES = 10
WARM, ROUNDS = 2, 15
YEAR = ("2025-11-01T00:00:00+01:00", "2026-11-01T00:00:00+01:00")
NEWEST = "Observations($top=1;$orderby=phenomenonTime desc;$select=result)"
DAY = ("2026-10-30T00:00:00Z", "2026-10-31T00:00:00Z")

THINGS_MADE = """
with place as (
    insert into hub_location (name, description, properties, visibility, source, source_key, created_at, changed_at,
        encoding_type, location, west, east, south, north)
    select 'Ort ' || n, '', '{}', 'public', 'bench', n::text, now(), now(), 'application/geo+json',
        jsonb_build_object('type', 'Point', 'coordinates',
            jsonb_build_array(7.1 + n %% 50 * 0.005, 51.42 + n / 50 * 0.005)),
        7.1 + n %% 50 * 0.005, 7.1 + n %% 50 * 0.005, 51.42 + n / 50 * 0.005, 51.42 + n / 50 * 0.005
    from generate_series(1, %(things)s::integer) n returning id, source_key
), thing as (
    insert into hub_thing (name, description, properties, visibility, source, source_key, created_at, changed_at)
    select 'Station ' || n, 'Messstation der Messung', '{}', 'public', 'bench', n::text, now(), now()
    from generate_series(1, %(things)s::integer) n returning id, source_key
)
insert into hub_thing_locations (thing_id, location_id)
select thing.id, place.id from thing join place using (source_key)
"""
STREAMS_MADE = """
with sensor as (
    insert into hub_sensor (name, description, properties, visibility, source, source_key, created_at, changed_at,
        encoding_type, metadata)
    values ('Fühler', '', '{}', 'public', 'bench', 'sensor', now(), now(), 'text/plain', '"PT100"') returning id
), property as (
    insert into hub_observedproperty (name, description, properties, definition, source, source_key)
    select 'Größe ' || n, '', '{}', 'https://stadtkern.example/' || n, 'bench', n::text
    from generate_series(0, 4) n returning id, source_key::integer as n
), thing as (
    select id, source_key::integer as n from hub_thing where source = 'bench'
)
insert into hub_datastream (name, description, properties, visibility, source, source_key, created_at, changed_at,
    is_multi, observation_type, multi_types, unit, same_moment, thing_id, sensor_id, observed_property_id,
    interval_seconds)
select 'Reihe ' || s.k, '', '{}', 'public', 'bench', s.k::text, now(), now(), false,
    'http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_Measurement', '[]',
    '{"name": "degree Celsius", "symbol": "Cel", "definition": "ucum:Cel"}', 'correct',
    thing.id, sensor.id, property.id, 600
from generate_series(0, %(streams)s::integer - 1) s (k)
join thing on thing.n = s.k / (%(streams)s::integer / %(things)s::integer) + 1
join property on property.n = s.k %% 5
cross join sensor
"""
ROWS_MADE = """
insert into hub_observation (datastream_id, phenomenon_start, slot, id, number)
select d.id, t, 0, (%(month)s::bigint << 40) | (nextval('hub_bench_number')),
    10 + 10 * sin(extract(epoch from t) / 86400 * 2 * pi()) + d.id %% 7
from (select id, source_key::integer as n from hub_datastream where source = 'bench') d
cross join lateral generate_series(
    %(start)s::timestamptz + (d.n %% 60) * interval '1 second', %(end)s::timestamptz - interval '1 second',
    case when d.n < %(dense)s then interval '10 minutes' else make_interval(secs => %(seconds)s) end) t
order by t
"""
LATEST_MADE = """
update hub_latest l set count = n.count, first_start = n.first_start, last_end = n.last_start,
    phenomenon_start = n.last_start, observation_id = o.id, number = o.number, received_at = now()
from (select datastream_id, count(*), min(phenomenon_start) first_start, max(phenomenon_start) last_start
      from hub_observation group by 1) n
join hub_observation o on o.datastream_id = n.datastream_id and o.phenomenon_start = n.last_start
where l.datastream_id = n.datastream_id
"""


@dataclass(frozen=True)
class Question:
    """An address below the service root and the most it may take, in seconds."""

    name: str
    path: str
    most: float
    check: Callable[[dict[str, object]], bool]


def main() -> int:
    with loaded(options(__doc__)) as (server, rows, streams):
        lines = [f"{machine()}, {rows:,} observations in {STREAMS:,} datastreams over a year", ""]
        lines += answers(server, streams[0])
        lines += streaming(server)
    print("\n".join(lines))
    return 0


def options(about: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("--data", type=Path, default=ROOT / ".data" / "bench-hub")
    parser.add_argument("--rows", type=int, default=10_000_000)
    return parser.parse_args()


@contextmanager
def loaded(options: argparse.Namespace) -> Iterator[tuple[Server, int, list[int]]]:
    """An installation with the data, how many observations it has, and its datastreams; the first are dense."""
    with running(options.data, city="bochum", workers=2) as server:
        with psycopg.connect(server.dsn, autocommit=True) as connection:
            rows = load(connection, options.rows, server)
            found = connection.execute("select id from hub_datastream where source = 'bench' order by id").fetchall()
        yield server, rows, [int(row[0]) for row in found]


def load(connection: "psycopg.Connection[tuple[Any, ...]]", wanted: int, server: Server) -> int:
    """Make what is missing; returns how many observations there are."""
    there = _one(connection, "select coalesce(sum(count), 0) from hub_latest")
    if there:
        return there
    with connection.transaction():
        connection.execute(THINGS_MADE, {"things": THINGS})
        connection.execute(STREAMS_MADE, {"streams": STREAMS, "things": THINGS})
    connection.execute("create sequence if not exists hub_bench_number")
    dense = DENSE * 365 * 24 * 60 // DENSE_MINUTES
    seconds = 365 * 86_400 / ((wanted - dense) / (STREAMS - DENSE))
    for month in range(12):
        _make_month(connection, month, seconds)
    connection.execute("analyze")
    connection.execute(LATEST_MADE)
    connection.execute("select setval('hub_observation_number', nextval('hub_bench_number') + 1000)")
    begun = time.monotonic()
    server.command("hub", "roll")
    print(f"rollups of a year: {time.monotonic() - begun:.0f} s", file=sys.stderr)
    connection.execute("vacuum analyze")
    return _one(connection, "select coalesce(sum(count), 0) from hub_latest")


def _make_month(connection: "psycopg.Connection[tuple[Any, ...]]", number: int, seconds: float) -> None:
    year, month = 2025 + (10 + number) // 12, (10 + number) % 12 + 1
    start = f"{year}-{month:02}-01T00:00:00Z"
    end = f"{year + month // 12}-{month % 12 + 1:02}-01T00:00:00Z"
    name = f"hub_observation_{year}_{month:02}"
    connection.execute(
        f"create table if not exists {name} partition of hub_observation for values from ('{start}') to ('{end}')"
    )
    begun = time.monotonic()
    connection.execute(
        ROWS_MADE,
        {"month": (year - 1970) * 12 + month - 1, "start": start, "end": end, "dense": DENSE, "seconds": seconds},
    )
    print(f"{start[:7]}: {time.monotonic() - begun:.0f} s", file=sys.stderr)


def _one(connection: "psycopg.Connection[tuple[Any, ...]]", query: str) -> int:
    row = connection.execute(query).fetchone()  # type: ignore[call-overload]
    return int(row[0]) if row else 0


def _between(since: str, until: str) -> str:
    return quote(f"phenomenonTime ge {since} and phenomenonTime lt {until}")


def questions(stream: int) -> list[Question]:
    year, day = _between(*YEAR), _between(*DAY)
    return [
        Question(
            "latest value of all 5 000 series",
            f"Datastreams?$select=id,name&$top=5000&$expand={NEWEST}",
            0.15,
            lambda body: len(body["value"]) == STREAMS,  # type: ignore[arg-type]
        ),
        Question(
            "last 24 h of one series",
            f"Datastreams({stream})/Observations?$filter={day}&$orderby=phenomenonTime desc&$top=200",
            0.015,
            lambda body: len(body["value"]) == 144,  # type: ignore[arg-type]
        ),
        Question(
            "hourly means of one series over a year",
            f"Datastreams({stream})/Observations?$apply=aggregate(mean;interval=PT1H)&$filter={year}&$top=10000",
            0.020,
            lambda body: len(body["value"]) in (8_759, 8_760),  # type: ignore[arg-type]
        ),
        Question(
            "city-wide daily means of a year",
            f"Observations?$apply=aggregate(mean;interval=day)&$filter={year}&$top=1000",
            0.200,
            lambda body: len(body["value"]) in (365, 366),  # type: ignore[arg-type]
        ),
        Question(
            "newest value of each datastream of 100 things",
            "Things?$top=100&$expand=Datastreams($expand=Observations($top=1))",
            0.100,
            lambda body: len(body["value"]) == 100,  # type: ignore[arg-type]
        ),
        Question(
            "count of all observations",
            "Observations?$count=true&$top=1&$select=result",
            0.050,
            lambda body: int(body["@iot.count"]) > 1_000_000,  # type: ignore[call-overload]
        ),
    ]


def answers(server: Server, stream: int) -> list[str]:
    lines = ["| question | median ms | at most ms | slowest ms |", "|---|---|---|---|"]
    with httpx.Client(base_url=f"{server.address}/sta/v1.1/", timeout=60) as client:
        for question in questions(stream):
            lines.append(_line(client, question))
            print(lines[-1], file=sys.stderr)
    return lines


def _line(client: httpx.Client, question: Question) -> str:
    times = times_of(client, question)
    middle = statistics.median(times)
    good = mark(middle <= question.most)
    return f"| {question.name} | {middle * 1000:.0f} | {question.most * 1000:.0f} {good} | {max(times) * 1000:.0f} |"


def times_of(client: httpx.Client, question: Question) -> list[float]:
    """Seconds of some answers; the first, for which much is read from disk, do not count."""
    times = []
    for number in range(WARM + ROUNDS):
        begun = time.perf_counter()
        answer = client.get(question.path)
        if number >= WARM:
            times.append(time.perf_counter() - begun)
        if answer.status_code != 200 or not question.check(answer.json()):
            raise SystemExit(f"{question.name}: wrong answer, {answer.status_code} {answer.text[:200]}")
    return times


def streaming(server: Server, rows: int = 1_000_000) -> list[str]:
    """A million rows out, as CSV: how long, and the most memory a web worker held meanwhile."""
    highest, ended = [0], threading.Event()

    def watch() -> None:
        while not ended.wait(0.1):
            highest[0] = max([highest[0], *(worker.memory_info().rss for worker in server.web_workers())])

    watcher = threading.Thread(target=watch)
    watcher.start()
    begun, received = time.perf_counter(), 0
    with httpx.stream(
        "GET", f"{server.address}/sta/v1.1/Observations?$resultFormat=CSV&$top={rows}", timeout=300
    ) as got:
        for block in got.iter_bytes():
            received += block.count(b"\n")
    taken = time.perf_counter() - begun
    ended.set()
    watcher.join()
    return [
        "",
        f"- {received:,} lines of CSV in {taken:.1f} s ({received / taken:,.0f}/s); the largest web worker held "
        f"{highest[0] / 2**20:.0f} MB meanwhile.",
    ]


if __name__ == "__main__":
    sys.exit(main())
