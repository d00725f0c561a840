"""The functions of the standard on texts, numbers and times (OGC 18-088, tables 25 to 29); places: places.py."""

import re
from datetime import UTC, datetime

from stadtkern.hub.api.sta.entities import Kind
from stadtkern.hub.api.sta.nodes import Call
from stadtkern.hub.api.sta.planning.periods import RELATIONS, TIMES
from stadtkern.hub.api.sta.planning.places import PLACES, Reading, placed
from stadtkern.hub.api.sta.planning.scope import Scope
from stadtkern.hub.api.sta.planning.sql import Sql, sql, value
from stadtkern.hub.api.sta.planning.values import Value, as_kind, constant, loose

_PLACE = re.compile(r"\{(\d)\}")
NUMBER, TEXT, TRUTH = Kind.NUMBER, Kind.TEXT, Kind.TRUTH
MOST = 2**31 - 2

# name: kinds of the arguments, kind of the result, the expression. None names an argument twice: nested calls would
# double the statement at every level.
_PLAIN: dict[str, tuple[tuple[Kind, ...], Kind, str]] = {
    "substringof": ((TEXT, TEXT), TRUTH, "(strpos({1}, {0}) > 0)"),
    "contains": ((TEXT, TEXT), TRUTH, "(strpos({0}, {1}) > 0)"),
    "startswith": ((TEXT, TEXT), TRUTH, "starts_with({0}, {1})"),
    "endswith": ((TEXT, TEXT), TRUTH, "starts_with(reverse({0}), reverse({1}))"),
    "length": ((TEXT,), NUMBER, "length({0})"),
    "indexof": ((TEXT, TEXT), NUMBER, "(strpos({0}, {1}) - 1)"),
    "tolower": ((TEXT,), TEXT, "lower({0})"),
    "toupper": ((TEXT,), TEXT, "upper({0})"),
    "trim": ((TEXT,), TEXT, "btrim({0}, E' \\t\\n\\r')"),
    "concat": ((TEXT, TEXT), TEXT, "({0} || {1})"),
    "round": ((NUMBER,), NUMBER, "round(({0})::numeric)::float8"),
    "floor": ((NUMBER,), NUMBER, "floor(({0})::float8)"),
    "ceiling": ((NUMBER,), NUMBER, "ceil(({0})::float8)"),
}
_WHOLE = f"greatest(0, least({MOST}, floor(({{}})::float8)))::integer"
_PARTS = {
    "year": "extract(year from {})",
    "month": "extract(month from {})",
    "day": "extract(day from {})",
    "hour": "extract(hour from {})",
    "minute": "extract(minute from {})",
    "second": "floor(extract(second from {}))",
    "fractionalseconds": "mod(extract(second from {}), 1)",
}
_OF_DAYS, _OF_CLOCKS = {"year", "month", "day"}, {"hour", "minute", "second", "fractionalseconds"}


def call(node: Call, read: Reading, scope: Scope) -> Value:
    """The value of a function; null if an argument is null. Raises SyntaxProblem for a wrong kind of argument."""
    if node.name in PLACES:
        return placed(node, read, scope)
    arguments = [read(argument) for argument in node.arguments]
    if node.name in _PLAIN:
        return _plain(node, arguments, scope)
    if node.name in RELATIONS:
        first, second = (_time(argument, scope) for argument in arguments)
        return Value(TRUTH, RELATIONS[node.name](first, second), at=node.at)
    if node.name == "substring":
        return _substring(node, arguments, scope)
    return _of_time(node, arguments, scope)


def _as(kind: Kind, argument: Value, scope: Scope) -> Value:
    kept = as_kind(argument, kind) if loose(argument) else argument
    if kept.kind == Kind.NOTHING:
        return Value(kind, sql(f"null::{'text' if kind == TEXT else 'float8'}"), at=argument.at)
    if kept.kind != kind:
        raise kept.misfit(Value(kind, kept.sql).named(), scope.where)
    return kept


def _plain(node: Call, arguments: list[Value], scope: Scope) -> Value:
    kinds, result, text = _PLAIN[node.name]
    given = [_as(kind, argument, scope).sql for kind, argument in zip(kinds, arguments, strict=True)]
    order = [int(place) for place in _PLACE.findall(text)]
    return Value(result, sql(_PLACE.sub("{}", text), *[given[place] for place in order]), at=node.at)


def _substring(node: Call, arguments: list[Value], scope: Scope) -> Value:
    """Positions count from 0; what lies outside of the text is empty (OData 4.0 part 2, clause 5.1.1.4.7)."""
    text = _as(TEXT, arguments[0], scope).sql
    numbers = [sql(_WHOLE, _as(NUMBER, one, scope).sql) for one in arguments[1:]]
    form = "substr({}, {} + 1)" if len(numbers) == 1 else "substr({}, {} + 1, {})"
    return Value(TEXT, sql(form, text, *numbers), at=node.at)


def _time(argument: Value, scope: Scope) -> Value:
    kept = as_kind(argument, Kind.MOMENT) if loose(argument) or argument.kind == Kind.DAY else argument
    if kept.kind == Kind.NOTHING:
        return Value(Kind.MOMENT, sql("null::timestamptz"), at=argument.at)
    if kept.kind not in TIMES:
        raise kept.misfit("a moment or a period", scope.where)
    return kept


def _of_time(node: Call, arguments: list[Value], scope: Scope) -> Value:
    if node.name == "now":
        return constant(scope.world.now, node.at)
    if node.name == "mindatetime":
        return constant(datetime(1, 1, 1, tzinfo=UTC), node.at)
    if node.name == "maxdatetime":
        return constant(datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC), node.at)
    kept = arguments[0]
    local = kept.sql if _fits(node.name, kept.kind) else _local(_time(kept, scope))
    if node.name == "totaloffsetminutes":
        return Value(NUMBER, sql(f"({_offset(kept)} + 0 * extract(minute from {{}}))", local), at=node.at)
    if node.name in ("date", "time"):
        return Value(Kind.DAY if node.name == "date" else Kind.CLOCK, sql(f"({{}})::{node.name}", local), at=node.at)
    return Value(NUMBER, sql(f"({_PARTS[node.name]})::float8", local), at=node.at)


def _local(kept: Value) -> Sql:
    """A time without its zone: that of a literal is as written, all others are in UTC, as they are kept."""
    if isinstance(kept.constant, datetime):
        return value(kept.constant.replace(tzinfo=None), "timestamp")
    return sql("({} at time zone 'UTC')", kept.sql)


def _offset(kept: Value) -> int:
    """Minutes from UTC."""
    offset = kept.constant.utcoffset() if isinstance(kept.constant, datetime) else None
    return 0 if offset is None else int(offset.total_seconds()) // 60


def _fits(name: str, kind: Kind) -> bool:
    return (name in _OF_DAYS and kind == Kind.DAY) or (name in _OF_CLOCKS and kind == Kind.CLOCK)
