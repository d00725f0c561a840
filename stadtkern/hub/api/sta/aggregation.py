"""$apply=aggregate(mean,max;interval=PT1H;gaps=null): values of Observations by interval of time. Our extension.

The word and the option are those of OData's data aggregation; intervals and gaps are not in it, hence our own syntax.
"""

from datetime import timedelta

from stadtkern.hub.api.sta.lexer import Cursor, Token
from stadtkern.hub.api.sta.literals import duration
from stadtkern.hub.api.sta.nodes import Aggregation

FUNCTIONS = ("count", "sum", "mean", "min", "max", "first", "last", "median", "stddev")
GAPS = ("leave", "null", "previous", "linear")
CALENDAR = ("day", "week", "month", "year")
SETTINGS = ("interval", "gaps")


def aggregation(cursor: Cursor) -> Aggregation:
    """The aggregation at the cursor. Raises SyntaxProblem."""
    at = cursor.next.at
    _one_of(cursor, ("aggregate",))
    cursor.expect("(")
    functions = [_function(cursor, ())]
    while cursor.skip(","):
        functions.append(_function(cursor, functions))
    given = _settings(cursor)
    cursor.expect(")", "',' or ';' or ')'")
    gaps = given["gaps"].text if "gaps" in given else "leave"
    interval = _interval(cursor, given["interval"]) if "interval" in given else None
    if gaps != "leave" and interval is None:
        raise cursor.problem("gaps are gaps between intervals; give interval= too", given["gaps"].at)
    return Aggregation(tuple(functions), interval, gaps, at)


def _function(cursor: Cursor, before: list[str] | tuple[()]) -> str:
    token = _one_of(cursor, FUNCTIONS)
    if token.text in before:
        raise cursor.problem(f"'{token.text}' is asked for twice", token.at)
    return token.text


def _settings(cursor: Cursor) -> dict[str, Token]:
    given: dict[str, Token] = {}
    while cursor.skip(";"):
        name = _one_of(cursor, SETTINGS)
        if name.text in given:
            raise cursor.problem(f"{name.text} is given twice", name.at)
        cursor.expect("=")
        given[name.text] = _one_of(cursor, GAPS) if name.text == "gaps" else _word(cursor, "an interval such as PT1H")
    return given


def _interval(cursor: Cursor, token: Token) -> timedelta | str:
    if token.text in CALENDAR:
        return token.text
    length = duration(token.text)
    if length is None or length <= timedelta(0):
        raise cursor.problem(
            f"an interval is a duration of fixed length such as PT15M, PT1H or P1D, or one of {', '.join(CALENDAR)}",
            token.at,
        )
    return length


def _one_of(cursor: Cursor, words: tuple[str, ...]) -> Token:
    wanted = f"one of {', '.join(words)}" if len(words) > 1 else f"'{words[0]}'"
    if cursor.next.text not in words:
        raise cursor.expected(wanted)
    return _word(cursor, wanted)


def _word(cursor: Cursor, wanted: str) -> Token:
    if cursor.next.kind != "word":
        raise cursor.expected(wanted)
    return cursor.take()
