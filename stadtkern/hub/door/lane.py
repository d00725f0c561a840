"""A lane: one thread with one connection that writes what waits in it, many entries in one transaction (group.py)."""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue
from typing import Any

import psycopg

from stadtkern.core.problems import Unavailable
from stadtkern.hub.door.entry import Entry
from stadtkern.hub.door.group import write_group

AWAY = "The database is away. Nothing was written; send it again."
# A hung statement ends by itself, a dead network is noticed, a stopped door does not hold locks for ever.
LIMITS = "-c statement_timeout=20s -c lock_timeout=1s -c idle_in_transaction_session_timeout=30s"
NETWORK = {"connect_timeout": 5, "keepalives_idle": 10, "keepalives_interval": 5, "tcp_user_timeout": 20_000}
log = logging.getLogger("stadtkern.door")


class Lane:
    """Nobody is told that something is written before COMMIT has returned."""

    def __init__(self, dsn: str, *, most: int, done: Callable[[Sequence[Entry]], None]) -> None:
        """`done(entries)` is called in the lane's thread: every entry has its outcome."""
        self._dsn, self._most, self._done = dsn, most, done
        self._waiting: SimpleQueue[Entry | None] = SimpleQueue()
        self._connection: psycopg.Connection[Any] | None = None
        self._busy_since: float | None = None
        self._thread = threading.Thread(target=self._work, name="hub-door-writer", daemon=True)
        self.groups = 0

    @property
    def busy_seconds(self) -> float:
        """How long the thread has been writing what it is writing now."""
        since = self._busy_since
        return 0.0 if since is None else time.monotonic() - since

    def start(self) -> None:
        self._thread.start()

    def put(self, entry: Entry) -> None:
        self._waiting.put(entry)

    def end(self) -> None:
        """Write what waits, then end."""
        self._waiting.put(None)

    def join(self, seconds: float) -> None:
        self._thread.join(seconds)

    def _work(self) -> None:
        going_on = True
        while going_on:
            group, going_on = self._next_group()
            self._busy_since = time.monotonic()
            self._write(group)
            self._busy_since = None
            self.groups += 1
            self._done(group)
        self._disconnect()

    def _next_group(self) -> tuple[list[Entry], bool]:
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

    def _write(self, group: Sequence[Entry]) -> None:
        """Give every entry its outcome. A connection lost before COMMIT is replaced once: nothing is written then."""
        for _ in range(2):
            waiting = [entry for entry in group if entry.outcome is None]
            try:
                write_group(self._connected(), waiting)
                return
            except Exception as error:
                expected = isinstance(error, psycopg.OperationalError)
                log.warning("door: the writing connection is lost", exc_info=None if expected else error)
                self._disconnect()
        for entry in group:
            if entry.outcome is None:
                entry.outcome = Unavailable(AWAY, retry_after=2)

    def _connected(self) -> "psycopg.Connection[Any]":
        if self._connection is None:
            self._connection = psycopg.connect(
                self._dsn,
                options=LIMITS,
                application_name="stadtkern-door-writer",
                **NETWORK,  # type: ignore[arg-type]
            )
        return self._connection

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
