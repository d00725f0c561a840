"""The checks themselves: values of one datastream in the order of time, and what the rules say of each.

Range, step ("rate of change"), stuck ("flat line") and gap are the common tests of the Manual for Real-Time Quality
Control (QARTOD, IOOS) and of WMO No. 8, part V, chapter 1; limits come from whoever knows the instrument.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from stadtkern.hub.domain.store.port import Sample
from stadtkern.hub.domain.store.slots import UNIQUE
from stadtkern.hub.models import QualityRule
from stadtkern.hub.words import Flag

Kind = QualityRule.Kind
FLAGS: dict[str, Flag] = {
    Kind.RANGE: Flag.RANGE,
    Kind.STEP: Flag.STEP,
    Kind.STUCK: Flag.STUCK,
    Kind.GAP: Flag.GAP,
    Kind.DUPLICATE: Flag.DUPLICATE,
    Kind.DRIFT: Flag.DRIFT,
    Kind.LATE: Flag.LATE,
    Kind.OUTLIER: Flag.OUTLIER,
}
OF_SERIES = Flag.RANGE | Flag.STEP | Flag.STUCK | Flag.GAP  # can be judged again at any time from the values alone
OF_ARRIVAL = Flag.DUPLICATE | Flag.DRIFT | Flag.LATE | Flag.CORRECTED  # known once, when the value came


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A QualityRule as the checks read it; `seconds` of a gap is never empty when the interval is known."""

    kind: str
    bad: bool = False
    low: float | None = None
    high: float | None = None
    seconds: float | None = None
    count: int | None = None


@dataclass(slots=True)
class Trail:
    """What came before a value: the value before it, and since when (and how often) that one has been the same.

    `stuck`: it was judged to stand still already, so the length of the run need not be known.
    """

    start: datetime | None = None
    number: float | None = None
    run: int = 0
    run_since: datetime | None = None
    stuck: bool = False

    def take(self, sample: Sample) -> None:
        same = self.run > 0 and sample.number == self.number
        self.run = self.run + 1 if same else 1
        self.run_since = self.run_since if same else sample.phenomenon_start
        self.stuck = self.stuck and same
        self.start, self.number = sample.phenomenon_start, sample.number


@dataclass(slots=True)
class Walk:
    """One datastream, value after value. `received`: when the judged values came; None judges the series alone."""

    rules: Sequence[Rule]
    received: datetime | None = None
    trail: Trail = field(default_factory=Trail)
    _here: list[Sample] = field(default_factory=list)

    def pass_by(self, sample: Sample) -> None:
        """A value that is known and not judged."""
        if self._here and sample.phenomenon_start > self._here[-1].phenomenon_start:
            self.trail.take(self._here[-1])
            self._here.clear()
        self._here.append(sample)

    def judge(self, sample: Sample) -> int:
        """The flags of this value; it is not older than the one before."""
        twin = self._twin(sample)
        self.pass_by(sample)
        kept, first = _kept(twin, sample), self.received if twin is None else None
        repeated = Flag.DUPLICATE if twin is not None and _is_equal(twin, sample) else Flag(0)
        found = Flag.CHECKED | kept
        for rule in self.rules:
            flag = FLAGS[rule.kind]
            if FINDERS[rule.kind](rule, sample, self.trail, first) or flag & (kept | repeated):
                found |= flag | (Flag.BAD if rule.bad else Flag(0))
        return int(found)

    def _twin(self, sample: Sample) -> Sample | None:
        """The value that was there for this very moment."""
        same = [one for one in self._here if one.phenomenon_start == sample.phenomenon_start]
        if sample.slot == UNIQUE:
            return next((one for one in reversed(same) if _is_equal(one, sample)), None)
        return next((one for one in reversed(same) if one.slot == sample.slot), None)


ALONE = (Kind.RANGE, Kind.DUPLICATE, Kind.OUTLIER)  # say nothing of a new value but what it says itself


def all_pass(rules: Sequence[Rule], numbers: Sequence[float]) -> bool:
    """New numbers that are all inside the limits, judged at once: each is CHECKED and nothing else.

    False also where a rule looks at the values beside; then they are judged one by one.
    """
    if not numbers or any(rule.kind not in ALONE for rule in rules):
        return False
    low, high = min(numbers), max(numbers)
    limits = [rule for rule in rules if rule.kind == Kind.RANGE]
    return all((one.low is None or low >= one.low) and (one.high is None or high <= one.high) for one in limits)


def _kept(twin: Sample | None, sample: Sample) -> Flag:
    """What is said already of the value that was there, by how it came; another value now is a correction."""
    if twin is None:
        return Flag(0)
    if not _is_equal(twin, sample):
        return Flag.CORRECTED
    if sample.slot == UNIQUE:
        return Flag(0)
    return Flag(twin.flags) & (OF_ARRIVAL | Flag.OUTLIER)


def _is_equal(one: Sample, other: Sample) -> bool:
    return (one.number, one.text, one.json) == (other.number, other.text, other.json)


def is_forecast(sample: Sample) -> bool:
    """Made before what it speaks of: its time lies ahead rightly."""
    return sample.result_time is not None and sample.result_time < sample.phenomenon_start


def _out_of_range(rule: Rule, sample: Sample, trail: Trail, received: datetime | None) -> bool:
    if sample.number is None:
        return False
    too_low = rule.low is not None and sample.number < rule.low
    return too_low or (rule.high is not None and sample.number > rule.high)


def _steps(rule: Rule, sample: Sample, trail: Trail, received: datetime | None) -> bool:
    if sample.number is None or trail.number is None or trail.start is None or rule.high is None:
        return False
    change = abs(sample.number - trail.number)
    if not rule.seconds:
        return change > rule.high
    return change * rule.seconds > rule.high * (sample.phenomenon_start - trail.start).total_seconds()


def _stands_still(rule: Rule, sample: Sample, trail: Trail, received: datetime | None) -> bool:
    if sample.number is None or trail.run == 0 or sample.number != trail.number or trail.run_since is None:
        return False
    if trail.stuck or (rule.count and trail.run + 1 >= rule.count):
        return True
    return bool(rule.seconds) and sample.phenomenon_start - trail.run_since >= timedelta(seconds=rule.seconds or 0)


def _after_a_gap(rule: Rule, sample: Sample, trail: Trail, received: datetime | None) -> bool:
    if rule.seconds is None or trail.start is None:
        return False
    return sample.phenomenon_start - trail.start > timedelta(seconds=rule.seconds)


def _runs_ahead(rule: Rule, sample: Sample, trail: Trail, received: datetime | None) -> bool:
    """A time that is not over yet: of what was measured, or of the result (also of a forecast)."""
    if received is None:
        return False
    latest = received + timedelta(seconds=rule.seconds or 0)
    ahead = sample.phenomenon_start > latest and not is_forecast(sample)
    return ahead or (sample.result_time is not None and sample.result_time > latest)


def _comes_late(rule: Rule, sample: Sample, trail: Trail, received: datetime | None) -> bool:
    if received is None or rule.seconds is None:
        return False
    return received - (sample.phenomenon_end or sample.phenomenon_start) > timedelta(seconds=rule.seconds)


def _never(rule: Rule, sample: Sample, trail: Trail, received: datetime | None) -> bool:
    """Outliers are found by a job, duplicates by looking at the moment itself."""
    return False


Finder = Callable[[Rule, Sample, Trail, datetime | None], bool]
FINDERS: dict[str, Finder] = {
    Kind.RANGE: _out_of_range,
    Kind.STEP: _steps,
    Kind.STUCK: _stands_still,
    Kind.GAP: _after_a_gap,
    Kind.DRIFT: _runs_ahead,
    Kind.LATE: _comes_late,
    Kind.DUPLICATE: _never,
    Kind.OUTLIER: _never,
}


def judge_again(rules: Sequence[Rule], known: Iterable[Sample], *, since: datetime) -> Iterator[tuple[Sample, int]]:
    """Values from `since` on whose flags differ now, with the new flags; those before are only looked at.

    What is known only from the arrival stays as it is, and what a job found (OUTLIER) too.
    """
    walk = Walk(rules)
    for sample in known:
        if sample.phenomenon_start < since:
            walk.pass_by(sample)
            continue
        flags = walk.judge(sample)
        again = _merged(rules, Flag(sample.flags), Flag(flags))
        if again != sample.flags:
            yield sample, again


def _merged(rules: Sequence[Rule], old: Flag, new: Flag) -> int:
    by_job = Flag.OUTLIER if any(rule.kind == Kind.OUTLIER for rule in rules) else Flag(0)
    kept = old & (OF_ARRIVAL | by_job)
    bad = any(rule.bad and kept & FLAGS[rule.kind] for rule in rules)
    found = kept | (new & (OF_SERIES | Flag.BAD)) | (Flag.CHECKED if rules else Flag(0))
    return int(found | Flag.BAD if bad else found)
