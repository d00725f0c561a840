"""Moments and intervals as they come: ISO 8601 with a zone, or numbers of a precision."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from stadtkern.core.problems import BadQuery

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
EARLIEST, LATEST = datetime(1, 1, 3, tzinfo=UTC), datetime(9999, 12, 29, tzinfo=UTC)  # room for any zone


class BadTime(ValueError):
    """A time that cannot be read; the text says why."""


@dataclass(frozen=True, slots=True)
class Precision:
    """Of times given as numbers since 1970. What is finer than a microsecond is cut off."""

    per_second: int

    def moment(self, number: int) -> datetime | str:
        """The moment; the number as text when it lies outside of all years (who reads it as a time refuses it)."""
        try:
            return EPOCH + timedelta(microseconds=number * 1_000_000 // self.per_second)
        except OverflowError:
            return str(number)


PRECISIONS = {"s": Precision(1), "ms": Precision(1_000), "us": Precision(1_000_000), "ns": Precision(1_000_000_000)}
PRECISIONS |= {"u": PRECISIONS["us"], "n": PRECISIONS["ns"]}


def precision_named(name: str) -> Precision:
    """Raises BadQuery."""
    if name not in PRECISIONS:
        raise BadQuery("precision is one of ns, us, ms, s.")
    return PRECISIONS[name]


def instant(value: object) -> datetime:
    """Raises BadTime."""
    if isinstance(value, datetime):
        moment = value
    elif isinstance(value, str):
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            raise BadTime(f"{value[:40]!r} is no time of ISO 8601") from None
    else:
        raise BadTime(f"a time is a text of ISO 8601, not {str(value)[:40]!r}")
    if moment.tzinfo is None:
        raise BadTime(f"{str(value)[:40]!r} has no zone; write Z or an offset")
    if not EARLIEST < moment < LATEST:
        raise BadTime(f"{str(value)[:40]!r} is too far away")
    return moment


def interval(value: object) -> tuple[datetime, datetime]:
    """start/end. Raises BadTime."""
    if not isinstance(value, str) or value.count("/") != 1:
        raise BadTime(f"an interval is start/end, not {str(value)[:40]!r}")
    start, end = map(instant, value.split("/"))
    if end < start:
        raise BadTime(f"{value[:80]!r} ends before it begins")
    return start, end


def instant_or_interval(value: object) -> tuple[datetime, datetime | None]:
    """An interval without length is an instant, as in domain/periods.py. Raises BadTime."""
    if isinstance(value, str) and "/" in value:
        start, end = interval(value)
        return start, end if end > start else None
    return instant(value), None
