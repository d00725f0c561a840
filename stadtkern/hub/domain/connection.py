"""psycopg's own connection of this thread: the store speaks to PostgreSQL without the ORM in between."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import orjson
import psycopg
from django.db import connections, transaction
from psycopg.abc import Buffer
from psycopg.adapt import Loader


@contextmanager
def writing() -> Iterator["psycopg.Connection[Any]"]:
    """A transaction of Django's connection; what the ORM and the store write in it stands or falls together."""
    with transaction.atomic():
        yield here()


def here() -> "psycopg.Connection[Any]":
    """The open connection of this thread."""
    django = connections["default"]
    django.ensure_connection()
    raw: psycopg.Connection[Any] = django.connection
    return raw


def cursor(connection: "psycopg.Connection[Any]", name: str = "") -> "psycopg.Cursor[tuple[Any, ...]]":
    """A cursor that binds on the server (Django's bind in the client) and parses jsonb (Django's hand out its text).

    With a name its rows stay there: stream them.
    """
    made = psycopg.ServerCursor(connection, name) if name else psycopg.Cursor(connection)
    made.adapters.register_loader("jsonb", _Parsed)
    return made


class _Parsed(Loader):
    def load(self, data: Buffer) -> Any:
        return orjson.loads(data)
