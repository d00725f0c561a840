"""The way back: text that parses to the same nodes. For nextLinks, MQTT topics and tests.

An expression has no more parentheses, words and signs than the text that was parsed, so what was within the limits
stays within them. (Terms of $expand that were merged, A/B,A/C, come nested: A($expand=B,C).)
Positions are those of the new text.
"""

from datetime import date, datetime, time, timedelta
from functools import singledispatch
from urllib.parse import quote

from stadtkern.hub.api.sta.nodes import (
    Aggregation,
    Binary,
    Call,
    Expansion,
    Interval,
    List,
    Literal,
    Options,
    Order,
    Path,
    Request,
    Segment,
    Shape,
    Unary,
)
from stadtkern.hub.api.sta.parser import CHAINS, LEVEL

SAFE_IN_PATH = "$@:!*,;=~"
SAFE_IN_QUERY = "$@:!*,;=~()/'"
TIGHTEST = 9


@singledispatch
def as_text(node: object) -> str:
    """An expression, an order, options or a whole request as text.

    Expressions and options come as plain text (options joined by ';', as inside $expand); a Request comes as a
    percent-encoded address relative to the service root, without the options that are not ours (one may be a key).
    """
    raise TypeError(f"{type(node).__name__} has no text")


@as_text.register
def _(node: Literal) -> str:
    return _value(node.value)


@as_text.register
def _(node: Interval) -> str:
    return f"{_value(node.start)}/{_value(node.end)}"


@as_text.register
def _(node: Shape) -> str:
    return f"geography'{node.wkt}'"


@as_text.register
def _(node: Path) -> str:
    return "/".join(node.steps)


@as_text.register
def _(node: Call) -> str:
    return f"{node.name}({','.join(map(as_text, node.arguments))})"


@as_text.register
def _(node: List) -> str:
    return f"({','.join(map(as_text, node.items))})"


@as_text.register
def _(node: Unary) -> str:
    if node.operator == "not":
        return f"not {_within(node.operand, LEVEL['not'])}"
    return f"- {_within(node.operand, TIGHTEST - 1)}"  # the blank tells -(5) from the number -5


@as_text.register
def _(node: Binary) -> str:
    level = LEVEL[node.operator]
    right = level if node.operator in CHAINS else level + 1
    return f"{_within(node.left, level)} {node.operator} {_within(node.right, right)}"


@as_text.register
def _(node: Order) -> str:
    return as_text(node.by) + (" desc" if node.descending else "")


@as_text.register
def _(node: Expansion) -> str:
    query = node.query
    if len(query.expand) == 1 and query == Options(expand=query.expand):
        return f"{node.name}/{as_text(query.expand[0])}"
    inner = as_text(query)
    return f"{node.name}({inner})" if inner else node.name


@as_text.register
def _(node: Aggregation) -> str:
    inner = ",".join(node.functions)
    if node.interval is not None:
        inner += f";interval={node.interval if isinstance(node.interval, str) else _duration(node.interval)}"
    if node.gaps != "leave":
        inner += f";gaps={node.gaps}"
    return f"aggregate({inner})"


@as_text.register
def _(node: Options) -> str:
    return ";".join(f"{name}={text}" for name, text in option_texts(node))


@as_text.register
def _(node: Segment) -> str:
    return quote(node.name, safe=SAFE_IN_PATH) + ("" if node.id is None else f"({node.id})")


@as_text.register
def _(node: Request) -> str:
    options = option_texts(node.options)
    if node.result_format != "json":
        options.append(("$resultFormat", node.result_format))
    query = "&".join(f"{name}={quote(text, safe=SAFE_IN_QUERY)}" for name, text in options)
    return "/".join(map(as_text, node.path)) + (f"?{query}" if query else "")


def option_texts(options: Options) -> list[tuple[str, str]]:
    """Names with $ and plain texts of all options that are not as by default."""
    texts = {
        "$filter": as_text(options.filter) if options.filter is not None else "",
        "$orderby": ",".join(map(as_text, options.order)),
        "$select": ("distinct:" if options.distinct else "") + ",".join(options.select),
        "$expand": ",".join(map(as_text, options.expand)),
        "$top": "" if options.top is None else str(options.top),
        "$skip": str(options.skip or ""),
        "$count": "true" if options.count else "",
        "$skiptoken": options.after,
        "$apply": as_text(options.apply) if options.apply is not None else "",
    }
    return [(name, text) for name, text in texts.items() if text]


def _within(node: object, least: int) -> str:
    """In parentheses if it binds looser than what stands around it."""
    text = as_text(node)
    return text if _level(node) >= least else f"({text})"


def _level(node: object) -> int:
    match node:
        case Binary():
            return LEVEL[node.operator]
        case Unary():
            return LEVEL["not"] if node.operator == "not" else TIGHTEST - 1
        case _:
            return TIGHTEST


def _value(value: object) -> str:
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    match value:
        case str():
            return "'" + value.replace("'", "''") + "'"
        case timedelta():
            return f"duration'{_duration(value)}'"
        case datetime():
            return value.isoformat().removesuffix("+00:00") + ("Z" if value.utcoffset() == timedelta(0) else "")
        case date() | time():
            return value.isoformat()
        case _:
            return repr(value)


def _duration(length: timedelta) -> str:
    sign, length = ("-", -length) if length < timedelta(0) else ("", length)
    minutes, seconds = divmod(length.seconds, 60)
    part = f"{seconds}.{length.microseconds:06}" if length.microseconds else str(seconds)
    clock = ((minutes // 60, "H"), (minutes % 60, "M"), (part, "S"))
    written = "".join(f"{number}{unit}" for number, unit in clock if number not in (0, "0"))
    days = f"{length.days}D" if length.days or not written else ""
    return f"{sign}P{days}" + (f"T{written}" if written else "")
