"""What a filter means, in plain Python over plain dictionaries: the planner's SQL must choose the same entities.

Written from the standard's sentences, not from the planner: null counts as false in comparisons, `not` is the
complement, conditions joined by `and` on one relation speak of one related entity.
"""

import math
import operator
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any

from stadtkern.hub.api.sta.nodes import Binary, Call, Interval, List, Literal, Node, Path, Unary

Entity = dict[str, Any]
Bound = dict[tuple[str, ...], Entity]
EXACT = Context(prec=2000)
COMPARE = {"gt": operator.gt, "ge": operator.ge, "lt": operator.lt, "le": operator.le}
MANY = {"Datastreams", "Locations", "Things", "HistoricalLocations", "Observations"}


class Period:
    """start and end; equal for a moment."""

    def __init__(self, start: datetime, end: datetime) -> None:
        self.start, self.end = start, end


def holds(node: Node, entity: Entity) -> bool:
    return _holds(node, {(): entity})


def _holds(node: Node, bound: Bound) -> bool:
    match node:
        case Binary("and"):
            return _all(list(_parts(node, "and")), bound)
        case Binary("or"):
            return any(_holds(part, bound) for part in _parts(node, "or"))
        case Unary("not"):
            return not _holds(node.operand, bound)
    return _all([node], bound)


def _parts(node: Node, word: str) -> Iterator[Node]:
    if isinstance(node, Binary) and node.operator == word:
        yield from _parts(node.left, word)
        yield from _parts(node.right, word)
    else:
        yield node


def _all(parts: list[Node], bound: Bound) -> bool:
    """Every part, those on one relation for one related entity."""
    groups: list[tuple[set[tuple[str, ...]], list[Node]]] = []
    for part in parts:
        many = {prefix for path in _paths(part) if (prefix := _open(path, bound)) is not None}
        if not many:
            if not _plain(part, bound):
                return False
            continue
        members = [part]
        for group in [one for one in groups if one[0] & many]:
            groups.remove(group)
            many |= group[0]
            members = group[1] + members
        groups.append((many, members))
    return all(_some(many, members, bound) for many, members in groups)


def _some(many: set[tuple[str, ...]], members: list[Node], bound: Bound) -> bool:
    if len(members) == 1 and (
        (isinstance(members[0], Binary) and members[0].operator == "or")
        or (isinstance(members[0], Unary) and members[0].operator == "not")
    ):
        return _holds(members[0], bound)
    return any(_all(members, bound | chosen) for chosen in _choices(sorted(many), bound))


def _choices(many: list[tuple[str, ...]], bound: Bound) -> Iterator[Bound]:
    if not many:
        yield {}
        return
    prefix = many[0]
    parent = _walk(prefix[:-1], bound)
    for related in parent[prefix[-1]] if parent else []:
        for rest in _choices(many[1:], bound):
            yield {prefix: related, **rest}


def _open(path: Path, bound: Bound) -> tuple[str, ...] | None:
    """The first to-many relation of a path that is not bound."""
    for length in range(1, len(path.steps) + 1):
        prefix = path.steps[:length]
        if prefix[-1] in MANY and prefix not in bound:
            return prefix
    return None


def _walk(prefix: tuple[str, ...], bound: Bound) -> Entity | None:
    for length in range(len(prefix), -1, -1):
        if prefix[:length] in bound:
            entity: Entity | None = bound[prefix[:length]]
            for step in prefix[length:]:
                entity = entity[step] if entity else None
            return entity
    raise AssertionError(prefix)


def _paths(node: Node) -> list[Path]:
    match node:
        case Path():
            return [node]
        case Binary():
            return _paths(node.left) + _paths(node.right)
        case Unary():
            return _paths(node.operand)
        case Call():
            return [path for one in node.arguments for path in _paths(one)]
    return []


def _plain(node: Node, bound: Bound) -> bool:
    match node:
        case Binary("and" | "or") | Unary("not"):
            return _holds(node, bound)
        case Binary("in"):
            assert isinstance(node.right, List)
            left = value(node.left, bound)
            return any(equal(left, value(item, bound)) for item in node.right.items)
        case Binary("eq"):
            return equal(value(node.left, bound), value(node.right, bound))
        case Binary("ne"):
            return not equal(value(node.left, bound), value(node.right, bound))
        case Binary(word) if word in COMPARE:
            return _ordered(word, value(node.left, bound), value(node.right, bound))
    return value(node, bound) is True


def equal(left: Any, right: Any) -> bool:
    if left is None or right is None:
        return left is right
    if isinstance(left, bool) != isinstance(right, bool):
        return False
    left, right = _alike(left, right)
    if isinstance(left, Period):
        return isinstance(right, Period) and (left.start, left.end) == (right.start, right.end)
    return bool(left == right)


def _ordered(word: str, left: Any, right: Any) -> bool:
    if left is None or right is None:
        return False
    left, right = _alike(left, right)
    if isinstance(left, Period) and isinstance(right, Period):
        s1, e1, s2, e2 = left.start, left.end, right.start, right.end
        return {
            "gt": s1 >= e2 and s1 > s2,
            "ge": s1 >= s2 and e1 >= e2,
            "lt": e1 <= s2 and s1 < s2,
            "le": s1 <= s2 and e1 <= e2,
        }[word]
    number = (int, float)
    if isinstance(left, bool) != isinstance(right, bool) or isinstance(left, list):
        return False
    if not (isinstance(left, number) and isinstance(right, number)) and type(left) is not type(right):
        return False
    try:
        return bool(COMPARE[word](left, right))
    except TypeError:
        return False


def _alike(left: Any, right: Any) -> tuple[Any, Any]:
    """Moments and texts that are moments as periods, when the other side is a time."""
    times = (datetime, Period, date)
    if isinstance(left, times) or isinstance(right, times):
        if type(left) is date and type(right) is date:
            return left, right
        return _period(left), _period(right)
    return left, right


def _period(one: Any) -> Any:
    if isinstance(one, str):
        try:
            one = datetime.fromisoformat(one)
        except ValueError:
            return None
    if type(one) is date:
        one = datetime(one.year, one.month, one.day, tzinfo=UTC)
    return Period(one, one) if isinstance(one, datetime) else one


def value(node: Node, bound: Bound) -> Any:
    match node:
        case Literal():
            return node.value
        case Interval():
            return Period(node.start, node.end)
        case Path():
            return _property(node.steps, bound)
        case Unary("-"):
            inner = _number(value(node.operand, bound))
            return None if inner is None else -inner
        case Binary(word) if word in ARITHMETIC:
            return _calculated(word, value(node.left, bound), value(node.right, bound))
        case Call():
            return _called(node, [value(argument, bound) for argument in node.arguments])
    return _holds(node, bound)


def _property(steps: tuple[str, ...], bound: Bound) -> Any:
    for length in range(len(steps) - 1, -1, -1):
        prefix = steps[:length]
        if not prefix or prefix in bound or prefix[-1] in {"Datastream", "Thing", "ObservedProperty", "Sensor"}:
            try:
                entity = _walk(prefix, bound)
            except (KeyError, TypeError):
                continue
            found: Any = entity
            for step in steps[length:]:
                if isinstance(found, list) and step.isdigit():
                    found = found[int(step)] if int(step) < len(found) else None
                else:
                    found = found.get(step) if isinstance(found, dict) else None
            return found
    raise AssertionError(steps)


def _number(one: Any) -> float | None:
    return float(one) if isinstance(one, int | float) and not isinstance(one, bool) else None


def _calculated(word: str, left: Any, right: Any) -> Any:
    if isinstance(right, timedelta) and isinstance(left, datetime | Period):
        shift = right if word == "add" else -right
        return Period(left.start + shift, left.end + shift) if isinstance(left, Period) else left + shift
    a, b = _number(left), _number(right)
    if a is None or b is None or (word in ("div", "mod") and b == 0):
        return None
    result = ARITHMETIC[word](a, b)
    return result if math.isfinite(result) else None


def _mod(a: float, b: float) -> float:
    return float(EXACT.remainder(Decimal(f"{a:.15g}"), Decimal(f"{b:.15g}")))


ARITHMETIC: dict[str, Callable[[float, float], float]] = {
    "add": operator.add,
    "sub": operator.sub,
    "mul": operator.mul,
    "div": operator.truediv,
    "mod": _mod,
}


def _start(one: Any) -> datetime:
    return one.start if isinstance(one, Period) else one


TEXTS: dict[str, Callable[..., Any]] = {
    "substringof": lambda part, whole: part in whole,
    "contains": lambda whole, part: part in whole,
    "startswith": lambda whole, part: whole.startswith(part),
    "endswith": lambda whole, part: whole.endswith(part),
    "length": len,
    "indexof": lambda whole, part: whole.find(part),
    "tolower": str.lower,
    "toupper": str.upper,
    "trim": lambda whole: whole.strip(" \t\n\r"),
    "concat": operator.add,
}
NUMBERS: dict[str, Callable[[float], float]] = {
    "round": lambda one: float(Decimal(f"{one:.15g}").quantize(Decimal(1), ROUND_HALF_UP, EXACT)),
    "floor": math.floor,
    "ceiling": math.ceil,
}
MOMENTS: dict[str, Callable[[datetime], Any]] = {
    "year": lambda at: at.year,
    "month": lambda at: at.month,
    "day": lambda at: at.day,
    "hour": lambda at: at.hour,
    "minute": lambda at: at.minute,
    "second": lambda at: at.second,
    "fractionalseconds": lambda at: at.microsecond / 1e6,
    "totaloffsetminutes": lambda at: 0,
    "date": datetime.date,
    "time": datetime.time,
}


def _called(node: Call, given: list[Any]) -> Any:
    if any(one is None for one in given):
        return None
    if node.name in TEXTS:
        return TEXTS[node.name](*given) if all(isinstance(one, str) for one in given) else None
    if node.name in NUMBERS:
        number = _number(given[0])
        return None if number is None else NUMBERS[node.name](number)
    if node.name == "substring":
        return _substring(*given) if isinstance(given[0], str) else None
    if node.name in MOMENTS:
        if isinstance(given[0], date | time) and not isinstance(given[0], datetime):
            return MOMENTS[node.name](given[0])  # type: ignore[arg-type]
        return MOMENTS[node.name](_start(given[0]).astimezone(UTC))
    raise AssertionError(node.name)


def _substring(text: str, start: float, length: float | None = None) -> str:
    begin = max(0, math.floor(start))
    return text[begin:] if length is None else text[begin : begin + max(0, math.floor(length))]
