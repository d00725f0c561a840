"""From when to when a filter lets observations be: what `and` joins at its top about phenomenonTime and known moments.

The rest of the filter can only take away from that, so the span is safe to choose months by.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from stadtkern.hub.api.sta.entities import Kind
from stadtkern.hub.api.sta.nodes import Binary, Call, Interval, Node, Path, paths_of
from stadtkern.hub.api.sta.planning.expressions import evaluate
from stadtkern.hub.api.sta.planning.scope import Scope
from stadtkern.hub.api.sta.planning.values import Value, as_kind

TICK = timedelta(microseconds=1)
BEGINNING, END = datetime(1970, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
LAST = datetime.max.replace(tzinfo=UTC)
TIME = ("phenomenonTime",)
TURNED = {"gt": "lt", "ge": "le", "lt": "gt", "le": "ge", "eq": "eq"}


@dataclass(frozen=True, slots=True)
class Span:
    """since <= phenomenon_start < until; None: open."""

    since: datetime | None = None
    until: datetime | None = None

    def and_also(self, other: "Span") -> "Span":
        since = max((one for one in (self.since, other.since) if one is not None), default=None)
        until = min((one for one in (self.until, other.until) if one is not None), default=None)
        return Span(since, until)


def parts_of(node: Node | None) -> Iterator[Node]:
    """What `and` joins at the top of a filter."""
    if isinstance(node, Binary) and node.operator == "and":
        yield from parts_of(node.left)
        yield from parts_of(node.right)
    elif node is not None:
        yield node


def span_of(filter: Node | None, scope: Scope) -> Span:
    """The span of a whole filter."""
    found = Span()
    for part in parts_of(filter):
        found = found.and_also(span_of_part(part, scope) or Span())
    return found


def span_of_part(part: Node, scope: Scope) -> Span | None:
    """The span of one comparison of phenomenonTime with a known time; None when it is something else."""
    if isinstance(part, Call) and part.name == "during" and _is_time(part.arguments[0]):
        period = part.arguments[1]
        return Span(period.start.astimezone(UTC), period.end.astimezone(UTC)) if isinstance(period, Interval) else None
    if not isinstance(part, Binary) or part.operator not in TURNED:
        return None
    if _is_time(part.left):
        return _compared(part.operator, part.right, scope)
    if _is_time(part.right):
        return _compared(TURNED[part.operator], part.left, scope)
    return None


def _is_time(node: Node) -> bool:
    return isinstance(node, Path) and node.steps == TIME


def _compared(operator: str, other: Node, scope: Scope) -> Span | None:
    if any(paths_of(other)):
        return None
    known = as_kind(evaluate(other, scope), Kind.MOMENT)
    if not known.is_constant or known.kind not in (Kind.MOMENT, Kind.PERIOD):
        return None
    start, end = _ends(known)
    behind = start + TICK if start < LAST else LAST
    return {
        "eq": Span(start, behind),
        "gt": Span(max(end, behind), None),
        "ge": Span(start, None),
        "lt": Span(None, start),
        "le": Span(None, behind),
    }[operator]


def _ends(known: Value) -> tuple[datetime, datetime]:
    if known.kind == Kind.PERIOD:
        return known.constant
    moment = known.constant.astimezone(UTC)
    return moment, moment
