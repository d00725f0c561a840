"""Fixed statements that busy paths send again and again: written once, planned once per connection.

Planning such a query costs more than answering it, and Django writes every INSERT anew. Its own cursors never
prepare, so these go straight to psycopg; when somebody counts or logs queries (tests, debugging) they go through
Django like any other.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any, TypeVar

import psycopg
from django.db import DEFAULT_DB_ALIAS, OperationalError, connections
from django.db.models import Field, Model
from psycopg import sql

PREPARE_AFTER = 2

M = TypeVar("M", bound=Model)


def rows(sql: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    """All rows of a query whose text is always the same; `values` alone differ."""
    here = _here()
    if _is_watched(here):
        with here.cursor() as cursor:
            cursor.execute(sql, values)
            return list(cursor.fetchall())
    try:
        return _ask(here, sql, values)
    except OperationalError:  # the server was restarted since this connection was opened
        if here.in_atomic_block:
            raise
        here.close()
        return _ask(here, sql, values)


def find(model: type[M], column: str, value: Any) -> list[M]:
    """The rows whose column has this value, as instances, in the order of their ids."""
    statement, fields = _finding(model, column)
    here = _here()
    names = [one.attname for one in fields]
    return [model.from_db(here.alias, names, _read(fields, row, here)) for row in rows(statement, [value])]


def _read(fields: list["Field[Any, Any]"], row: Sequence[Any], here: Any) -> list[Any]:
    return [
        one.from_db_value(value, None, here) if hasattr(one, "from_db_value") else value
        for one, value in zip(fields, row, strict=True)
    ]


def insert(instance: M) -> M:
    """Insert a new row, with the id it has or a new one; what `Model.save()` does for it, without signals."""
    statement, fields = _insertion(type(instance), numbered=instance.pk is not None)
    here = _here()
    values = [field.get_db_prep_save(field.pre_save(instance, True), here) for field in fields]
    if instance.pk is None:
        instance.pk = rows(statement, values)[0][0]
    else:
        send(statement, values)
    instance._state.adding, instance._state.db = False, here.alias
    return instance


def reserve(model: type[Model]) -> int:
    """The next id of a table, for a row that others name before it is there."""
    names = [model._meta.db_table, str(model._meta.pk.column)]
    return int(rows("select nextval(pg_get_serial_sequence(%s, %s))", names)[0][0])


def send(sql: str, values: Sequence[Any]) -> None:
    """A statement whose answer nobody reads."""
    here = _here()
    with here.cursor() if _is_watched(here) else _cursor(here) as cursor, here.wrap_database_errors:
        cursor.execute(sql, values)


@cache
def _finding(model: type[Model], column: str) -> tuple[str, list["Field[Any, Any]"]]:
    meta = model._meta
    fields = list(meta.concrete_fields)
    columns = [sql.Identifier(str(one.column)) for one in fields]
    text = sql.SQL("select {} from {} where {} = %s order by {}").format(
        sql.SQL(", ").join(columns),
        sql.Identifier(meta.db_table),
        sql.Identifier(column),
        sql.Identifier(str(meta.pk.column)),
    )
    return text.as_string(None), fields


@cache
def _insertion(model: type[Model], *, numbered: bool) -> tuple[str, list["Field[Any, Any]"]]:
    """INSERT with a place for every column that is written, id and all; without an id it returns the new one."""
    meta = model._meta
    fields = [one for one in meta.concrete_fields if not one.generated and (numbered or one is not meta.auto_field)]
    columns = [sql.Identifier(str(one.column)) for one in fields]
    told = sql.SQL("" if numbered else " returning {}").format(sql.Identifier(str(meta.pk.column)))
    text = sql.SQL("insert into {} ({}) values ({}){}").format(
        sql.Identifier(meta.db_table),
        sql.SQL(", ").join(columns),
        sql.SQL(", ").join([sql.Placeholder()] * len(fields)),
        told,
    )
    return text.as_string(None), fields


def _here() -> Any:
    """This thread's connection itself: every look at Django's stand-in for it costs a search."""
    return connections[DEFAULT_DB_ALIAS]


def _is_watched(here: Any) -> bool:
    return bool(here.queries_logged or here.execute_wrappers)


def _ask(here: Any, sql: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    with here.wrap_database_errors, _cursor(here) as cursor:
        return list(cursor.execute(sql, values).fetchall())


def _cursor(here: Any) -> "psycopg.Cursor[tuple[Any, ...]]":
    here.ensure_connection()
    raw = here.connection
    if raw.prepare_threshold is None:
        raw.prepare_threshold = PREPARE_AFTER
    return psycopg.Cursor(raw)
