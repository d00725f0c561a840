"""Keyset paging: the cost of page 1 000 is the cost of page 1, and no row is skipped or shown twice."""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.core.validators import BaseValidator
from django.db.models import Field, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from stadtkern.core.problems import BadQuery

M = TypeVar("M")
HARD_LIMIT = 1_000
LONGEST_CURSOR = 1_000  # letters


@dataclass(frozen=True)
class Page(Generic[M]):
    """A bounded share of a list; `next` is the cursor of the following page, or None."""

    items: list[M]
    next: str | None


def keyset(queryset: QuerySet[Any, M], *, order: Sequence[str], after: str | None, limit: int) -> Page[M]:
    """The rows behind the cursor, in this order; its columns hold no null and the last one is unique.

    A cursor that does not fit the order raises BadQuery.
    """
    return page_of(list(behind(queryset, order=order, after=after, limit=limit)), order=order, limit=limit)


def behind(queryset: QuerySet[Any, M], *, order: Sequence[str], after: str | None, limit: int) -> QuerySet[Any, M]:
    """The rows of a page and one more, by which it is known whether another page follows."""
    rows = queryset.order_by(*order)
    if after:
        rows = rows.filter(_behind(order, _values(rows, order, after)))
    return rows[: _bounded(limit) + 1]


def page_of(rows: list[M], *, order: Sequence[str], limit: int) -> Page[M]:
    """The page, of the rows that `behind` asks for."""
    items = rows[: _bounded(limit)]
    return Page(items, _encode(items[-1], order) if len(rows) > len(items) else None)


def _bounded(limit: int) -> int:
    return max(1, min(limit, HARD_LIMIT))


def _behind(order: Sequence[str], values: Sequence[Any]) -> Q:
    """(a, b) after (x, y): a after x, or a equals x and b after y."""
    wanted, equal = Q(), Q()
    for name, value in zip(order, values, strict=True):
        field, step = name.lstrip("-"), "lt" if name.startswith("-") else "gt"
        wanted |= equal & Q(**{f"{field}__{step}": value})
        equal &= Q(**{field: value})
    first, step = order[0].lstrip("-"), "lte" if order[0].startswith("-") else "gte"
    return Q(**{f"{first}__{step}": values[0]}) & wanted  # lets PostgreSQL start in the index


def _encode(row: Any, order: Sequence[str]) -> str:
    values = [_plain(getattr(row, name.lstrip("-"))) for name in order]
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


def _plain(value: Any) -> Any:
    return {"t": value.isoformat()} if isinstance(value, datetime) else value


def _values(rows: QuerySet[Any, M], order: Sequence[str], cursor: str) -> list[Any]:
    """What the cursor says, each value as its field takes it: a cursor comes from outside."""
    try:
        given = _decode(cursor, len(order))
        return [_fitting(_field(rows, name.lstrip("-")), value) for name, value in zip(order, given, strict=True)]
    except (ValueError, ArithmeticError, LookupError, TypeError, RecursionError, ValidationError) as error:
        raise BadQuery(_("Diese Seite der Liste gibt es nicht. Bitte beginnen Sie von vorn.")) from error


def _decode(cursor: str, count: int) -> list[Any]:
    if len(cursor) > LONGEST_CURSOR:
        raise ValueError("too long")
    values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    if not isinstance(values, list) or len(values) != count:
        raise ValueError("not one value for each field")
    return [datetime.fromisoformat(value["t"]) if isinstance(value, dict) else value for value in values]


def _field(rows: QuerySet[Any], name: str) -> "Field[Any, Any]":
    meta = rows.model._meta
    if name == "pk":
        return meta.pk
    try:
        return meta.get_field(name)  # type: ignore[return-value]  # orders name columns, no relations
    except FieldDoesNotExist:
        return rows.query.annotations[name].output_field


def _fitting(field: "Field[Any, Any]", value: Any) -> Any:
    """The value as the field reads it, inside the bounds of its column; ValueError or ValidationError if it is none."""
    if value is None or isinstance(value, list):
        raise ValueError("no value")
    if isinstance(value, datetime) and value.tzinfo is None:
        raise ValueError("a moment without a zone")
    read = field.to_python(value)
    if isinstance(read, datetime) is not isinstance(value, datetime):
        raise ValueError("no moment")
    if isinstance(read, str) and (read.encode().count(0) or len(read) > LONGEST_CURSOR):
        raise ValueError("no text")
    for check in field.validators:
        if isinstance(check, BaseValidator):
            check(read)
    return read
