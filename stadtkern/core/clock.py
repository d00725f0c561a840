"""Working days: due times count the days on which a city hall works."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays
from django.utils import timezone

from stadtkern.core.city import city

_pretended: ContextVar[datetime | None] = ContextVar("pretended", default=None)


def now() -> datetime:
    return _pretended.get() or timezone.now()


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Do something as of another moment: for histories that are loaded (demo data), never for requests."""
    token = _pretended.set(moment)
    try:
        yield
    finally:
        _pretended.reset(token)


def local(moment: datetime) -> datetime:
    """The moment as the city's clocks show it."""
    return moment.astimezone(ZoneInfo(city().timezone))


@lru_cache
def _holidays(country: str, region: str) -> holidays.HolidayBase:
    return holidays.country_holidays(country, subdiv=region or None)


def is_working_day(day: date) -> bool:
    """Monday to Friday, unless a public holiday of the city's state."""
    return day.weekday() < 5 and day not in _holidays(city().country, city().region)


def add_working_days(moment: datetime, days: int) -> datetime:
    """The end (18:00 local) of the n-th working day after the moment; 0 is the same or next working day."""
    day = local(moment).date()
    while days > 0 or not is_working_day(day):
        day += timedelta(days=1)
        days -= is_working_day(day)
    return datetime.combine(day, datetime.min.time(), ZoneInfo(city().timezone)).replace(hour=18)


def working_days_between(start: datetime, end: datetime) -> int:
    """Working days after the start's day, up to and including the end's day."""
    first, last = local(start).date(), local(end).date()
    days = (first + timedelta(days=n) for n in range(1, (last - first).days + 1))
    return sum(1 for day in days if is_working_day(day))
