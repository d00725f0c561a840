"""A small load generator: keep-alive connections that ask as fast as they are answered.

Written on asyncio's protocols because the machine that measures is the machine that serves: a generator that costs
as much as the pages would make every page look alike. It answers for itself: see `share` in the result.
"""

import asyncio
import os
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count

LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
CHUNKED = re.compile(rb"\r\ntransfer-encoding: *chunked", re.IGNORECASE)


@dataclass
class Result:
    """What one page gave in one round."""

    status: int = 200  # the right answer; every other one is wrong and counts for nothing
    seconds: float = 0.0
    times: list[float] = field(default_factory=list)
    statuses: dict[int, int] = field(default_factory=dict)
    received: int = 0
    share: float = 0.0  # of one core, spent by the generator itself

    @property
    def per_second(self) -> float:
        return self.statuses.get(self.status, 0) / self.seconds if self.seconds else 0.0

    def quantile(self, part: float) -> float:
        """Seconds; zero when nothing was answered."""
        ordered = sorted(self.times)
        return ordered[min(len(ordered) - 1, int(part * len(ordered)))] if ordered else 0.0

    @property
    def wrong(self) -> int:
        return sum(number for status, number in self.statuses.items() if status != self.status)


class Connection(asyncio.Protocol):
    """One connection: sends the next request when the answer to the last one is complete."""

    def __init__(self, requests: Iterator[bytes], result: Result, until: Callable[[], bool]) -> None:
        self.requests, self.result, self.over = requests, result, until
        self.closed = asyncio.get_running_loop().create_future()
        self.buffer = bytearray()
        self.wanted = -1

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self._ask()

    def _ask(self) -> None:
        if self.over():
            self.transport.close()
            return
        self.buffer.clear()
        self.wanted = -1
        self.begun = time.perf_counter()
        self.transport.write(next(self.requests))  # type: ignore[attr-defined]

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        if self._complete():
            self._count()
            self._ask()

    def _complete(self) -> bool:
        if self.wanted < 0:
            head_end = self.buffer.find(b"\r\n\r\n")
            if head_end < 0:
                return False
            head = bytes(self.buffer[:head_end])
            length = LENGTH.search(head)
            self.wanted = head_end + 4 + int(length[1]) if length else 0
            self.chunked = bool(CHUNKED.search(head))
        if self.chunked:
            return self.buffer.endswith(b"0\r\n\r\n")
        return len(self.buffer) >= self.wanted

    def _count(self) -> None:
        status = int(self.buffer[9:12])
        self.result.times.append(time.perf_counter() - self.begun)
        self.result.statuses[status] = self.result.statuses.get(status, 0) + 1
        self.result.received += len(self.buffer)

    def connection_lost(self, error: Exception | None) -> None:
        if not self.closed.done():
            self.closed.set_result(None)


async def put_load(
    port: int, requests: Iterator[bytes], *, connections: int, seconds: float, status: int = 200
) -> Result:
    """Ask for `seconds` over so many connections; a connection that the server closes is opened again."""
    result, loop = Result(status), asyncio.get_running_loop()
    begun, used = time.perf_counter(), time.process_time()

    def over() -> bool:
        return time.perf_counter() - begun >= seconds

    async def keep_asking() -> None:
        while not over():
            _, connection = await loop.create_connection(lambda: Connection(requests, result, over), "127.0.0.1", port)
            await connection.closed

    await asyncio.gather(*(keep_asking() for _ in range(connections)))
    result.seconds = time.perf_counter() - begun
    result.share = (time.process_time() - used) / result.seconds
    return result


def request(
    method: str, path: str, *, headers: dict[str, str] | None = None, body: bytes = b"", host: str = "127.0.0.1"
) -> bytes:
    """One HTTP/1.1 request as bytes, with what a browser would send."""
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host}", "Accept-Encoding: gzip", "Accept: text/html,*/*;q=0.8"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


def in_turn(requests: list[bytes]) -> Iterator[bytes]:
    """The same requests again and again."""
    for number in count(os.getpid()):
        yield requests[number % len(requests)]
