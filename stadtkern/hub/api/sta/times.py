"""Moments and periods as SensorThings writes them: ISO 8601 in UTC, fractions of a second only where there are any."""

from datetime import UTC, datetime


def moment(at: datetime) -> str:
    """2026-05-04T12:00:00Z, 2026-05-04T12:00:00.250Z"""
    if at.tzinfo is not UTC:
        at = at.astimezone(UTC)
    if at.microsecond == 0:
        return at.isoformat()[:19] + "Z"
    return at.isoformat(timespec="microseconds" if at.microsecond % 1000 else "milliseconds")[:-6] + "Z"


def period(start: datetime | None, end: datetime | None) -> str | None:
    """start/end, or the moment alone when there is no end; None when there is neither."""
    if start is None:
        return None
    return moment(start) if end is None else f"{moment(start)}/{moment(end)}"
