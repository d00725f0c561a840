"""What an expression of $filter, $orderby or $apply is made of, once it is parsed.

Every node knows the position (characters from the start of the option's text) at which it began: errors name it.
Positions inside $expand count from the start of the whole $expand. No tree is higher than forty operators and calls
(syntax.MOST_NESTING), so what walks it may use recursion.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

Scalar = str | int | float | bool | datetime | date | time | timedelta | None


@dataclass(frozen=True, slots=True)
class Literal:
    """A value. Durations are timedeltas, moments are aware datetimes with the offset as written.

    Integers have up to 40 digits: more than a bigint holds. Texts hold neither NUL nor half surrogate pairs.
    """

    value: Scalar
    at: int = 0


@dataclass(frozen=True, slots=True)
class Interval:
    """A time period written start/end."""

    start: datetime
    end: datetime
    at: int = 0


@dataclass(frozen=True, slots=True)
class Shape:
    """geography'POINT (7.2 51.4)': the WKT text, checked to be a valid geometry in EPSG:4326."""

    wkt: str
    at: int = 0


@dataclass(frozen=True, slots=True)
class Path:
    """A property, through navigation and into JSON: Datastream/Thing/properties/owner.

    From the second step on a step may begin with a digit and hold . : - @ (JSON keys, indices of arrays).
    """

    steps: tuple[str, ...]
    at: int = 0


@dataclass(frozen=True, slots=True)
class Call:
    """A function of the standard, its name in lower case: substringof, st_within, geo.distance, now ..."""

    name: str
    arguments: tuple["Node", ...]
    at: int = 0


@dataclass(frozen=True, slots=True)
class Unary:
    """`not` or `-`."""

    operator: str
    operand: "Node"
    at: int = 0


@dataclass(frozen=True, slots=True)
class Binary:
    """or, and, eq, ne, gt, ge, lt, le, in, add, sub, mul, div, mod. The right side of `in` is a List.

    A chain of `and` or of `or` comes as a balanced tree in the order written, nested chains of the same word merged.
    """

    operator: str
    left: "Node"
    right: "Node"
    at: int = 0


@dataclass(frozen=True, slots=True)
class List:
    """(1, 2, 3) on the right of `in`: one to 200 Literals."""

    items: tuple["Node", ...]
    at: int = 0


Node = Literal | Interval | Shape | Path | Call | Unary | Binary | List


def children(node: Node) -> tuple[Node, ...]:
    """What an operator or a function stands over; the values of a List are part of it."""
    match node:
        case Binary():
            return (node.left, node.right)
        case Unary():
            return (node.operand,)
        case Call():
            return node.arguments
        case _:
            return ()


def paths_of(node: Node) -> Iterator[Path]:
    """All properties that an expression names, in the order written."""
    if isinstance(node, Path):
        yield node
    for child in children(node):
        yield from paths_of(child)


@dataclass(frozen=True, slots=True)
class Order:
    """One term of $orderby."""

    by: Node
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Expansion:
    """One term of $expand: Datastreams/Observations($top=1) is an expansion inside an expansion."""

    name: str
    query: "Options"
    at: int = 0


@dataclass(frozen=True, slots=True)
class Aggregation:
    """$apply: values of Observations by interval of time.

    `interval` None: one row for the whole; `functions` from count, sum, mean, min, max, first, last, median, stddev;
    `gaps` "leave" | "null" | "previous" | "linear": what stands in an interval without a value.
    """

    functions: tuple[str, ...]
    interval: timedelta | str | None = None
    gaps: str = "leave"
    at: int = 0


@dataclass(frozen=True, slots=True)
class Options:
    """The query options of one collection or entity, as asked; limits are applied by the planner.

    `select` are names or paths with / (no name twice, () is everything); `distinct` is FROST's $select=distinct:name;
    `after` is the $skiptoken of a nextLink, made of letters, digits and . _ ~ = - (not inside $expand).
    """

    filter: Node | None = None
    order: tuple[Order, ...] = ()
    select: tuple[str, ...] = ()
    distinct: bool = False
    expand: tuple[Expansion, ...] = ()
    top: int | None = None
    skip: int = 0
    count: bool = False
    after: str = ""
    apply: Aggregation | None = None


@dataclass(frozen=True, slots=True)
class Segment:
    """One part of a resource path: Things(1), Datastreams, Observations(5), $ref, result, $value.

    $ref, $value and $count only come last and never first, $batch only alone. `at` counts in the encoded path.
    """

    name: str
    id: int | None = None
    at: int = 0


@dataclass(frozen=True, slots=True)
class Request:
    """A whole address below the service root.

    `result_format` is json, dataArray, csv or geojson; `extra` are the options that are not ours, (name, text) each.
    """

    path: tuple[Segment, ...]
    options: Options
    result_format: str = "json"
    extra: tuple[tuple[str, Any], ...] = ()
