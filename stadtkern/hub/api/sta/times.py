"""Moments and periods as SensorThings writes them: ISO 8601 in UTC, fractions of a second only where there are any.

Answers hold moments by the hundred thousand; isoformat() of an aware datetime is slow, and days and clock times repeat.
"""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

_SAME = {UTC, ZoneInfo("UTC")}  # what PostgreSQL's moments come with needs no turning
_FIRST_DAY = date(1970, 1, 1).toordinal()


def moment(at: datetime) -> str:
    """2026-05-04T12:00:00Z, 2026-05-04T12:00:00.250Z"""
    if at.tzinfo not in _SAME:
        at = at.astimezone(UTC)
    second = _day(at.toordinal()) + _clock(at.hour * 3600 + at.minute * 60 + at.second)
    if not (micro := at.microsecond):
        return f"{second}Z"
    return f"{second}.{micro:06}Z" if micro % 1000 else f"{second}.{micro // 1000:03}Z"


def moments(first: datetime, step: timedelta, count: int) -> list[str]:
    """So many moments, each a step after the one before."""
    if first.microsecond or step.microseconds:
        return [moment(first + number * step) for number in range(count)]
    begin, length = int(first.timestamp()), int(step.total_seconds())
    seconds = range(begin, begin + count * length, length)
    return [f"{_day(_FIRST_DAY + second // 86_400)}{_clock(second % 86_400)}Z" for second in seconds]


def period(start: datetime | None, end: datetime | None) -> str | None:
    """start/end, or the moment alone when there is no end; None when there is neither."""
    if start is None:
        return None
    return moment(start) if end is None else f"{moment(start)}/{moment(end)}"


@lru_cache(maxsize=4_096)
def _day(ordinal: int) -> str:
    return date.fromordinal(ordinal).isoformat()


@lru_cache(maxsize=86_400)
def _clock(second: int) -> str:
    return f"T{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}"
