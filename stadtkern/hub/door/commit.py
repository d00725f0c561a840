"""Many small writes, one COMMIT, an honest answer to each.

One thread with one connection of its own takes whatever waits and writes it in one transaction (see group.py). Nobody
is told "written" before COMMIT has returned. What waits is bounded by rows; beyond, the answer is 503 at once.
"""

import asyncio
import logging
import threading
import time
from collections.abc import Sequence
from queue import Empty, SimpleQueue
from typing import Any

import psycopg

from stadtkern.core.problems import Unavailable
from stadtkern.hub.door.entry import Entry
from stadtkern.hub.door.group import write_group

MOST_IN_A_GROUP = 5_000
MOST_HELD = 60_000  # about 25 MB
FULL = "Too many values wait to be written."
AWAY = "The database is away. Nothing was written; send it again."
# A hung statement ends by itself, a dead network is noticed, a stopped door does not hold locks for ever.
LIMITS = "-c statement_timeout=20s -c lock_timeout=1s -c idle_in_transaction_session_timeout=30s"
NETWORK = {"connect_timeout": 5, "keepalives_idle": 10, "keepalives_interval": 5, "tcp_user_timeout": 20_000}
log = logging.getLogger("stadtkern.door")


class GroupCommit:
    """The queue and its thread. What begins with `_work` belongs to the thread, all else to the event loop."""

    def __init__(self, dsn: str, *, most: int = MOST_IN_A_GROUP, held: int = MOST_HELD) -> None:
        self._dsn, self._most, self._most_held = dsn, most, held
        self._waiting: SimpleQueue[Entry | None] = SimpleQueue()
        self._held = 0
        self._connection: psycopg.Connection[Any] | None = None
        self._busy_since: float | None = None
        self.groups = 0

    @property
    def held(self) -> int:
        """Values that wait or are being written, and one for each entry."""
        return self._held

    @property
    def busy_seconds(self) -> float:
        """How long the thread has been writing what it is writing now."""
        since = self._busy_since
        return 0.0 if since is None else time.monotonic() - since

    def start(self) -> None:
        """Begin; call it on the event loop."""
        self._loop = asyncio.get_running_loop()
        self._thread = threading.Thread(target=self._work, name="hub-door-writer", daemon=True)
        self._thread.start()

    async def stop(self, seconds: float = 5.0) -> None:
        """Write what waits, then end."""
        self._waiting.put(None)
        await asyncio.to_thread(self._thread.join, seconds)

    async def add(self, entry: Entry) -> Any:
        """Wait until the entry is committed. Raises Unavailable when too much waits, or the entry's own error."""
        size = len(entry.samples) + 1
        if self._held and self._held + size > self._most_held:
            raise Unavailable(FULL, retry_after=1)
        entry.told = self._loop.create_future()
        self._held += size
        self._waiting.put(entry)
        return await entry.told

    def _tell(self, group: Sequence[Entry]) -> None:
        for entry in group:
            self._held -= len(entry.samples) + 1
            if entry.told is None or entry.told.done():  # the caller has left
                continue
            if isinstance(entry.outcome, Exception):
                entry.told.set_exception(entry.outcome)
            else:
                entry.told.set_result(entry.outcome)

    def _work(self) -> None:
        going_on = True
        while going_on:
            group, going_on = self._work_waiting()
            self._busy_since = time.monotonic()
            self._work_off(group)
            self._busy_since = None
            self.groups += 1
            self._loop.call_soon_threadsafe(self._tell, group)
        self._work_disconnected()

    def _work_waiting(self) -> tuple[list[Entry], bool]:
        """Wait for an entry and take what waits with it; False when it is time to end."""
        group: list[Entry] = []
        rows = 0
        entry = self._waiting.get()
        while entry is not None:
            group.append(entry)
            rows += len(entry.samples)
            if rows >= self._most:
                break
            try:
                entry = self._waiting.get_nowait()
            except Empty:
                break
        return group, entry is not None

    def _work_off(self, group: Sequence[Entry]) -> None:
        """Give every entry its outcome. A connection lost before COMMIT is replaced once: nothing is written then."""
        for _ in range(2):
            waiting = [entry for entry in group if entry.outcome is None]
            try:
                write_group(self._work_connected(), waiting)
                return
            except Exception as error:
                expected = isinstance(error, psycopg.OperationalError)
                log.warning("door: the writing connection is lost", exc_info=None if expected else error)
                self._work_disconnected()
        for entry in group:
            if entry.outcome is None:
                entry.outcome = Unavailable(AWAY, retry_after=2)

    def _work_connected(self) -> "psycopg.Connection[Any]":
        if self._connection is None:
            self._connection = psycopg.connect(
                self._dsn,
                options=LIMITS,
                application_name="stadtkern-door-writer",
                **NETWORK,  # type: ignore[arg-type]
            )
        return self._connection

    def _work_disconnected(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
