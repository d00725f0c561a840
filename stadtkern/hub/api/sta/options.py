"""$filter, $orderby, $select, $expand and the rest: from the text of one option to a value, nested ones too.

Which properties and entities exist is the planner's knowledge; here only the form is checked.
Source: OGC 18-088 clause 9.3; `distinct:` in $select is FROST-Server's extension, $apply is in aggregation.py.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from stadtkern.hub.api.sta.aggregation import aggregation
from stadtkern.hub.api.sta.expansion import checked, expansions
from stadtkern.hub.api.sta.lexer import SHOWN, Cursor, Token
from stadtkern.hub.api.sta.nodes import Options, Order
from stadtkern.hub.api.sta.parser import expression
from stadtkern.hub.api.sta.syntax import MOST_CHARACTERS, SyntaxProblem

MOST_NUMBER = 10**9
FORMATS = {"json": "json", "dataarray": "dataArray", "csv": "csv", "geojson": "geojson"}
SKIPTOKEN = re.compile(r"[A-Za-z0-9._~=-]+")
DIRECTIONS = {"asc": False, "desc": True}
Fields = dict[str, Any]  # fields of Options


def parse_options(given: list[tuple[str, str]]) -> Options:
    """The options of a whole address, as (name with $, decoded text). Raises SyntaxProblem."""
    options = Options()
    for name, text in given:
        if name == "$skiptoken":
            options = replace(options, after=_skiptoken(text))
        elif name in READERS:
            options = _read(options, name, text)
        else:
            reason = _unknown(name, (*READERS, "$skiptoken", "$resultFormat"))
            raise SyntaxProblem(reason, where=name[:SHOWN])
    return options


def _unknown(name: str, known: Iterable[str]) -> str:
    return f"there is no option '{name[:SHOWN]}' here; there are {', '.join(known)}"


def result_format(text: str, where: str = "$resultFormat") -> str:
    """The canonical name: json, dataArray, csv or geojson."""
    found = FORMATS.get(text.strip().lower())
    if found is None:
        raise SyntaxProblem(f"expected one of {', '.join(FORMATS.values())}", where=where, text=text[:80])
    return found


def _skiptoken(text: str) -> str:
    if len(text) > MOST_CHARACTERS or not SKIPTOKEN.fullmatch(text):
        raise SyntaxProblem("this is no mark from a nextLink of ours", where="$skiptoken", text=text[:80])
    return text


def _read(options: Options, name: str, text: str) -> Options:
    cursor = Cursor.over(name, text)
    options = replace(options, **READERS[name](cursor))
    cursor.expect_end(ENDS[name])
    return options


def nested(cursor: Cursor) -> Options:
    """`$top=1;$orderby=phenomenonTime desc`: what stands in the parentheses of an expansion."""
    options = Options()
    seen: set[str] = set()
    while True:
        token = cursor.next
        if token.kind != "option":
            raise cursor.expected("an option such as $top")
        if token.text not in READERS:
            raise cursor.problem(_unknown(token.text, READERS))
        if token.text in seen:
            raise cursor.problem(f"{token.text} is given twice")
        seen.add(cursor.take().text)
        cursor.expect("=")
        options = replace(options, **READERS[token.text](cursor))
        if not cursor.skip(";"):
            return options


def _select(cursor: Cursor) -> Fields:
    """Names and paths; `*` is everything, as is no $select at all. Names that are given twice count once."""
    if cursor.skip("*"):
        return {}
    names = [_name(cursor)]
    distinct = names == ["distinct"] and cursor.skip(":")
    if distinct:
        names = [_name(cursor)]
    while cursor.skip(","):
        names.append(_name(cursor))
    return {"select": tuple(dict.fromkeys(names)), "distinct": distinct}


def _name(cursor: Cursor) -> str:
    if cursor.next.kind != "word":
        raise cursor.expected("the name of a property")
    return cursor.take().text


def _orders(cursor: Cursor) -> tuple[Order, ...]:
    found = [_order(cursor)]
    while cursor.skip(","):
        found.append(_order(cursor))
    return tuple(found)


def _order(cursor: Cursor) -> Order:
    by = expression(cursor)
    word = cursor.next.text.lower()
    if cursor.next.kind == "word" and word in DIRECTIONS:
        cursor.take()
        return Order(by, DIRECTIONS[word])
    return Order(by)


def _whole(cursor: Cursor) -> int:
    token = cursor.next
    if token.kind != "number" or not token.text.isdecimal():
        raise cursor.expected("a whole number from 0")
    return _within(cursor, cursor.take())


def _within(cursor: Cursor, token: Token) -> int:
    if len(token.text) > MOST_CHARACTERS or len(token.text.lstrip("0")) > 10 or int(token.text) > MOST_NUMBER:
        raise cursor.problem(f"the largest number here is {MOST_NUMBER}", token.at)
    return int(token.text)


def _truth(cursor: Cursor) -> bool:
    word = cursor.next.text.lower()
    if cursor.next.kind != "word" or word not in ("true", "false"):
        raise cursor.expected("true or false")
    cursor.take()
    return word == "true"


READERS: dict[str, Callable[[Cursor], Fields]] = {
    "$filter": lambda cursor: {"filter": expression(cursor)},
    "$orderby": lambda cursor: {"order": _orders(cursor)},
    "$select": _select,
    "$expand": lambda cursor: {"expand": checked(cursor, expansions(cursor, nested))},
    "$top": lambda cursor: {"top": _whole(cursor)},
    "$skip": lambda cursor: {"skip": _whole(cursor)},
    "$count": lambda cursor: {"count": _truth(cursor)},
    "$apply": lambda cursor: {"apply": aggregation(cursor)},
}
ENDS = dict.fromkeys(READERS, "the end") | {
    "$filter": "an operator such as 'eq' or 'and'",
    "$orderby": "asc, desc or ','",
    "$select": "','",
    "$expand": "',' or '('",
}
