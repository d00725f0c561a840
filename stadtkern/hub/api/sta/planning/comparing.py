"""eq, ne, gt, ge, lt, le, in: by the kinds of both sides.

A JSON value or a result takes the kind of the other side. Two kinds that cannot be compared are an error of the caller;
null equals null and nothing else (OData 4.0 part 2, clauses 5.1.1.1.1 to 5.1.1.1.6).
"""

from stadtkern.hub.api.sta.entities import Kind
from stadtkern.hub.api.sta.nodes import List, Literal, Node
from stadtkern.hub.api.sta.planning.periods import TIMES, times_compared
from stadtkern.hub.api.sta.planning.sql import FALSE, Sql, all_of, any_of, sql
from stadtkern.hub.api.sta.planning.values import Value, as_kind, literal, loose
from stadtkern.hub.api.sta.syntax import SyntaxProblem

COMPARISONS = {"eq": "=", "ne": "<>", "gt": ">", "ge": ">=", "lt": "<", "le": "<="}
SORTED = {Kind.NUMBER, Kind.TEXT, Kind.TRUTH, Kind.DAY, Kind.CLOCK, Kind.LENGTH}


def compared(operator: str, left: Value, right: Value, where: str) -> Sql:
    """The condition `left operator right`. Raises SyntaxProblem when the kinds do not go together."""
    if Kind.NOTHING in (left.kind, right.kind):
        return _with_null(operator, left if right.kind == Kind.NOTHING else right)
    if operator == "ne":
        return sql("(({}) is not true)", compared("eq", left, right, where))
    alike = _equal_kinds(operator, *_alike(left, right), where)
    if operator == "eq" and loose(left) != loose(right) and left.nullable and right.nullable:
        # A text read as a number is null, and yet no equal of a number that is null.
        held, other = (left, right) if loose(left) else (right, left)
        return any_of([all_of([alike, sql("{} is not null", other.sql)]), _both_null(held, other)])
    return alike


def contained(left: Value, right: Node, where: str) -> Sql:
    """`left in (…)`: equal to one of the values."""
    assert isinstance(right, List)  # noqa: S101 (the grammar makes nothing else)
    items = [literal(item) for item in right.items if isinstance(item, Literal)]
    conditions = [compared("eq", left, item, where) for item in items if item.kind == Kind.NOTHING]
    rest = [item for item in items if item.kind != Kind.NOTHING]
    if len({item.kind for item in rest}) == 1 and rest[0].kind in (Kind.NUMBER, Kind.TEXT):
        return any_of([*conditions, _one_of(left, rest, where)])
    return any_of([*conditions, *(compared("eq", left, item, where) for item in rest)])


def _one_of(left: Value, items: list[Value], where: str) -> Sql:
    """One parameter for the whole list."""
    kind = items[0].kind
    kept = as_kind(left, kind) if loose(left) else left
    if kept.kind != kind:
        raise _incomparable(kept, items[0], where)
    if kind == Kind.TEXT:
        return sql("{} = any({})", kept.sql, Sql("%s::text[]", ([item.constant for item in items],)))
    whole = [item.constant for item in items if isinstance(item.constant, int) and item.sql.text.endswith("bigint")]
    exact = len(whole) == len(items)
    array = Sql("%s::bigint[]", (whole,)) if exact else Sql("%s::float8[]", ([float(i.constant) for i in items],))
    return sql("{} = any({})", kept.sql, array)


def _with_null(operator: str, other: Value) -> Sql:
    if operator not in ("eq", "ne"):
        return FALSE
    parts = [sql("{} is null", other.sql)]
    if other.kind == Kind.RESULT:
        parts = [sql("{} is null", part) for part in (other.sql, *other.more)]
    is_null = all_of(parts)
    if other.kind == Kind.JSON:
        is_null = any_of([is_null, sql("{} = 'null'::jsonb", other.sql)])
    return is_null if operator == "eq" else sql("(({}) is not true)", is_null)


def _both_null(left: Value, right: Value) -> Sql:
    return all_of([_with_null("eq", left), _with_null("eq", right)])


def _alike(left: Value, right: Value) -> tuple[Value, Value]:
    """Both sides as one kind, as far as that is possible."""
    if loose(left) and not loose(right):
        return _alike(as_kind(left, _read_as(right.kind)), right)
    if loose(right) and not loose(left):
        return _alike(left, as_kind(right, _read_as(left.kind)))
    if left.kind == Kind.DAY and right.kind in TIMES:
        return as_kind(left, Kind.MOMENT), right
    if right.kind == Kind.DAY and left.kind in TIMES:
        return left, as_kind(right, Kind.MOMENT)
    return left, right


def _read_as(kind: Kind) -> Kind:
    return Kind.MOMENT if kind == Kind.DAY else kind


def _equal_kinds(operator: str, left: Value, right: Value, where: str) -> Sql:
    if loose(left) and loose(right):
        return _both_loose(operator, left, right)
    if left.kind in TIMES and right.kind in TIMES:
        return times_compared(operator, left, right)
    if left.kind != right.kind or left.kind not in SORTED:
        raise _incomparable(left, right, where)
    if operator == "eq":
        return _equal(left.sql, right.sql, left.nullable and right.nullable)
    collation = ' collate "C"' if left.kind == Kind.TEXT else ""
    return sql(f"{{}} {COMPARISONS[operator]} {{}}{collation}", left.sql, right.sql)


def _equal(left: Sql, right: Sql, nullable: bool) -> Sql:
    return sql("{} is not distinct from {}" if nullable else "{} = {}", left, right)


def _both_loose(operator: str, left: Value, right: Value) -> Sql:
    """Two values whose kinds only the row knows: equal as JSON, ordered when both are of one plain kind."""
    if operator == "eq":
        return _equal(as_json(left), as_json(right), nullable=True)
    kinds = (Kind.NUMBER, Kind.TEXT, Kind.TRUTH)
    return any_of([_equal_kinds(operator, as_kind(left, kind), as_kind(right, kind), "") for kind in kinds])


def as_json(kept: Value) -> Sql:
    """A JSON value or a result as jsonb; the JSON null is no value."""
    if kept.kind == Kind.RESULT:
        text, json = kept.more
        return sql("coalesce(to_jsonb({}), to_jsonb({}), nullif({}, 'null'))", kept.sql, text, json)
    return sql("nullif({}, 'null')", kept.sql)


def _incomparable(left: Value, right: Value, where: str) -> SyntaxProblem:
    return SyntaxProblem(f"{left.named()} and {right.named()} cannot be compared", where=where, at=left.at)
