"""The door: a small ASGI application beside the pages, for what waits or comes in masses.

`/door/health`, `/door/desk` (server-sent events for staff), `/ingest/` (hub/door). No framework: few routes need none.
"""

import asyncio
import gc
import json
import os
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from http.cookies import CookieError, SimpleCookie
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "stadtkern.config.settings")

import django

from stadtkern.config.run import tether

tether.follow_parent()
django.setup()

from django.conf import settings  # noqa: E402 (Django is set up above)

from stadtkern.config.desk_stream import Client, Desk  # noqa: E402 (Django is set up above)
from stadtkern.config.run.installation import Installation  # noqa: E402 (Django is set up above)
from stadtkern.config.secret_key import refuse_development_key  # noqa: E402 (Django is set up above)
from stadtkern.config.watcher import Watcher, watcher_of  # noqa: E402 (Django is set up above)
from stadtkern.hub.door import handlers, webhooks  # noqa: E402, F401 (their routes are added by the import)
from stadtkern.hub.door.ingest import Ingest  # noqa: E402 (Django is set up above)

if settings.MQTT:
    from stadtkern.hub.door.mqtt import task  # noqa: F401 (it adds itself; without a broker its packages cost nothing)

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

BEAT = 15.0  # seconds between comments that keep proxies from closing a quiet stream
CHECK_AGAIN = settings.DOOR_CHECK_SECONDS
MOST_CLIENTS = 2_000
MOST_PER_PERSON = 12
STREAM_HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
    (b"x-content-type-options", b"nosniff"),
]
TITLES = {
    401: "Please sign in",
    403: "Only for staff",
    404: "Not found",
    405: "Only GET",
    429: "Too many streams",
    503: "Not available now",
}


class Door:
    """The application object: routes, and the desk it feeds."""

    def __init__(self, dsn: str) -> None:
        self.desk = Desk(dsn)
        self.ingest = Ingest(dsn)
        self._readers = ThreadPoolExecutor(2, thread_name_prefix="door-rights")
        self._listener: asyncio.Task[None] | None = None

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["type"] == "http":
            await self._route(scope, receive, send)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                self._listener = asyncio.create_task(self.desk.listen())
                await self.ingest.start()
                _spare_the_collector()
                await send({"type": "lifespan.startup.complete"})
            else:
                if self._listener:
                    self._listener.cancel()
                await self.ingest.stop()
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def _route(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["path"].startswith("/ingest/"):
            await self.ingest(scope, receive, send)
            return
        routes = {"/door/health": self._health, "/door/desk": self._stream}
        route = routes.get(scope["path"])
        if route is None:
            await problem(send, 404)
        elif scope["method"] != "GET":
            await problem(send, 405)
        else:
            await route(scope, receive, send)

    async def _health(self, scope: Message, receive: Receive, send: Send) -> None:
        listening, (writes, facts) = self.desk.listening, self.ingest.health()
        body = {
            "status": "ok" if listening and writes else "the writer hangs" if listening else "waiting for the database",
            "streams": len(self.desk.clients),
            "ingest": facts,
        }
        await answer(send, 200 if listening and writes else 503, body)

    async def _stream(self, scope: Message, receive: Receive, send: Send) -> None:
        session_key = cookie(scope, settings.SESSION_COOKIE_NAME)
        watcher = await self._read(session_key)
        if refused := self._refusal(watcher):
            await problem(send, refused)
            return
        assert watcher is not None  # noqa: S101 (a missing watcher was refused above)
        client = Client(watcher.person_id, watcher.covers)
        self.desk.clients.add(client)
        leaving = asyncio.create_task(_gone(receive))
        try:
            await self._feed(client, session_key, leaving, send)
        finally:
            self.desk.clients.discard(client)
            leaving.cancel()

    def _refusal(self, watcher: Watcher | None) -> int | None:
        if watcher is None:
            return 401
        if not watcher.staff:
            return 403
        if sum(client.person_id == watcher.person_id for client in self.desk.clients) >= MOST_PER_PERSON:
            return 429
        return 503 if len(self.desk.clients) >= MOST_CLIENTS else None

    async def _feed(self, client: Client, session_key: str, leaving: "asyncio.Task[None]", send: Send) -> None:
        """Send what waits, a comment when nothing does, until the client leaves, lags or loses its rights."""
        await send({"type": "http.response.start", "status": 200, "headers": STREAM_HEADERS})
        await _part(send, "retry: 3000\n: welcome\n\n")
        loop = asyncio.get_running_loop()
        check_at = loop.time() + CHECK_AGAIN
        while not leaving.done() and not client.dropped:
            await _part(send, await _next_event(client, leaving) or "")
            if loop.time() >= check_at:
                check_at = loop.time() + CHECK_AGAIN
                if not await self._still_allowed(client, session_key):
                    break
        await _part(send, "", last=True)

    async def _still_allowed(self, client: Client, session_key: str) -> bool:
        watcher = await self._read(session_key)
        if watcher is None or not watcher.staff:
            return False
        client.covers = watcher.covers
        return True

    async def _read(self, session_key: str) -> Watcher | None:
        if not session_key:
            return None
        return await asyncio.get_running_loop().run_in_executor(self._readers, watcher_of, session_key)


async def _next_event(client: Client, leaving: "asyncio.Task[None]") -> str | None:
    """The next event, a comment after a quiet while, or None when the client has left."""
    getting = asyncio.create_task(client.waiting.get())
    done, _ = await asyncio.wait({getting, leaving}, timeout=BEAT, return_when=asyncio.FIRST_COMPLETED)
    if getting in done:
        return getting.result()
    getting.cancel()
    return None if leaving in done else ": beat\n\n"


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        continue


async def _part(send: Send, text: str, *, last: bool = False) -> None:
    if text or last:
        await send({"type": "http.response.body", "body": text.encode(), "more_body": not last})


def cookie(scope: Message, name: str) -> str:
    """The value of one cookie, or nothing."""
    for key, value in scope["headers"]:
        if key == b"cookie":
            try:
                found = SimpleCookie(value.decode("latin-1")).get(name)
            except CookieError:
                return ""
            if found:
                return found.value
    return ""


async def answer(send: Send, status: int, body: dict[str, Any], kind: bytes = b"application/json") -> None:
    text = json.dumps(body).encode()
    headers = [(b"content-type", kind), (b"content-length", str(len(text)).encode())]
    headers.append((b"cache-control", b"no-store"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": text})


async def problem(send: Send, status: int) -> None:
    """An error as RFC 9457 says."""
    body = {"type": "about:blank", "title": TITLES[status], "status": status}
    await answer(send, status, body, b"application/problem+json")


def _spare_the_collector() -> None:
    """What is there now stays for good: to look through it again and again would cost a third of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


refuse_development_key()
app = Door(Installation.here().dsn)
