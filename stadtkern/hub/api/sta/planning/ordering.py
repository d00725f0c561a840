"""$orderby as terms of SQL, and the mark of a nextLink: the values of the last row, from which the next page goes on.

Null sorts before every value (OData 4.0 part 2, clause 5.1.5). The id always is the last term, so the order is total
and a page begins exactly after the row the one before has ended with, whatever is written in between.
"""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

import orjson
from django.utils.crypto import constant_time_compare, salted_hmac

from stadtkern.hub.api.sta.entities import ID_NAMES, Kind
from stadtkern.hub.api.sta.nodes import Order, Path
from stadtkern.hub.api.sta.planning.expressions import evaluate
from stadtkern.hub.api.sta.planning.scope import Scope
from stadtkern.hub.api.sta.planning.sql import FALSE, Sql, all_of, any_of, joined, sql
from stadtkern.hub.api.sta.planning.values import Value
from stadtkern.hub.api.sta.syntax import SyntaxProblem

MOST_MARK = 2_000  # characters; beyond, a nextLink counts with $skip
DIGEST = 24
TYPES = {
    Kind.NUMBER: "float8",
    Kind.TEXT: "text",
    Kind.TRUTH: "boolean",
    Kind.MOMENT: "timestamptz",
    Kind.DAY: "date",
    Kind.CLOCK: "time",
    Kind.LENGTH: "interval",
    Kind.JSON: "jsonb",
}
AS_TEXT = {"jsonb", "interval"}


@dataclass(frozen=True, slots=True)
class Term:
    """One column of ORDER BY. `type`: its PostgreSQL type, by which a value comes back from a mark."""

    sql: Sql
    type: str
    descending: bool = False
    nullable: bool = False

    @property
    def ordered(self) -> Sql:
        nulls = "" if not self.nullable else " nulls last" if self.descending else " nulls first"
        return sql(f"{{}}{' desc' if self.descending else ''}{nulls}", self.sql)

    @property
    def marked(self) -> Sql:
        """The column that a mark is made of."""
        return sql("({})::text" if self.type in AS_TEXT else "{}", self.sql)


def terms(orders: Sequence[Order], scope: Scope, default: Sequence[Term]) -> tuple[Term, ...]:
    """The order that is asked for, or the default, and the id. Raises SyntaxProblem."""
    found = [term for order in orders for term in _terms(order, scope)] or list(default)
    last = Term(Sql(f"{scope.alias}.id"), "bigint")
    if any(term.sql == last.sql for term in found):
        place = next(place for place, term in enumerate(found) if term.sql == last.sql)
        return tuple(found[: place + 1])
    return (*found, last)


def order_clause(found: Sequence[Term]) -> Sql:
    return joined([term.ordered for term in found], ", ")


def _terms(order: Order, scope: Scope) -> list[Term]:
    kept = evaluate(order.by, scope)
    if kept.is_constant:
        return []
    if kept.kind == Kind.RESULT:
        text, _json = kept.more
        return [
            Term(kept.sql, "float8", order.descending, nullable=True),
            Term(text, "text", order.descending, nullable=True),
        ]
    if kept.kind == Kind.PERIOD:
        return [Term(kept.sql, "timestamptz", order.descending, kept.nullable)]
    if kept.kind not in TYPES:
        raise SyntaxProblem(f"one cannot sort by {kept.named()}", where="$orderby", at=order.by.at)
    return [_term(order, kept)]


def _term(order: Order, kept: Value) -> Term:
    if isinstance(order.by, Path) and order.by.steps[-1] in ID_NAMES and kept.kind == Kind.NUMBER:
        return Term(kept.sql, "bigint", order.descending, nullable=len(order.by.steps) > 1)
    if kept.kind == Kind.NUMBER:
        return Term(sql("({})::float8", kept.sql), "float8", order.descending, nullable=True)
    if kept.kind == Kind.JSON:
        return Term(sql("nullif({}, 'null')", kept.sql), "jsonb", order.descending, nullable=True)
    nullable = kept.nullable or not isinstance(order.by, Path) or len(order.by.steps) > 1
    return Term(kept.sql, TYPES[kept.kind], order.descending, nullable)


def after(found: Sequence[Term], values: Sequence[str | None]) -> Sql:
    """The condition that a row comes after the one with these values."""
    condition = FALSE
    for term, text in reversed(list(zip(found, values, strict=True))):
        kept = Sql(f"%s::text::{term.type}", (text,))
        tie = sql("{} is null" if text is None else "{} = {}", *([term.sql] if text is None else [term.sql, kept]))
        condition = any_of([_beyond(term, text, kept), all_of([tie, condition])])
    first, text = found[0], values[0]
    if first.nullable or text is None:
        return condition
    bound = sql("{} <= {}" if first.descending else "{} >= {}", first.sql, Sql(f"%s::text::{first.type}", (text,)))
    return all_of([bound, condition])


def _beyond(term: Term, text: str | None, kept: Sql) -> Sql:
    if text is None:
        return FALSE if term.descending else sql("{} is not null", term.sql)
    if not term.descending:
        return sql("{} > {}", term.sql, kept)
    lower = sql("{} < {}", term.sql, kept)
    return any_of([lower, sql("{} is null", term.sql)]) if term.nullable else lower


def mark(values: Sequence[Any], context: str) -> str:
    """The values of a row as a mark; "" when it gets too long. `context`: the address it counts for."""
    payload = base64.urlsafe_b64encode(orjson.dumps([_text(one) for one in values])).decode().rstrip("=")
    if len(payload) > MOST_MARK:
        return ""
    return f"{payload}.{_digest(payload, context)}"


def values_of(given: str, context: str, count: int) -> list[str | None]:
    """What a mark says. Raises SyntaxProblem for one that we did not make for this address."""
    payload, _, digest = given.partition(".")
    if not constant_time_compare(digest, _digest(payload, context)):
        raise _strange()
    try:
        values = orjson.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (binascii.Error, orjson.JSONDecodeError):
        raise _strange() from None
    if len(values) != count:
        raise _strange()
    return list(values)


def _strange() -> SyntaxProblem:
    return SyntaxProblem("this is no mark from a nextLink of this address", where="$skiptoken")


def _digest(payload: str, context: str) -> str:
    return salted_hmac("stadtkern.hub.sta.mark", f"{context}\n{payload}", algorithm="sha256").hexdigest()[:DIGEST]


def _text(kept: Any) -> str | None:
    match kept:
        case None:
            return None
        case bool():
            return "true" if kept else "false"
        case datetime() | date() | time():
            return kept.isoformat()
        case float():
            return repr(kept)
    return str(kept)
