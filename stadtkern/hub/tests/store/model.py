"""What a store should say, kept in a dictionary: the slow, obvious truth for its tests."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from stadtkern.hub.domain.readers import EVERYTHING
from stadtkern.hub.domain.store.port import Bucket, ObservationStore, Sample
from stadtkern.hub.models import Latest
from stadtkern.hub.words import Flag

PLACE = ZoneInfo("Europe/Berlin")
SINCE, UNTIL = datetime(2023, 1, 1, tzinfo=UTC), datetime(2032, 1, 1, tzinfo=UTC)
Key = tuple[int, datetime, int]


class Model:
    """Every value by its key."""

    def __init__(self) -> None:
        self.held: dict[Key, Sample] = {}

    def append(self, samples: Iterable[Sample]) -> tuple[int, int]:
        """(created, corrected)"""
        fresh = {key_of(sample): sample for sample in samples}
        corrected = fresh.keys() & self.held.keys()
        for key, sample in fresh.items():
            before = self.held.get(key)
            self.held[key] = replace(sample, id=before.id if before else 0, flags=_flags(before, sample))
        return len(fresh) - len(corrected), len(corrected)

    def numbered(self, samples: Iterable[Sample]) -> None:
        """The store has told the numbers: a value that was there keeps its own."""
        for sample in samples:
            known = self.held[key_of(sample)]
            assert known.id in (0, sample.id)
            known.id = sample.id

    def remove(self, datastream_id: int, since: datetime, until: datetime) -> int:
        gone = [key for key in self.held if key[0] == datastream_id and since <= key[1] < until]
        for key in gone:
            del self.held[key]
        return len(gone)

    def of(self, datastream_id: int) -> list[Sample]:
        return [self.held[key] for key in sorted(self.held) if key[0] == datastream_id]

    def buckets(self, datastream_id: int, start_of: Callable[[datetime], datetime]) -> list[Bucket]:
        parts = defaultdict(list)
        for sample in self.of(datastream_id):
            parts[start_of(sample.phenomenon_start)].append(sample)
        return [_bucket(start, parts[start]) for start in sorted(parts)]


def key_of(sample: Sample) -> Key:
    return sample.datastream_id, sample.phenomenon_start, sample.slot


def hour_of(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)


def day_of(moment: datetime) -> datetime:
    local = moment.astimezone(PLACE)
    return datetime(local.year, local.month, local.day, tzinfo=PLACE)


def check(store: ObservationStore, model: Model, streams: list[int]) -> None:
    """The store says what the model says, of everything."""
    hours, days = defaultdict(list), defaultdict(list)
    for id, bucket in store.hourly(streams, since=SINCE, until=UNTIL, reader=EVERYTHING):
        hours[id].append(bucket)
    for id, bucket in store.daily(streams, since=SINCE.date(), until=UNTIL.date(), reader=EVERYTHING):
        days[id].append(bucket)
    for id in streams:
        held = model.of(id)
        assert list(store.read(id, since=SINCE, until=UNTIL, reader=EVERYTHING)) == held
        assert hours[id] == model.buckets(id, hour_of)
        assert days[id] == model.buckets(id, day_of)
        _check_latest(Latest.objects.get(pk=id), held)


def _check_latest(latest: Latest, held: list[Sample]) -> None:
    results = [sample.result_time for sample in held if sample.result_time]
    expected: dict[str, Any] = {
        "count": len(held),
        "phenomenon_start": max((sample.phenomenon_start for sample in held), default=None),
        "first_start": min((sample.phenomenon_start for sample in held), default=None),
        "last_end": max((sample.phenomenon_end or sample.phenomenon_start for sample in held), default=None),
        "first_result": min(results, default=None),
        "last_result": max(results, default=None),
    }
    assert {name: getattr(latest, name) for name in expected} == expected
    newest = [s for s in held if s.phenomenon_start == latest.phenomenon_start]
    told = (latest.observation_id, latest.number, latest.text, latest.json, latest.flags)
    assert not held or told in [(s.id, s.number, s.text, s.json, s.flags) for s in newest]


def _bucket(start: datetime, samples: list[Sample]) -> Bucket:
    values = [s.number for s in samples if s.number is not None and not s.flags & Flag.BAD]
    return Bucket(
        start=start,
        count=len(samples),
        flagged=sum(bool(s.flags & ~Flag.CHECKED) for s in samples),
        bad=sum(bool(s.flags & Flag.BAD) for s in samples),
        values=len(values),
        mean=sum(values) / len(values) if values else None,
        minimum=min(values, default=None),
        maximum=max(values, default=None),
        first=values[0] if values else None,
        last=values[-1] if values else None,
    )


def _flags(before: Sample | None, sample: Sample) -> int:
    if before is None:
        return sample.flags
    same = (before.number, before.text, before.json) == (sample.number, sample.text, sample.json)
    return sample.flags | (before.flags & Flag.CORRECTED if same else Flag.CORRECTED)


def local(year: int, month: int, day: int, hour: int = 0) -> datetime:
    return datetime(year, month, day, hour, tzinfo=PLACE).astimezone(UTC)


MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
