"""The live stream of the desk: one LISTEN connection, many clients, each sees only what its rights cover."""

import asyncio
import json
import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import psycopg

CHANNEL = "desk"
MOST_WAITING = 100  # events a client may be behind before it is dropped
LONGEST_PAUSE = 15.0
QUIET = 30.0  # seconds without an event after which the connection is tried
log = logging.getLogger("stadtkern.door")

Covers = Callable[[dict[str, Any]], bool]


@dataclass(eq=False)
class Client:
    """One open stream. A slow one is dropped; its browser connects again and reloads its list."""

    person_id: int
    covers: Covers
    waiting: asyncio.Queue[str] = field(default_factory=lambda: asyncio.Queue(MOST_WAITING))
    dropped: bool = False

    def give(self, text: str) -> None:
        try:
            self.waiting.put_nowait(text)
        except asyncio.QueueFull:
            self.dropped = True


class Desk:
    """All streams of this process and the one connection that feeds them."""

    def __init__(self, dsn: str) -> None:
        self.dsn = dsn
        self.clients: set[Client] = set()
        self.listening = False
        self._number = 0
        self._was_connected = False

    def publish(self, payload: dict[str, Any]) -> None:
        """Hand an event to every client whose rights cover it."""
        self._number += 1
        text = as_event(payload, number=self._number)
        for client in self.clients:
            if client.covers(payload):
                client.give(text)

    def resync(self) -> None:
        """Tell everybody to look again: notifications may have been missed while not listening."""
        for client in self.clients:
            client.give("event: resync\ndata: {}\n\n")

    async def listen(self) -> None:
        """Listen for ever; when the database goes away, come back with growing pauses."""
        pause = 0.5
        while True:
            try:
                await self._listen_once()
            except (psycopg.Error, OSError) as error:
                log.warning("desk stream: no connection to the database", extra={"error": type(error).__name__})
            self.listening = False
            await asyncio.sleep(pause)
            pause = min(LONGEST_PAUSE, pause * 2) if not self._was_connected else 0.5

    async def _listen_once(self) -> None:
        self._was_connected = False
        connection = await psycopg.AsyncConnection.connect(
            self.dsn, autocommit=True, connect_timeout=5, application_name="stadtkern-door"
        )
        async with connection:
            await connection.execute(f"LISTEN {CHANNEL}")
            self._was_connected = self.listening = True
            self.resync()
            while True:
                async for notice in connection.notifies(timeout=QUIET):
                    self._read(notice.payload)
                await connection.execute("SELECT 1")  # a connection that died silently is noticed here

    def _read(self, text: str) -> None:
        with suppress(ValueError):
            payload = json.loads(text)
            if isinstance(payload, dict):
                self.publish(payload)


def as_event(payload: dict[str, Any], *, number: int) -> str:
    """One server-sent event; JSON has no line breaks, so one data line is enough."""
    return f"id: {number}\nevent: {CHANNEL}\ndata: {json.dumps(payload, separators=(',', ':'))}\n\n"
