"""Moments as sources write them: formats, time zones, the hours of the clock change.

A naive local time is ambiguous for one hour in autumn and impossible for one in spring. The first is told apart by the
order of the rows, the second is refused.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.utils.translation import gettext as _

OFFSET = re.compile(r"([+-])(\d{2}):?(\d{2})")
FORMATS = (
    *("%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H:%M", "%d.%m.%Y"),
    *("%d.%m.%y %H:%M:%S", "%d.%m.%y %H:%M", "%d.%m.%y"),
    *("%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M", "%d/%m/%Y"),
    *("%m/%d/%Y %H:%M:%S", "%m/%d/%Y %H:%M", "%m/%d/%Y"),
    *("%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M", "%Y%m%d%H%M", "%Y%m%d%H"),
)
COUNTED = {"unix": 1.0, "unix-ms": 1_000.0}
TWINS = {"%d/%m/": "%m/%d/", "%m/%d/": "%d/%m/"}
EARLIEST_COUNT, LATEST_COUNT = 1e8, 2e10  # seconds: 1973 to 2603; beyond are milliseconds
CENTURIES = ("19", "20")
MOST_KEPT = 100_000
HOUR = timedelta(hours=1)


class UnreadableMoment(ValueError):
    """The text is no moment in this format, or one that did not exist. The words are for a person."""


def zone_named(name: str) -> tzinfo:
    """A time zone by its IANA name or as an offset that holds all year ("+01:00"); raises ValueError."""
    if name.upper() in ("UTC", "Z"):
        return UTC
    try:
        if offset := OFFSET.fullmatch(name):
            span = timedelta(hours=int(offset[2]), minutes=int(offset[3]))
            return timezone(span if offset[1] == "+" else -span)
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(_("Diese Zeitzone gibt es nicht: %(name)s") % {"name": name}) from None


class Before(NamedTuple):
    """Moments of the rows before, of one thing (or of one series, where each has rows of its own).

    `last`: of the row before; `earlier`: the last one that was another, so both say which way the rows go.
    """

    last: datetime
    earlier: datetime | None = None

    def then(self, at: datetime) -> "Before":
        return self if at == self.last else Before(at, self.last)

    @property
    def step(self) -> timedelta:
        """From row to row; below zero where the newest row comes first."""
        return self.last - self.earlier if self.earlier else timedelta(0)


@dataclass(slots=True)
class MomentReader:
    """Reads moments of one source. `format`: iso, unix, unix-ms or a pattern of strptime."""

    format: str
    zone: tzinfo
    _kept: dict[Any, datetime] = field(default_factory=dict)

    def read(self, told: Any, *, before: Before | None = None) -> datetime:
        """The moment in UTC; raises UnreadableMoment. `before`: tells the passes of the hour that comes twice apart."""
        try:
            known = self._kept.get(told)
        except TypeError:  # a list or an object
            raise UnreadableMoment(_("kein Zeitpunkt im erwarteten Format")) from None
        if known is not None:
            return known
        naive = self._parsed(told)
        try:
            if naive.tzinfo is not None:
                return self._keep(told, naive.astimezone(UTC))
            return self._localised(told, naive, before)
        except OverflowError:  # the first and the last day of the calendar have no other time zone
            raise UnreadableMoment(_("kein Zeitpunkt im erwarteten Format")) from None

    def _parsed(self, told: Any) -> datetime:
        if isinstance(told, datetime):
            return told
        if isinstance(told, date):
            return datetime(told.year, told.month, told.day)
        try:
            return PARSERS.get(self.format, _by_pattern)(self.format, told)
        except (ValueError, TypeError, OverflowError, OSError):
            raise UnreadableMoment(_("kein Zeitpunkt im erwarteten Format")) from None

    def _localised(self, told: Any, naive: datetime, before: Before | None) -> datetime:
        first = naive.replace(tzinfo=self.zone)
        second = first.replace(fold=1)
        moment = first.astimezone(UTC)
        if first.utcoffset() == second.utcoffset():
            return self._keep(told, moment)
        if moment.astimezone(self.zone).replace(tzinfo=None) != naive:
            raise UnreadableMoment(_("diese Uhrzeit gab es nicht (Beginn der Sommerzeit)"))
        return second.astimezone(UTC) if before is not None and _is_second_pass(moment, before) else moment

    def _keep(self, told: Any, moment: datetime) -> datetime:
        if len(self._kept) >= MOST_KEPT:
            self._kept.clear()
        self._kept[told] = moment
        return moment


def zoned(told: Any) -> datetime | None:
    """The moment in UTC of an ISO 8601 text that says its zone; None for everything else."""
    try:
        moment = datetime.fromisoformat(told)
        return moment.astimezone(UTC) if moment.tzinfo else None
    except (ValueError, TypeError, OverflowError):
        return None


def _is_second_pass(first: datetime, before: Before) -> bool:
    """Whether a row that is `first`, or an hour later, is the later one.

    A clock that has jumped back is in its second pass. Where the rows go backwards, the second pass comes first. The
    same time again is the same row again, unless a row an hour is usual.
    """
    if first == before.last:
        return before.step >= HOUR
    if first + HOUR == before.last:
        return before.step > -HOUR
    is_backwards = before.step < timedelta(0)
    return first + HOUR < before.last if is_backwards else first < before.last


def _iso(_format: str, told: Any) -> datetime:
    return datetime.fromisoformat(str(told).strip())


def _counted(format: str, told: Any) -> datetime:
    return datetime.fromtimestamp(float(told) / COUNTED[format], tz=UTC)


def _by_pattern(format: str, told: Any) -> datetime:
    return datetime.strptime(str(told).strip(), format)


PARSERS: dict[str, Callable[[str, Any], datetime]] = {"iso": _iso, "unix": _counted, "unix-ms": _counted}


@dataclass(frozen=True, slots=True)
class Guess:
    """A format that reads the examples; `twin`: another one that reads them as well. `has_zone`: they say it."""

    format: str
    has_zone: bool = False
    twin: str = ""


def guess_format(examples: Iterable[Any]) -> Guess | None:
    """The format that reads most of these examples, at least half; None when there is none."""
    told = [one for one in examples if one not in (None, "")][:200]
    if not told:
        return None
    if all(isinstance(one, date) for one in told):
        return Guess("iso")
    if (counted := _guess_count(told)) is not None:
        return counted
    read = {format: [one for one in told if _reads(format, one)] for format in ("iso", *FORMATS)}
    best = max(read, key=lambda format: len(read[format]))
    if len(read[best]) * 2 < len(told):
        return None
    if best == "iso":
        return Guess("iso", has_zone=all(_iso("iso", one).tzinfo is not None for one in read["iso"]))
    return Guess(best, twin=_twin(best, read))


def _guess_count(told: list[Any]) -> Guess | None:
    try:
        numbers = [float(one) for one in told]
    except (TypeError, ValueError):
        return None
    if all(str(one)[:2] in CENTURIES for one in told):  # 2025010112 is a date, as a count it would be in 2034
        return None
    for format, factor in COUNTED.items():
        if all(EARLIEST_COUNT <= number / factor <= LATEST_COUNT for number in numbers):
            return Guess(format, has_zone=True)
    return None


def _twin(best: str, read: Mapping[str, list[Any]]) -> str:
    """Day and month the other way round, when that reads as much."""
    other = next((best.replace(mine, twin) for mine, twin in TWINS.items() if mine in best), best)
    return other if other != best and len(read[other]) == len(read[best]) else ""


def _reads(format: str, told: Any) -> bool:
    try:
        PARSERS.get(format, _by_pattern)(format, told)
    except (ValueError, TypeError, OverflowError, OSError):
        return False
    return True
