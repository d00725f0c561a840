"""Fixed questions that every public page asks: PostgreSQL plans them once per connection, not once per page.

Planning such a query costs more than answering it. Django's own cursors never prepare, so these go straight to
psycopg; when somebody counts or logs queries (tests, debugging) they go through Django like any other.
"""

from collections.abc import Sequence
from typing import Any

import psycopg
from django.db import OperationalError, connection

PREPARE_AFTER = 2


def rows(sql: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    """All rows of a query whose text is always the same; `values` alone differ."""
    if connection.queries_logged or connection.execute_wrappers:
        with connection.cursor() as cursor:
            cursor.execute(sql, values)
            return list(cursor.fetchall())
    try:
        return _ask(sql, values)
    except OperationalError:  # the server was restarted since this connection was opened
        if connection.in_atomic_block:
            raise
        connection.close()
        return _ask(sql, values)


def _ask(sql: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    connection.ensure_connection()
    raw = connection.connection
    if raw.prepare_threshold is None:
        raw.prepare_threshold = PREPARE_AFTER
    with connection.wrap_database_errors, psycopg.Cursor(raw) as cursor:
        return list(cursor.execute(sql, values).fetchall())
