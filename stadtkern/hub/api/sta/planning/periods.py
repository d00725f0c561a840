"""Moments and periods against each other. A moment is a period that ends when it begins.

With [s1, e1) on the left and [s2, e2) on the right; the standard leaves periods open, these are FROST-Server's rules:
eq s1 = s2 and e1 = e2 · gt s1 >= e2 and s1 > s2 · ge s1 >= s2 and e1 >= e2 · lt e1 <= s2 and s1 < s2 ·
le s1 <= s2 and e1 <= e2. For two moments they are the ordinary comparisons. Conditions on the bare start come first,
so that partitions and indexes are used.
"""

from collections.abc import Callable

from stadtkern.hub.api.sta.entities import Kind
from stadtkern.hub.api.sta.planning.sql import Sql, all_of, any_of, sql
from stadtkern.hub.api.sta.planning.values import Value

TIMES = {Kind.MOMENT, Kind.PERIOD}


def times_compared(operator: str, left: Value, right: Value) -> Sql:
    """eq, gt, ge, lt or le of two times; null where a time is missing."""
    s1, e1, s2, e2 = left.sql, end_of(left), right.sql, end_of(right)
    if left.kind == right.kind == Kind.MOMENT:
        text = "{} is not distinct from {}" if left.nullable and right.nullable else "{} = {}"
        return sql(text if operator == "eq" else f"{{}} {_SIGNS[operator]} {{}}", s1, s2)
    if operator == "eq" and left.nullable and right.nullable:
        return sql("({}, {}) is not distinct from ({}, {})", s1, e1, s2, e2)
    pairs = {
        "eq": [("=", s1, s2), ("=", e1, e2)],
        "gt": [(">", s1, s2), (">=", s1, e2)],
        "ge": [(">=", s1, s2), (">=", e1, e2)],
        "lt": [("<", s1, s2), ("<=", e1, s2)],
        "le": [("<=", s1, s2), ("<=", e1, e2)],
    }[operator]
    return all_of([sql(f"{{}} {sign} {{}}", first, second) for sign, first, second in pairs])


_SIGNS = {"gt": ">", "ge": ">=", "lt": "<", "le": "<="}


def end_of(kept: Value) -> Sql:
    """The end; a period without one is a moment."""
    if kept.kind != Kind.PERIOD or kept.is_constant:
        return kept.end
    return sql("coalesce({}, {})", kept.end, kept.sql)


def _contains(left: Value, right: Value) -> Sql:
    """A moment lies in a period from its start up to, not including, its end."""
    s1, e1, s2, e2 = left.sql, end_of(left), right.sql, end_of(right)
    pairs = [("<=", s1, s2), (">", e1, s2), (">=", e1, e2)]
    return all_of([sql(f"{{}} {sign} {{}}", first, second) for sign, first, second in pairs])


def _meets(left: Value, right: Value) -> Sql:
    return any_of([sql("{} = {}", left.sql, end_of(right)), sql("{} = {}", end_of(left), right.sql)])


def _overlaps(left: Value, right: Value) -> Sql:
    """They share some time; two that start together always do."""
    apart = all_of([sql("{} < {}", left.sql, end_of(right)), sql("{} < {}", right.sql, end_of(left))])
    return any_of([apart, sql("{} = {}", left.sql, right.sql)])


RELATIONS: dict[str, Callable[[Value, Value], Sql]] = {
    "before": lambda left, right: times_compared("lt", left, right),
    "after": lambda left, right: times_compared("gt", left, right),
    "meets": _meets,
    "during": lambda left, right: _contains(right, left),
    "overlaps": _overlaps,
    "starts": lambda left, right: sql("{} = {}", left.sql, right.sql),
    "finishes": lambda left, right: sql("{} = {}", end_of(left), end_of(right)),
}
