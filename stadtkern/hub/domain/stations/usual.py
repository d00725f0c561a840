"""What is usual at this hour: between which values eight of ten hourly means of the last thirty days lie.

Counted are the local hour of now and its two neighbours. With fewer than seven days nobody says what is usual.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import quantiles

from django.core.cache import cache

from stadtkern.core import clock
from stadtkern.hub.domain.readers import EVERYTHING
from stadtkern.hub.domain.store.port import Bucket
from stadtkern.hub.domain.store.postgres import PostgresStore

DAYS, FEWEST_DAYS = 30, 7
KEPT_SECONDS = 1_800
HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Usual:
    """The tenth and the ninetieth percentile, in the unit of the datastream, and of how many days."""

    low: float
    high: float
    days: int


def usual_now(datastream_ids: Sequence[int], *, now: datetime | None = None) -> dict[int, Usual]:
    """What is usual of each; for the caller who has asked whether the reader may see them. One statement, kept."""
    moment = (now or clock.now()).replace(minute=0, second=0, microsecond=0)
    keys = {id: f"hub.usual.{id}.{moment.timestamp():.0f}" for id in datastream_ids}
    kept = cache.get_many(list(keys.values()))
    missing = [id for id, key in keys.items() if key not in kept]
    if missing:
        fresh = {keys[id]: found for id, found in _computed(missing, moment).items()}
        cache.set_many(fresh, KEPT_SECONDS)
        kept |= fresh
    return {id: kept[key] for id, key in keys.items() if kept.get(key) is not None}


def _computed(datastream_ids: Sequence[int], moment: datetime) -> dict[int, Usual | None]:
    hours: dict[int, list[Bucket]] = {id: [] for id in datastream_ids}
    around = {clock.local(moment + n * HOUR).hour for n in (-1, 0, 1)}
    since = moment - timedelta(days=DAYS)
    for id, bucket in PostgresStore().hourly(datastream_ids, since=since, until=moment, reader=EVERYTHING):
        if clock.local(bucket.start).hour in around:
            hours[id].append(bucket)
    return {id: usual_of((bucket.start, bucket.mean) for bucket in buckets) for id, buckets in hours.items()}


def usual_of(means: Iterable[tuple[datetime, float | None]]) -> Usual | None:
    """Of hourly means with their moments; None when they come from too few days."""
    numbers: list[float] = []
    days: set[date] = set()
    for start, mean in means:
        if mean is not None:
            numbers.append(mean)
            days.add(clock.local(start).date())
    if len(days) < FEWEST_DAYS:
        return None
    tenths = quantiles(numbers, n=10, method="inclusive")
    return Usual(tenths[0], tenths[-1], len(days))
