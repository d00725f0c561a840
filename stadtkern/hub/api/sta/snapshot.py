"""One request reads one state of the tables, changes nothing and does not run for ever."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.conf import settings
from psycopg.pq import TransactionStatus

from stadtkern.hub.domain.connection import here


def most_milliseconds() -> int:
    """How long one statement may take: setting HUB_SECONDS."""
    return int(1000 * settings.HUB_SECONDS)


@contextmanager
def snapshot() -> Iterator["psycopg.Connection[Any]"]:
    """A transaction in which all statements see the same rows, so that the levels of an answer fit together.

    It is psycopg's own, not Django's: an answer is streamed after the view has returned. Inside of another transaction
    it takes part in that one.
    """
    connection = here()
    alone = connection.info.transaction_status == TransactionStatus.IDLE
    with connection.transaction():
        limit = f"set local statement_timeout = {most_milliseconds()}"
        # psycopg's cursors, not Django's: see domain/connection.py
        first = "set transaction isolation level repeatable read; " if alone else ""
        psycopg.Cursor(connection).execute(first + limit)
        yield connection


def only_read(connection: "psycopg.Connection[Any]") -> None:
    """From here on nothing can be written; the archive may have made its temporary table before."""
    psycopg.Cursor(connection).execute("set transaction read only")
