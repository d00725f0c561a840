"""Many rows at once: PostgreSQL's COPY with the model's own defaults (about ten times the speed of INSERT)."""

import json
from collections.abc import Iterable, Mapping
from operator import itemgetter
from typing import Any

from django.db import connection
from django.db.models import Field, GeneratedField, JSONField, Model


def copy_into(model: type[Model], rows: Iterable[Mapping[str, Any]]) -> int:
    """Write rows given as {attname: value}, in the open transaction; what a row does not name gets its default."""
    fields = [field for field in model._meta.concrete_fields if not isinstance(field, GeneratedField)]
    defaults = {field.attname: _prepared(field, field.get_default()) for field in fields}
    as_json = [field for field in fields if isinstance(field, JSONField)]
    in_order = itemgetter(*defaults)
    names = ", ".join(f'"{field.column}"' for field in fields)
    count = 0
    with (
        connection.cursor() as cursor,
        cursor.copy(f'copy "{model._meta.db_table}" ({names}) from stdin') as copy,
    ):
        for row in rows:
            whole = {**defaults, **row}
            for field in as_json:
                if field.attname in row:
                    whole[field.attname] = _prepared(field, row[field.attname])
            copy.write_row(in_order(whole))
            count += 1
    return count


def _prepared(field: "Field[Any, Any]", value: Any) -> Any:
    return json.dumps(value) if isinstance(field, JSONField) and value is not None else value


def take_ids(model: type[Model], count: int) -> list[int]:
    """Reserve ids of a table ahead of a copy."""
    column = model._meta.pk.column
    with connection.cursor() as cursor:
        cursor.execute(
            "select nextval(pg_get_serial_sequence(%s, %s)) from generate_series(1, %s)",
            [model._meta.db_table, column, count],
        )
        return [row[0] for row in cursor.fetchall()]
