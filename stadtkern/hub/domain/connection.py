"""psycopg's own connection of this thread: the store speaks to PostgreSQL without the ORM in between."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import orjson
import psycopg
from django.db import connections, transaction
from psycopg.types.json import set_json_loads


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
    """A cursor that binds on the server (Django's bind in the client); with a name its rows stay there: stream them."""
    if name:
        return psycopg.ServerCursor(connection, name)
    return psycopg.Cursor(connection)


def parsing(connection: "psycopg.Connection[Any]") -> "psycopg.Cursor[tuple[Any, ...]]":
    """As `cursor`, with jsonb as Python's values: Django's connections hand out its text, others parse it."""
    found = psycopg.Cursor(connection)
    set_json_loads(orjson.loads, found)
    return found
