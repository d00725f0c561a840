"""Values as OData writes them: texts, numbers, moments, durations, places.

Python's own readers do the checking; what they accept beyond the standard is kept out by the patterns here.
Fractions of a second beyond microseconds are cut: the store keeps no more.
"""

import math
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta

from stadtkern.hub.api.sta.lexer import Token
from stadtkern.hub.api.sta.nodes import Interval, Literal, Shape
from stadtkern.hub.api.sta.shapes import shape
from stadtkern.hub.api.sta.syntax import Source

MOST_DIGITS = 40
WORDS = {"true": True, "false": False, "null": None}

_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)[Tt](\d\d:\d\d)(:\d\d)?(?:\.(\d{1,12}))?([Zz]|[+\- ]\d\d:\d\d)?", re.ASCII)
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_TIME = re.compile(r"(\d\d:\d\d)(:\d\d(?:\.(\d{1,12}))?)?", re.ASCII)
_DURATION = re.compile(
    r"(?P<sign>[+-]?)P(?:(?P<weeks>\d{1,9})W)?(?:(?P<days>\d{1,9})D)?"
    r"(?:T(?=\d)(?:(?P<hours>\d{1,9})H)?(?:(?P<minutes>\d{1,9})M)?(?:(?P<seconds>\d{1,9})(?:\.(?P<part>\d{1,12}))?S)?)?",
    re.IGNORECASE | re.ASCII,
)
MOMENT_HINT = "a moment is written 2024-01-31T12:00:00Z or 2024-01-31T13:00:00+01:00"
DURATION_HINT = "a duration has days, hours, minutes and seconds, such as P1DT2H; years and months have no fixed length"


def value(token: Token, source: Source) -> Literal | Interval | Shape:
    """The value of a literal token. Raises SyntaxProblem at the token."""
    return _READERS[token.kind](token, source)


def text(token: Token) -> str:
    """What stands between the quotes; '' is one quote."""
    return token.text[token.text.index("'") + 1 : -1].replace("''", "'")


def duration(written: str) -> timedelta | None:
    """ISO 8601 of fixed length (no years, no months); None if it is not one."""
    found = _DURATION.fullmatch(written)
    if found is None or not any(char.isdigit() for char in written):
        return None
    named = {name: int(found[name] or 0) for name in ("weeks", "days", "hours", "minutes", "seconds")}
    try:
        length = timedelta(**named, microseconds=_micros(found["part"]))
        return -length if found["sign"] == "-" else length
    except OverflowError:
        return None


def _micros(part: str | None) -> int:
    return int((part or "0")[:6].ljust(6, "0"))


def _string(token: Token, source: Source) -> Literal:
    return Literal(text(token), token.at)


def _number(token: Token, source: Source) -> Literal:
    if len(token.text) > MOST_DIGITS:
        raise source.problem(f"a number has at most {MOST_DIGITS} characters", token.at)
    try:
        return Literal(int(token.text), token.at)
    except ValueError:
        number = float(token.text)
    if not math.isfinite(number):
        raise source.problem("this number is too large", token.at)
    return Literal(number, token.at)


def _when(token: Token, source: Source) -> Literal | Interval:
    start, slash, end = token.text.partition("/")
    if not slash:
        if _DATE.fullmatch(start):
            return Literal(_day(start, token.at, source), token.at)
        return Literal(_moment(start, token.at, source), token.at)
    interval = Interval(
        _moment(start, token.at, source),
        _moment(end, token.at + len(start) + 1, source, "the end of a period"),
        token.at,
    )
    if interval.start > interval.end:
        raise source.problem("this period ends before it starts", token.at)
    return interval


def _day(written: str, at: int, source: Source) -> date:
    try:
        return date.fromisoformat(written)
    except ValueError:
        raise source.problem(f"there is no day {written}", at) from None


def _moment(written: str, at: int, source: Source, name: str = "this") -> datetime:
    found = _MOMENT.fullmatch(written)
    if found is None or (found[4] and not found[3]):
        raise source.problem(f"{name} is no moment; {MOMENT_HINT}", at)
    day, minute, second, part, offset = found.groups()
    if offset is None:
        raise source.problem(f"a moment needs its offset, such as {written[:30]}Z; {MOMENT_HINT}", at)
    try:
        moment = datetime.fromisoformat(f"{day}T{minute}{second or ':00'}{offset.upper().replace(' ', '+')}")
        moment.astimezone(UTC)  # the first and last hours of the calendar have no equal in UTC
    except (ValueError, OverflowError):
        raise source.problem(f"there is no moment {written[:40]}", at) from None
    return moment.replace(microsecond=_micros(part))


def _time(token: Token, source: Source) -> Literal:
    found = _TIME.fullmatch(token.text)
    try:
        if found is None:
            raise ValueError(token.text)
        clock = time.fromisoformat(f"{found[1]}{(found[2] or ':00')[:3]}")
    except ValueError:
        raise source.problem("a time of day is written 23:59:59 or 23:59:59.5", token.at) from None
    return Literal(clock.replace(microsecond=_micros(found[3])), token.at)


def _typed(token: Token, source: Source) -> Literal | Shape:
    kind = token.text[: token.text.index("'")].lower()
    if kind in ("geography", "geometry"):
        return shape(text(token), token.at, source)
    if kind != "duration":
        raise source.problem(
            f"a value {kind[:20]}'...' is not known; there are duration'P1D' and geography'POINT (7.2 51.4)', and "
            + MOMENT_HINT,
            token.at,
        )
    length = duration(text(token))
    if length is None:
        raise source.problem(DURATION_HINT, token.at)
    return Literal(length, token.at)


_READERS: dict[str, Callable[[Token, Source], Literal | Interval | Shape]] = {
    "string": _string,
    "number": _number,
    "when": _when,
    "time": _time,
    "typed": _typed,
}
