"""A sender of prepared requests: many keep-alive connections on one epoll, as little of its own as possible."""

import select
import socket
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from math import inf
from pathlib import Path


@dataclass
class Sent:
    """What became of the requests."""

    seconds: float = 0.0
    times: list[float] = field(default_factory=list)
    statuses: dict[int, int] = field(default_factory=dict)
    share: float = 0.0  # of one core, spent by the sender itself

    @property
    def per_second(self) -> float:
        return self.statuses.get(201, 0) / self.seconds

    def quantile(self, part: float) -> float:
        """Seconds."""
        ordered = sorted(self.times)
        return ordered[min(len(ordered) - 1, int(part * len(ordered)))]


def request(path: str, key: str, body: bytes) -> bytes:
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {key}\r\n"
    return f"{head}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


def send_all(place: Path, requests: Iterable[bytes], *, connections: int, per_second: float = inf) -> Sent:
    """Send every request once over so many connections to a unix socket; each waits for its answer.

    `per_second`: not more than that many.
    """
    sent, waiting = Sent(), iter(requests)
    poll = select.epoll()
    lines = {line.fileno(): line for line in (_connect(place) for _ in range(connections))}
    asked: dict[int, float] = {}
    begun, used = time.perf_counter(), time.process_time()
    for number, line in lines.items():
        poll.register(number, select.EPOLLIN)
        _ask(line, waiting, asked)
    while asked:
        for number, _event in poll.poll(60):
            _take(lines[number], sent, asked)
            early = len(sent.times) / per_second - (time.perf_counter() - begun)
            if early > 0:
                time.sleep(early)
            _ask(lines[number], waiting, asked)
    sent.seconds, spent = time.perf_counter() - begun, time.process_time() - used
    sent.share = spent / sent.seconds
    poll.close()
    for line in lines.values():
        line.close()
    return sent


def _connect(place: Path) -> socket.socket:
    line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    line.connect(str(place))
    return line


def _ask(line: socket.socket, waiting: Iterator[bytes], asked: dict[int, float]) -> None:
    following = next(waiting, None)
    if following is not None:
        asked[line.fileno()] = time.perf_counter()
        line.sendall(following)


def _take(line: socket.socket, sent: Sent, asked: dict[int, float]) -> None:
    """One answer: it comes in one piece, or the head says how much is to come."""
    answer = line.recv(65_536)
    head, _, body = answer.partition(b"\r\n\r\n")
    length = _length(head)
    while len(body) < length:
        body += line.recv(65_536)
    sent.times.append(time.perf_counter() - asked.pop(line.fileno()))
    status = int(answer[9:12])
    sent.statuses[status] = sent.statuses.get(status, 0) + 1


def _length(head: bytes) -> int:
    lower = head.lower()
    place = lower.find(b"content-length:")
    return int(lower[place + 15 :].split(b"\r\n", 1)[0]) if place >= 0 else 0
