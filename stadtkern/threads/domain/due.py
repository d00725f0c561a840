"""When a contact is told: at once, bundled at five, never in the quiet hours. Clocks are the city's."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from stadtkern.core.city import city
from stadtkern.core.clock import local
from stadtkern.threads.words import Channel, Pace

BUNDLED_AT = time(17, 0)
FRIDAY = 4
PUSH_QUIET = (time(21, 0), time(7, 0))
SLOWNESS = {Pace.NOW: 0, Pace.DAILY: 1, Pace.WEEKLY: 2}


@dataclass(frozen=True)
class Quiet:
    """Hours in which a contact wants to hear nothing; equal ends mean: never quiet."""

    start: time
    end: time

    def holds(self, moment: time) -> bool:
        if self.start <= self.end:
            return self.start <= moment < self.end
        return moment >= self.start or moment < self.end


def quiet_of(channel: str, start: time | None, end: time | None) -> Quiet | None:
    """The contact's own quiet hours hold for every channel; without a choice push is quiet at night."""
    if start is not None and end is not None:
        return Quiet(start, end)
    return Quiet(*PUSH_QUIET) if channel == Channel.PUSH else None


def slower(one: str, other: str) -> Pace:
    return max(Pace(one), Pace(other), key=SLOWNESS.__getitem__)


def quicker(one: str, other: str) -> Pace:
    return min(Pace(one), Pace(other), key=SLOWNESS.__getitem__)


def due(moment: datetime, *, pace: Pace, quiet: Quiet | None = None) -> datetime:
    """The moment from which a delivery may go out."""
    return _after_quiet(_bundle_time(moment, pace), quiet)


def _bundle_time(moment: datetime, pace: Pace) -> datetime:
    if pace == Pace.NOW:
        return moment
    at = _on_the_clock(local(moment), BUNDLED_AT)
    while at <= moment or (pace == Pace.WEEKLY and at.weekday() != FRIDAY):
        at = _on_the_clock(at + timedelta(days=1), BUNDLED_AT)
    return at


def _after_quiet(moment: datetime, quiet: Quiet | None) -> datetime:
    here = local(moment)
    if quiet is None or not quiet.holds(here.time()):
        return moment
    end = _on_the_clock(here, quiet.end)
    return end if end > moment else _on_the_clock(here + timedelta(days=1), quiet.end)


def _on_the_clock(day: datetime, clock: time) -> datetime:
    """That day at this time as clocks show it (they may be set in between)."""
    return datetime.combine(day.date(), clock, ZoneInfo(city().timezone))
