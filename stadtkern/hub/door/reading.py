"""Questions to the database, asked by threads: the event loop itself never waits for an answer."""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import psycopg
from django.db import DEFAULT_DB_ALIAS, Error, close_old_connections, connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from stadtkern.core.problems import Unavailable

T = TypeVar("T")
MOST_WAITING = 500
log = logging.getLogger("stadtkern.door")


class Reading:
    """A few threads, each with Django's connection of its own; the ORM and the raw connection both work in them."""

    def __init__(self, threads: int = 2) -> None:
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="hub-door-reads", initializer=self._begin)
        self._connections: list[BaseDatabaseWrapper] = []
        self._waiting = 0

    async def ask(self, question: Callable[[], T]) -> T:
        """What `question()` returns, run in a thread. Raises Unavailable when there is no database or too many ask."""
        if self._waiting >= MOST_WAITING:
            raise Unavailable("Too many ask at once.", retry_after=1)
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, _answer, question)
        finally:
            self._waiting -= 1

    def stop(self) -> None:
        """End the threads' connections too; nobody else would while the process lives."""
        self._threads.shutdown(cancel_futures=True)
        for opened in self._connections:
            if opened.connection is not None:
                opened.connection.close()

    def _begin(self) -> None:
        self._connections.append(connections[DEFAULT_DB_ALIAS])


def _answer(question: Callable[[], T]) -> T:
    try:
        return _once(question)
    except (Error, psycopg.Error) as first:  # the connection may be one that a restart of the server has ended
        log.info("door: asking the database again", extra={"error": type(first).__name__})
    try:
        return _once(question)
    except (Error, psycopg.Error) as error:
        log.warning("door: the database does not answer", extra={"error": type(error).__name__})
        raise Unavailable("The database does not answer now.", retry_after=2) from error


def _once(question: Callable[[], T]) -> T:
    close_old_connections()
    try:
        return question()
    except BaseException:
        connection.close()
        raise
