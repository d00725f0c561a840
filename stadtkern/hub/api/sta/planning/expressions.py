"""Values of expressions: literals, properties, arithmetic, functions.

Arithmetic is that of double precision. What overflows, leads out of the calendar or divides by zero is null, what is
too small 0; neither is an error, whatever the row holds: an error would tell of rows that are not seen.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from stadtkern.hub.api.sta.entities import Kind
from stadtkern.hub.api.sta.nodes import Binary, Call, Interval, List, Literal, Node, Path, Shape, Unary
from stadtkern.hub.api.sta.planning.calls import call
from stadtkern.hub.api.sta.planning.scope import Scope
from stadtkern.hub.api.sta.planning.sql import NULL, Sql, sql
from stadtkern.hub.api.sta.planning.values import Value, as_float, as_kind, constant, interval, literal, loose
from stadtkern.hub.api.sta.syntax import SyntaxProblem

NUMBERS = {"add", "sub", "mul", "div", "mod"}
LONGEST = timedelta(days=1_700_000)  # longer ones lead from the year 1 out of PostgreSQL's calendar
TIMES = (Kind.MOMENT, Kind.PERIOD)

# Operands stand in a subquery that is not flattened ("offset 0"), so that each is written and computed once.
_GUARDED = (
    "(select case when v.a is null or v.b is null then null <cases> end from (select {} as a, {} as b offset 0) v)"
)
_SUM = "when abs(v.a) / 2 + abs(v.b) / 2 < 8.9e307 then v.a {} v.b"
_FORMS = {
    "add": _SUM.format("+"),
    "sub": _SUM.format("-"),
    "mul": "when abs(v.a) > 1.79e308 / greatest(abs(v.b), 1) then null "
    "when abs(v.a) < 1e-307 / least(abs(nullif(v.b, 0)), 1) then 0 else v.a * v.b",
    "div": "when v.b = 0 then null when abs(v.a) > 1.79e308 * least(abs(v.b), 1) then null "
    "when abs(v.a) < 1e-307 * greatest(abs(v.b), 1) then 0 else v.a / v.b",
    "mod": "when v.b <> 0 then mod(v.a::numeric, nullif(v.b::numeric, 0))::float8",
}
_MOVED = (
    f"when abs(extract(epoch from v.b)) <= {LONGEST.total_seconds():.0f} and v.a >= '0001-01-01 00:00+00' "
    "and v.a <= '9999-12-31 23:59:59.999999+00' then v.a {} v.b"
)
# An interval holds 2^31 days.
_LENGTHS = "when abs(extract(epoch from v.a)) + abs(extract(epoch from v.b)) < 1.8e14 then v.a {} v.b"


def evaluate(node: Node, scope: Scope) -> Value:
    """The value of an expression over the rows of the scope. Raises SyntaxProblem."""
    if isinstance(node, Unary) and node.operator == "-":
        return _negative(evaluate(node.operand, scope), scope)
    if isinstance(node, Binary) and node.operator in NUMBERS:
        return _calculated(node, evaluate(node.left, scope), evaluate(node.right, scope), scope)
    return _MAKERS.get(type(node), _truth)(node, scope)


def _call(node: Call, scope: Scope) -> Value:
    return call(node, lambda argument: evaluate(argument, scope), scope)


def _misplaced(node: List, scope: Scope) -> Value:
    raise scope.problem("a list stands only after 'in'", node.at)


def _truth(node: Node, scope: Scope) -> Value:
    from stadtkern.hub.api.sta.planning import truth  # each knows the other: conditions are values, values make them

    return Value(Kind.TRUTH, sql("coalesce({}, false)", truth.condition(node, scope)), nullable=False, at=node.at)


_MAKERS: dict[type[Node], Callable[[Any, Scope], Value]] = {
    Literal: lambda node, _scope: literal(node),
    Interval: lambda node, _scope: interval(node),
    Shape: lambda node, _scope: Value(Kind.PLACE, NULL, constant=node.wkt, at=node.at),
    Path: lambda node, scope: scope.value(node),
    Call: _call,
    List: _misplaced,
}


def _negative(operand: Value, scope: Scope) -> Value:
    operand = as_kind(operand, Kind.NUMBER) if loose(operand) else operand
    if operand.is_constant and isinstance(operand.constant, int | float | timedelta):
        return _known(lambda: -operand.constant, operand.at)
    if operand.kind == Kind.NOTHING:
        return operand
    if operand.kind not in (Kind.NUMBER, Kind.LENGTH):
        raise operand.misfit("a number", scope.where)
    return Value(operand.kind, sql("(- {})", operand.sql), at=operand.at)


def _calculated(node: Binary, left: Value, right: Value, scope: Scope) -> Value:
    if Kind.NOTHING in (left.kind, right.kind):
        return constant(None, node.at)
    left, right = _for_calculating(left, right), _for_calculating(right, left)
    kinds = (left.kind, right.kind)
    if kinds == (Kind.NUMBER, Kind.NUMBER):
        return _numbers(node, left, right)
    if (timed := _TIMED.get((node.operator, *kinds))) is not None:
        return timed(node, left, right)
    raise SyntaxProblem(
        f"'{node.operator}' does not go with {left.named()} and {right.named()}", where=scope.where, at=node.at
    )


def _for_calculating(mine: Value, other: Value) -> Value:
    if loose(mine):
        return as_kind(mine, Kind.MOMENT if other.kind == Kind.LENGTH else Kind.NUMBER)
    if mine.kind == Kind.DAY:
        return as_kind(mine, Kind.MOMENT)
    return mine


def _numbers(node: Binary, left: Value, right: Value) -> Value:
    text = _guarded(_FORMS[node.operator])
    return Value(Kind.NUMBER, sql(text, as_float(left), as_float(right)), at=node.at)


def _guarded(cases: str) -> str:
    return _GUARDED.replace("<cases>", cases)


def _shifted(node: Binary, left: Value, right: Value) -> Value:
    """A time plus or minus a duration; computed now when both are known, so that partitions can be chosen."""
    sign = "+" if node.operator == "add" else "-"
    if left.is_constant and right.is_constant and left.kind == Kind.MOMENT:
        return _known(lambda: left.constant + (right.constant if sign == "+" else -right.constant), node.at)
    return Value(
        left.kind,
        _moved(left.sql, sign, right.sql),
        tuple(_moved(part, sign, right.sql) for part in left.more),
        nullable=True,
        at=node.at,
    )


def _known(compute: Callable[[], Any], at: int) -> Value:
    """A time or length that is known now; null beyond Python's calendar."""
    try:
        return constant(compute(), at)
    except OverflowError:
        return constant(None, at)


def _moved(moment: Sql, sign: str, length: Sql) -> Sql:
    return sql(_guarded(_MOVED.format(sign)), moment, length)


def _between(node: Binary, left: Value, right: Value) -> Value:
    """How long from the second time to the first; of periods the starts count."""
    return Value(Kind.LENGTH, sql("({} - {})", left.sql, right.sql), at=node.at)


def _lengths(node: Binary, left: Value, right: Value) -> Value:
    sign = "+" if node.operator == "add" else "-"
    return Value(Kind.LENGTH, sql(_guarded(_LENGTHS.format(sign)), left.sql, right.sql), at=node.at)


_Rule = Callable[[Binary, Value, Value], Value]
_TIMED: dict[tuple[str, Kind, Kind], _Rule] = {
    **{(word, kind, Kind.LENGTH): _shifted for word in ("add", "sub") for kind in TIMES},
    **{("sub", first, second): _between for first in TIMES for second in TIMES},
    **{(word, Kind.LENGTH, Kind.LENGTH): _lengths for word in ("add", "sub")},
    ("add", Kind.LENGTH, Kind.MOMENT): lambda node, left, right: _shifted(node, right, left),
}
