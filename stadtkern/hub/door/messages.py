"""A request as a handler sees it, and what it gives back."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import orjson
from django.utils import translation

from stadtkern.core.problems import BadQuery, Problem, TooLarge
from stadtkern.hub.door.inflating import inflate
from stadtkern.hub.door.patience import PATIENCE
from stadtkern.hub.door.room import Room

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

MOST_BYTES = 10_000_000
MOST_PARAMETERS = 20
TOO_LARGE = f"A body may have {MOST_BYTES} bytes; send several requests."
BODIES = Room(most=32_000_000, patience=0)
NO_STORE = (b"cache-control", b"no-store")


class ClientGone(Exception):
    """Whoever asked has left; there is nobody to answer."""


@dataclass(slots=True)
class Answer:
    """`body`: anything JSON, or bytes that are sent as they are."""

    status: int = 200
    body: Any = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    kind: str = "application/json"


class Request:
    """One request; `place` holds the named parts of the route's pattern."""

    def __init__(self, scope: Message, receive: Receive) -> None:
        self._receive = receive
        self.method: str = scope["method"]
        self.path: str = scope["path"]
        self.query: bytes = scope["query_string"]
        self.headers: dict[bytes, bytes] = dict(scope["headers"])
        self.place: dict[str, str] = {}
        self._held = 0

    def header(self, name: str) -> str:
        return self.headers.get(name.encode(), b"").decode("latin-1")

    @property
    def parameters(self) -> dict[str, str]:
        """Raises BadQuery."""
        try:
            return dict(parse_qsl(self.query.decode("latin-1"), keep_blank_values=True, max_num_fields=MOST_PARAMETERS))
        except ValueError:
            raise BadQuery(f"An address has at most {MOST_PARAMETERS} parameters.") from None

    async def body(self) -> bytes:
        """All of it, inflated. Raises TooLarge, TooSlow, BadQuery (broken gzip), ClientGone."""
        announced = self.headers.get(b"content-length", b"")
        if announced.isdigit() and int(announced) > MOST_BYTES:
            raise TooLarge(TOO_LARGE)
        task = PATIENCE.begin()
        try:
            raw = await self._all()
        except asyncio.CancelledError:
            PATIENCE.explain(task)
            raise
        finally:
            PATIENCE.end(task)
        coding = self.header("content-encoding")
        if not coding:
            return raw
        body = inflate(raw, coding, most=MOST_BYTES)
        self._hold(len(body))
        return body

    def release(self) -> None:
        """The bodies are not needed any more."""
        BODIES.leave(self._held)
        self._held = 0

    def _hold(self, size: int) -> None:
        BODIES.take(size)
        self._held += size

    async def _all(self) -> bytes:
        parts: list[bytes] = []
        while True:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                raise ClientGone
            parts.append(message.get("body", b""))
            self._hold(len(parts[-1]))
            if self._held > MOST_BYTES:
                raise TooLarge(TOO_LARGE)
            if not message.get("more_body"):
                return parts[0] if len(parts) == 1 else b"".join(parts)


def answer_of(problem: Problem) -> Answer:
    """RFC 9457. Machines read English."""
    with translation.override("en"):
        body = problem.as_json()
    headers = {name.lower(): text for name, text in problem.headers.items()}
    return Answer(problem.status, body, headers, "application/problem+json")


async def send_answer(send: Send, answer: Answer) -> None:
    body = answer.body if isinstance(answer.body, bytes) else orjson.dumps(answer.body)
    headers = [(b"content-type", answer.kind.encode()), (b"content-length", b"%d" % len(body)), NO_STORE]
    if answer.headers:
        headers += [(name.encode(), value.encode()) for name, value in answer.headers.items()]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
