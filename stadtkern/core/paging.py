"""Keyset paging: the cost of page 1 000 is the cost of page 1, and no row is skipped or shown twice."""

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from stadtkern.core.problems import BadQuery

M = TypeVar("M", bound=Model)
HARD_LIMIT = 1_000


@dataclass(frozen=True)
class Page(Generic[M]):
    """A bounded share of a list; `next` is the cursor of the following page, or None."""

    items: list[M]
    next: str | None


def keyset(queryset: QuerySet[M], *, order: Sequence[str], after: str | None, limit: int) -> Page[M]:
    """The rows behind the cursor, in this order; the last field of the order must be unique."""
    limit = max(1, min(limit, HARD_LIMIT))
    rows = queryset.order_by(*order)
    if after:
        rows = rows.filter(_behind(order, _decode(after, len(order))))
    items = list(rows[: limit + 1])
    more = len(items) > limit
    items = items[:limit]
    return Page(items, _encode(items[-1], order) if more else None)


def _behind(order: Sequence[str], values: Sequence[Any]) -> Q:
    """(a, b) after (x, y): a after x, or a equals x and b after y."""
    wanted, equal = Q(), Q()
    for name, value in zip(order, values, strict=True):
        field, step = name.lstrip("-"), "lt" if name.startswith("-") else "gt"
        wanted |= equal & Q(**{f"{field}__{step}": value})
        equal &= Q(**{field: value})
    first, step = order[0].lstrip("-"), "lte" if order[0].startswith("-") else "gte"
    return Q(**{f"{first}__{step}": values[0]}) & wanted  # lets PostgreSQL start in the index


def _encode(row: Model, order: Sequence[str]) -> str:
    values = [_plain(getattr(row, name.lstrip("-"))) for name in order]
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


def _plain(value: Any) -> Any:
    return {"t": value.isoformat()} if isinstance(value, datetime) else value


def _decode(cursor: str, count: int) -> list[Any]:
    try:
        values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        made = [datetime.fromisoformat(v["t"]) if isinstance(v, dict) else v for v in values]
        if len(made) != count or any(isinstance(v, list) for v in made):
            raise ValueError
    except (ValueError, KeyError, TypeError, binascii.Error, UnicodeError) as error:
        raise BadQuery(_("Diese Seite der Liste gibt es nicht. Bitte beginnen Sie von vorn.")) from error
    return made
