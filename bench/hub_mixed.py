"""Reading the data hub while it is written to: `python -m bench.hub_mixed`, on the data of `bench.hub_reads`.

Single observations come in at half of what the door took at most just before, and the questions of `bench.hub_reads`
are asked again meanwhile. Everything is on one machine: PostgreSQL, the door, the pages, both clients.
"""

import multiprocessing
import statistics
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import count, islice, takewhile
from pathlib import Path
from typing import Any

import httpx

from bench.hub_reads import loaded, options, questions, times_of
from bench.hub_sender import Sent, request, send_all
from bench.server import Server
from bench.table import machine, mark

CONNECTIONS = 64
MOST_TIMES = 2.0
BODY = b'{"phenomenonTime":"%s","result":%.1f,"Datastream":{"@iot.id":%d}}'
FOR_MOST = 40_000  # observations that tell how many are the most


def main() -> int:
    with loaded(options(__doc__)) as (server, rows, streams):
        print(f"{machine()}, {rows:,} observations", *_compared(server, streams), sep="\n")
    return 0


def _compared(server: Server, streams: list[int]) -> Iterator[str]:
    key = server.output("manage", "api_key", "create", "bench", "--scope", "hub.write").strip()
    door = server.data.resolve() / "run" / "door.sock"
    most = send_all(door, islice(_values(key, streams), FOR_MOST), connections=CONNECTIONS).per_second
    alone = _medians(server, streams[0])
    beside, sent = _meanwhile(lambda: _medians(server, streams[0]), door, key, streams, most / 2)
    wrong = sum(sent.statuses.values()) - sent.statuses.get(201, 0)
    yield f"The door took {most:,.0f}/s at most, and {sent.per_second:,.0f}/s beside the questions ({wrong} refused)."
    yield "\n| question | alone ms | beside ms | times |\n|---|---|---|---|"
    for question, first, second in zip(questions(streams[0]), alone, beside, strict=True):
        times = second / first
        yield f"| {question.name} | {first * 1e3:.0f} | {second * 1e3:.0f} | {times:.1f} {mark(times <= MOST_TIMES)} |"


def _medians(server: Server, stream: int) -> list[float]:
    """Seconds of each question."""
    with httpx.Client(base_url=f"{server.address}/sta/v1.1/", timeout=60) as client:
        return [statistics.median(times_of(client, question)) for question in questions(stream)]


def _meanwhile(
    work: Callable[[], list[float]], door: Path, key: str, streams: list[int], per_second: float
) -> tuple[list[float], Sent]:
    """What the work gives while a process of its own sends."""
    with multiprocessing.Manager() as manager, ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        ended = manager.Event()
        sending = pool.submit(_send, door, key, streams, per_second, ended)
        try:
            found = work()
        finally:
            ended.set()
        return found, sending.result()


def _send(door: Path, key: str, streams: list[int], per_second: float, ended: Any) -> Sent:
    over = threading.Event()  # the other's is asked by a thread: it lives in another process

    def wait() -> None:
        ended.wait()
        over.set()

    threading.Thread(target=wait, daemon=True).start()
    requests = takewhile(lambda _: not over.is_set(), _values(key, streams))
    return send_all(door, requests, connections=CONNECTIONS, per_second=per_second)


def _values(key: str, streams: list[int]) -> Iterator[bytes]:
    """Requests without end: each datastream in turn, a new moment with every turn."""
    begin = datetime.now(UTC)
    for turn in count():
        at = (begin + timedelta(milliseconds=turn)).isoformat().encode()
        for stream in streams:
            body = b'{"phenomenonTime":"%s","result":%.1f,"Datastream":{"@iot.id":%d}}' % (
                at,
                stream % 400 / 10,
                stream,
            )
            yield request("/ingest/observations", key, body)


if __name__ == "__main__":
    sys.exit(main())
