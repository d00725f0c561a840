"""Moments and periods as machines send them: ISO 8601 with a zone, kept in UTC."""

from datetime import UTC, datetime

HINT = "a moment is written 2024-01-31T12:00:00Z or 2024-01-31T13:00:00+01:00"


class BadMoment(ValueError):
    """Not a moment or a period. The text may be shown to the caller."""


def moment(written: object) -> datetime:
    """A moment in UTC; fractions of a second beyond microseconds are cut. Raises BadMoment."""
    if not isinstance(written, str):
        raise BadMoment(HINT)
    try:
        found = datetime.fromisoformat(written)
        if found.tzinfo is None:
            raise BadMoment(f"{written[:40]!r} has no zone: {HINT}")
        return found.astimezone(UTC)
    except OverflowError:
        raise BadMoment(f"{written[:40]!r} is beyond the calendar") from None
    except BadMoment:
        raise
    except ValueError:
        raise BadMoment(f"{written[:40]!r} is no moment: {HINT}") from None


def period(written: object) -> tuple[datetime, datetime | None]:
    """start/end, or one moment (the end is None then). A period without length is a moment. Raises BadMoment."""
    if not isinstance(written, str) or "/" not in written:
        return moment(written), None
    first, _, second = written.partition("/")
    start, end = moment(first), moment(second)
    if end < start:
        raise BadMoment("a period ends after it starts")
    return start, end if end > start else None
