"""Outliers: values far from what is usual at this hour of the day.

Usual is the median of the last days at the same local hour and its two neighbours; far is counted in robust standard
deviations, 1.4826 times the median absolute deviation (F. R. Hampel, The Influence Curve and Its Role in Robust
Estimation, JASA 69, 1974). Where more than half of the values are the same that deviation is 0, and 1.2533 times the
mean absolute deviation stands in (B. Iglewicz, D. C. Hoaglin, How to Detect and Handle Outliers, ASQC 1993, which
calls more than 3.5 a potential outlier).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import fmean, median

from stadtkern.core import clock
from stadtkern.core.jobs import every, job
from stadtkern.hub.domain.connection import here, writing
from stadtkern.hub.domain.quality import known
from stadtkern.hub.domain.quality.checking import Kind, Rule
from stadtkern.hub.domain.quality.flagging import set_flags, values
from stadtkern.hub.domain.quality.reevaluating import Trial
from stadtkern.hub.domain.store import writing as store
from stadtkern.hub.domain.store.port import Sample, UnknownDatastream
from stadtkern.hub.models import QualityRule
from stadtkern.hub.words import Flag

NORMAL_OF_MEDIAN, NORMAL_OF_MEAN = 1.4826, 1.2533  # deviations of a normal distribution with standard deviation 1
FAR, DAYS = 5.0, 14
FEWEST = 20  # with fewer values nobody knows what is usual
MOST = 100_000
JUDGED = timedelta(hours=26)  # each turn looks at the last day, so that late values are judged too
AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Usual:
    """What values are like at an hour: the middle, and one robust standard deviation (0: always the same)."""

    middle: float
    deviation: float
    count: int

    def score(self, number: float) -> float | None:
        """Robust standard deviations away from the middle, without sign; None when nothing ever changes."""
        return abs(number - self.middle) / self.deviation if self.deviation else None


def usual_of(numbers: Sequence[float]) -> Usual | None:
    """Middle and deviation; None when there are too few values."""
    if len(numbers) < FEWEST:
        return None
    middle = median(numbers)
    away = [abs(number - middle) for number in numbers]
    deviation = NORMAL_OF_MEDIAN * median(away) or NORMAL_OF_MEAN * fmean(away)
    return Usual(middle, deviation, len(numbers))


def usual_by_hour(past: Iterable[Sample]) -> dict[int, Usual | None]:
    """For each local hour of the day what is usual in it and the hours beside; bad values do not count."""
    numbers: dict[int, list[float]] = {hour: [] for hour in range(24)}
    for sample in past:
        if sample.number is not None and not sample.flags & Flag.BAD:
            numbers[clock.local(sample.phenomenon_start).hour].append(sample.number)
    return {hour: usual_of([*numbers[(hour - 1) % 24], *numbers[hour], *numbers[(hour + 1) % 24]]) for hour in numbers}


def score_of(datastream_id: int, number: float, at: datetime, *, days: int = DAYS) -> tuple[float, Usual] | None:
    """How unusual this value is (robust standard deviations) against the days before it; None: nobody can say.

    For the caller who has asked already whether the reader may see the datastream.
    """
    past = values(here(), datastream_id, since=at - timedelta(days=days), until=at, most=MOST)
    usual = usual_by_hour(past)[clock.local(at).hour]
    score = usual.score(number) if usual else None
    return None if score is None or usual is None else (score, usual)


@every("23 * * * *", "hub.quality.outliers")
def find_outliers() -> None:
    """Every hour: one job for some hundred datastreams that have such a rule."""
    asked = QualityRule.objects.filter(kind=QualityRule.Kind.OUTLIER).order_by("datastream_id")
    ids = list(dict.fromkeys(asked.values_list("datastream_id", flat=True)))
    for start in range(0, len(ids), AT_ONCE):
        find_in.defer(datastream_ids=ids[start : start + AT_ONCE])


@job("hub.quality.outliers_in")
def find_in(datastream_ids: list[int]) -> None:
    for datastream_id in datastream_ids:
        flag_outliers(datastream_id)


def flag_outliers(datastream_id: int) -> int:
    """Flag the outliers among the values of the last day; what was found once stays. Returns how many are new."""
    since = clock.now() - JUDGED
    with writing() as connection:
        try:
            newest = store.lock(connection, [datastream_id])[datastream_id]
        except UnknownDatastream:
            return 0
        rules = known.rules_of(connection, [datastream_id]).get(datastream_id, [])
        wanted = [rule for rule in rules if rule.kind == Kind.OUTLIER]
        days = max((rule.count or DAYS for rule in wanted), default=0)
        past = values(connection, datastream_id, since=since - timedelta(days=days), until=since, most=MOST)
        there = values(connection, datastream_id, since=since, until=clock.now() + JUDGED, most=MOST)
        found = _outliers(there, past, wanted)
        set_flags(connection, newest, found)
    return len(found)


def try_out(datastream_id: int, rule: Rule, *, days: int = 30) -> Trial:
    """What the rule would find among the values of the last days, judged by those before; nothing is written."""
    now = clock.now()
    since = now - timedelta(days=days)
    past = values(here(), datastream_id, since=since - timedelta(days=rule.count or DAYS), until=since, most=MOST)
    there = values(here(), datastream_id, since=since, until=now + JUDGED, most=MOST)
    found = [sample for sample, _flags in _outliers(there, past or there, [rule])]
    return Trial(len(there), len(found), found[-5:])


def _outliers(there: Sequence[Sample], past: Sequence[Sample], rules: Sequence[Rule]) -> list[tuple[Sample, int]]:
    usual, found = usual_by_hour(past), []
    for sample in there:
        flags = sample.flags | _flags(sample, usual[clock.local(sample.phenomenon_start).hour], rules)
        if flags != sample.flags:
            found.append((sample, flags))
    return found


def _flags(sample: Sample, usual: Usual | None, rules: Sequence[Rule]) -> int:
    score = usual.score(sample.number) if usual and sample.number is not None else None
    found = Flag(0)
    for rule in rules:
        if score is not None and score > (rule.high or FAR):
            found |= Flag.OUTLIER | (Flag.BAD if rule.bad else Flag(0))
    return int(found)
