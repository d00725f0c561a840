"""Expressions with a kind: what the planner knows of a value before PostgreSQL sees it."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from stadtkern.hub.api.sta.entities import Kind
from stadtkern.hub.api.sta.nodes import Interval, Literal
from stadtkern.hub.api.sta.planning.sql import FALSE, NULL, TRUE, Sql, sql, value
from stadtkern.hub.api.sta.syntax import SyntaxProblem

NAMES = {
    Kind.NUMBER: "a number",
    Kind.TEXT: "a text",
    Kind.TRUTH: "true or false",
    Kind.MOMENT: "a moment",
    Kind.PERIOD: "a period",
    Kind.DAY: "a day",
    Kind.CLOCK: "a time of day",
    Kind.LENGTH: "a duration",
    Kind.JSON: "a JSON value",
    Kind.RESULT: "a result",
    Kind.PLACE: "a place",
    Kind.NOTHING: "null",
}
LARGEST = 2**63 - 1
_CLEAR = object()


@dataclass(frozen=True, slots=True)
class Value:
    """`sql`: the expression; `more`: the end of a PERIOD, text and JSON of a RESULT. `constant`: known before asking.

    `nullable` False: never null, so an index may be used as it is.
    """

    kind: Kind
    sql: Sql
    more: tuple[Sql, ...] = ()
    constant: Any = _CLEAR
    nullable: bool = True
    at: int = 0

    @property
    def is_constant(self) -> bool:
        return self.constant is not _CLEAR

    @property
    def end(self) -> Sql:
        """The end of a period; an instant ends when it begins."""
        return self.more[0] if self.kind == Kind.PERIOD else self.sql

    def named(self) -> str:
        return NAMES[self.kind]

    def misfit(self, wanted: str, where: str = "$filter") -> SyntaxProblem:
        return SyntaxProblem(f"expected {wanted}, found {self.named()}", where=where, at=self.at)


def constant(given: Any, at: int = 0) -> Value:
    """A value that is known now, as a parameter."""
    if given is None:
        return Value(Kind.NOTHING, NULL, constant=None, at=at)
    kind, piece = _parameter(given)
    return Value(kind, piece, constant=given, nullable=False, at=at)


def literal(node: Literal) -> Value:
    return constant(node.value, node.at)


def interval(node: Interval) -> Value:
    start, end = node.start.astimezone(UTC), node.end.astimezone(UTC)
    return Value(
        Kind.PERIOD,
        value(start, "timestamptz"),
        (value(end, "timestamptz"),),
        constant=(start, end),
        nullable=False,
        at=node.at,
    )


def _parameter(given: Any) -> tuple[Kind, Sql]:
    if isinstance(given, bool):
        return Kind.TRUTH, TRUE if given else FALSE
    if isinstance(given, int) and abs(given) > LARGEST:
        given = float(given)
    if isinstance(given, datetime):
        given = given.astimezone(UTC)
    kind, name = _TYPES[type(given)]
    return kind, value(given, name)


_TYPES: dict[type, tuple[Kind, str]] = {
    int: (Kind.NUMBER, "bigint"),
    float: (Kind.NUMBER, "float8"),
    str: (Kind.TEXT, "text"),
    datetime: (Kind.MOMENT, "timestamptz"),
    date: (Kind.DAY, "date"),
    time: (Kind.CLOCK, "time"),
    timedelta: (Kind.LENGTH, "interval"),
}


def loose(kept: Value) -> bool:
    """Whether the value takes the kind of what it is compared with."""
    return kept.kind in (Kind.JSON, Kind.RESULT)


def as_kind(kept: Value, kind: Kind) -> Value:
    """A JSON value or a result read as one kind: null where it is of another, never an error."""
    if kept.kind == Kind.RESULT:
        return _result_as(kept, kind)
    if kept.kind == Kind.JSON:
        return _json_as(kept, kind)
    if kept.kind == Kind.DAY and kind == Kind.MOMENT:
        return _midnight(kept)
    return kept


def _result_as(kept: Value, kind: Kind) -> Value:
    text, json = kept.more
    if kind == Kind.NUMBER:
        return Value(kind, kept.sql, at=kept.at)
    if kind == Kind.TEXT:
        return Value(kind, text, at=kept.at)
    if kind in (Kind.MOMENT, Kind.PERIOD):
        return replace(_json_as(Value(Kind.JSON, sql("to_jsonb({})", text)), kind), at=kept.at)
    return _json_as(Value(Kind.JSON, json, at=kept.at), kind)


# jsonpath reads moments without raising an error; it does not know Z, and it knows times of day, which are none.
_MOMENT = """(jsonb_path_query_first_tz(to_jsonb(regexp_replace({} #>> '{{}}', '[Zz]$', '+00:00')),
    '$.datetime() ? (!(@.type() starts with "time w"))', '{{}}', true) #>> '{{}}')::timestamptz"""
_READINGS = {
    Kind.NUMBER: "case when jsonb_typeof({0}) = 'number' then case when abs(({0})::numeric) < 1e300 "
    "then round(({0})::numeric, 300)::float8 end end",
    Kind.TEXT: "case when jsonb_typeof({0}) = 'string' then {0} #>> '{{}}' end",
    Kind.TRUTH: "case when jsonb_typeof({0}) = 'boolean' then ({0})::boolean end",
    Kind.MOMENT: f"case when jsonb_typeof({{0}}) = 'string' then {_MOMENT.replace('{}', '{0}', 1)} end",
}
_READINGS[Kind.PERIOD] = _READINGS[Kind.MOMENT]


def _json_as(kept: Value, kind: Kind) -> Value:
    reading = _READINGS.get(kind)
    if reading is None:
        return Value(kind, NULL, at=kept.at)
    times = reading.count("{0}")
    read = sql(reading.replace("{0}", "{}"), *[kept.sql] * times)
    if kind == Kind.PERIOD:
        return Value(Kind.MOMENT, read, at=kept.at)
    return Value(kind, read, at=kept.at)


def _midnight(kept: Value) -> Value:
    if kept.is_constant:
        day: date = kept.constant
        return constant(datetime(day.year, day.month, day.day, tzinfo=UTC), kept.at)
    return Value(Kind.MOMENT, sql("({}::timestamp at time zone 'UTC')", kept.sql), at=kept.at)


def as_float(kept: Value) -> Sql:
    """A number for arithmetic: IEEE double precision, as the results are."""
    return sql("({})::float8", kept.sql)
