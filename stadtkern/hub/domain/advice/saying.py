"""The advice said of a station's newest values: what counts, what is too old to say anything, what is resting."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from stadtkern.core import clock
from stadtkern.core.languages import Words
from stadtkern.hub.domain.advice.book import Line, Note, Step, advice
from stadtkern.hub.domain.stations.listing import Station
from stadtkern.hub.domain.stations.series import Series, Verdict


class Voice(StrEnum):
    """Why something is said, or nothing. OLD: the value is too old; BAD: it is no good; EMPTY: there never was one."""

    SPOKEN = "spoken"
    RESTING = "resting"
    OLD = "old"
    BAD = "bad"
    EMPTY = "empty"


@dataclass(frozen=True, slots=True)
class Said:
    """One line of advice. `step` is there when `voice` is SPOKEN."""

    line: Line
    series: Series
    voice: Voice
    step: Step | None = None

    @property
    def is_dry(self) -> bool:
        """A tree below its limit, in the months in which that means something."""
        number, dry = self.series.number, self.line.dry
        return self.voice is Voice.SPOKEN and dry is not None and number is not None and number < dry


def say(station: Station, *, now: datetime | None = None) -> list[Said]:
    """Every line of the station's kind for which it measures something."""
    if station.kind is None:
        return []
    moment = now or clock.now()
    pairs = ((line, station.of(line.quantity)) for line in advice().lines.get(station.kind.key, []))
    return [_said(line, series, moment) for line, series in pairs if series is not None]


def question_of(station: Station) -> Words | None:
    return advice().questions.get(station.kind.key) if station.kind else None


def notes_of(station: Station) -> Sequence[Note]:
    return advice().notes.get(station.kind.key, []) if station.kind else []


def has_advice(station: Station) -> bool:
    """Whether the pack has something to say about what is measured here."""
    return bool(say(station))


def _said(line: Line, series: Series, now: datetime) -> Said:
    age = series.age(now)
    if age is None or series.number is None:
        return Said(line, series, Voice.EMPTY)
    if age > timedelta(seconds=line.within):
        return Said(line, series, Voice.OLD)
    if series.verdict is Verdict.BAD:
        return Said(line, series, Voice.BAD)
    if line.rests(clock.local(now).month):
        return Said(line, series, Voice.RESTING)
    return Said(line, series, Voice.SPOKEN, line.step(series.number))
