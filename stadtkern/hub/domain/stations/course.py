"""How a series went: its points over a day, a week, a month or a year, and what can be said of them in words."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import groupby, islice, pairwise
from statistics import fmean, median

from stadtkern.core import clock
from stadtkern.hub.domain.quality.calibration import calibrations
from stadtkern.hub.domain.readers import Reader
from stadtkern.hub.domain.stations.series import PAST, Series, Verdict, verdict_of
from stadtkern.hub.domain.store.port import Bucket
from stadtkern.hub.domain.store.postgres import PostgresStore
from stadtkern.hub.models import CalibrationPeriod

MOST_POINTS = 3_000
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
BEHIND = timedelta(seconds=1)
TOLERANCE = 1.6  # intervals between two values that are not yet a gap
SHARE_OF_TREND, STEADY = 0.125, 0.08


class Span(StrEnum):
    """How far back, as it stands in addresses."""

    DAY = "tag"
    WEEK = "woche"
    MONTH = "monat"
    YEAR = "jahr"

    @property
    def length(self) -> timedelta:
        return {Span.DAY: DAY, Span.WEEK: 7 * DAY, Span.MONTH: 30 * DAY, Span.YEAR: 365 * DAY}[self]


class Trend(StrEnum):
    RISING = "rising"
    FALLING = "falling"
    STEADY = "steady"


@dataclass(frozen=True, slots=True)
class Point:
    """A value, or the mean of an interval that begins at `at` with its lowest and highest value."""

    at: datetime
    value: float
    low: float
    high: float
    verdict: Verdict = Verdict.UNCHECKED


@dataclass(frozen=True, slots=True)
class Course:
    """Points in the order of time. `gaps`: where values are missing; `bad`: values that count for nothing."""

    span: Span
    since: datetime
    until: datetime
    points: Sequence[Point] = field(hash=False)
    gaps: Sequence[tuple[datetime, datetime]] = field(hash=False)
    bad: Sequence[Point] = field(hash=False)
    cared: Sequence[CalibrationPeriod] = field(hash=False)

    @property
    def lowest(self) -> tuple[float, datetime] | None:
        return min(((point.low, point.at) for point in self.points), default=None)

    @property
    def highest(self) -> tuple[float, datetime] | None:
        return max(((point.high, point.at) for point in self.points), default=None)

    @property
    def is_past(self) -> bool:
        """It ends long before now: what it says of its end is not said of now."""
        return clock.now() - self.until > DAY

    @property
    def trend(self) -> Trend | None:
        return trend_of([point.value for point in self.points])

    def rows(self) -> list[tuple[datetime, float, float, float]]:
        """(begin, mean, lowest, highest) by hour, day or month: the table beside the drawing."""
        grouped = groupby(self.points, lambda point: begin_of(point.at, self.span))
        return [(start, *_figures(list(points))) for start, points in grouped]


def end_of(series: Iterable[Series], span: Span, *, now: datetime | None = None) -> datetime:
    """Until when to look: now, or just behind the newest value if that is further back than the span, or PAST."""
    moment = now or clock.now()
    newest = max((one.start for one in series if one.start is not None), default=moment)
    return moment if newest > moment - min(span.length, PAST) else newest + BEHIND


def course(series: Series, span: Span, *, reader: Reader, until: datetime | None = None) -> Course:
    """The last `span` (until now, or `until`) of a series of numbers the reader sees; two or three statements."""
    until = until or clock.now()
    since = until - span.length
    if span is Span.DAY:
        points, bad, step = _values(series, since, until, reader)
    elif span is Span.YEAR:
        points, bad, step = _days(series, since, until, reader), [], DAY
    else:
        points, bad, step = _hours(series, since, until, reader), [], HOUR
    step = max(step, timedelta(seconds=series.interval_seconds or 0))
    begin = since if series.first_start is None else max(since, series.first_start)
    gaps = gaps_between([point.at for point in [*points, *bad]], step, begin, until)
    return Course(span, since, until, points, gaps, bad, list(calibrations(series.id, since=since, until=until)))


def gaps_between(
    moments: Sequence[datetime], step: timedelta, since: datetime, until: datetime
) -> list[tuple[datetime, datetime]]:
    """Where two moments (or an edge and its next) lie further apart than a value is expected."""
    ordered = [since, *sorted(moments), until]
    longest = step * TOLERANCE
    return [(left, right) for left, right in pairwise(ordered) if right - left > longest + step * (right == until)]


def trend_of(values: Sequence[float]) -> Trend | None:
    """The last eighth against the one before it, measured by the whole range; None with fewer than eight values."""
    if len(values) < 8:
        return None
    size = max(1, round(len(values) * SHARE_OF_TREND))
    change = fmean(values[-size:]) - fmean(values[-2 * size : -size])
    if abs(change) <= STEADY * (max(values) - min(values)):
        return Trend.STEADY
    return Trend.RISING if change > 0 else Trend.FALLING


def begin_of(moment: datetime, span: Span) -> datetime:
    """The begin of the table's row a moment belongs to: its local hour, day or month."""
    local = clock.local(moment)
    if span is Span.DAY:
        return local.replace(minute=0, second=0, microsecond=0)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight.replace(day=1) if span is Span.YEAR else midnight


def _values(
    series: Series, since: datetime, until: datetime, reader: Reader
) -> tuple[list[Point], list[Point], timedelta]:
    """Single values, good and bad; of a very busy series means of five minutes."""
    read = PostgresStore().read(series.id, since=since, until=until, reader=reader)
    samples = [sample for sample in islice(read, MOST_POINTS + 1) if sample.number is not None]
    if len(samples) > MOST_POINTS:
        return _means(series, since, until, reader), [], timedelta(minutes=5)
    points = [
        Point(one.phenomenon_start, one.number, one.number, one.number, verdict_of(one.flags))
        for one in samples
        if one.number is not None
    ]
    step = timedelta(seconds=series.interval_seconds or 0) or _usual_step(points)
    good = [point for point in points if point.verdict is not Verdict.BAD]
    return good, [point for point in points if point.verdict is Verdict.BAD], step


def _usual_step(points: Sequence[Point]) -> timedelta:
    """The middle distance of values when nobody said how often they come."""
    between = [(right.at - left.at).total_seconds() for left, right in pairwise(points)]
    return timedelta(seconds=median(between)) if between else HOUR


def _means(series: Series, since: datetime, until: datetime, reader: Reader) -> list[Point]:
    rows = PostgresStore().aggregate(
        [series.id], since=since, until=until, interval=timedelta(minutes=5), functions=["mean", "min", "max"],
        reader=reader,
    )  # fmt: skip
    return [
        Point(row.start, *row.values)  # type: ignore[arg-type]  # means of intervals with values
        for row in rows
        if row.start is not None and None not in row.values
    ]


def _hours(series: Series, since: datetime, until: datetime, reader: Reader) -> list[Point]:
    return _points(
        bucket for _id, bucket in PostgresStore().hourly([series.id], since=since, until=until, reader=reader)
    )


def _days(series: Series, since: datetime, until: datetime, reader: Reader) -> list[Point]:
    first, end = clock.local(since).date(), clock.local(until).date() + DAY
    return _points(bucket for _id, bucket in daily_of([series.id], first, end, reader))


def daily_of(ids: Sequence[int], since: date, until: date, reader: Reader) -> Iterator[tuple[int, Bucket]]:
    """Figures of local days with since <= day < until."""
    return PostgresStore().daily(ids, since=since, until=until, reader=reader)


def _points(buckets: Iterator[Bucket]) -> list[Point]:
    return [
        Point(one.start, one.mean, one.minimum, one.maximum)
        for one in buckets
        if one.mean is not None and one.minimum is not None and one.maximum is not None
    ]


def _figures(points: Sequence[Point]) -> tuple[float, float, float]:
    return fmean(one.value for one in points), min(one.low for one in points), max(one.high for one in points)
