"""How complete a datastream is: values received against values expected, by local day, and where they are missing."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from stadtkern.core import clock
from stadtkern.hub.domain.connection import cursor, here
from stadtkern.hub.domain.readers import Reader
from stadtkern.hub.domain.store.postgres import PostgresStore
from stadtkern.hub.domain.store.reading import midnight

DAY = timedelta(days=1)
TOLERANCE = 1.5  # a value may be half an interval late before it is missing
MOST_GAPS = 500
INTERVALS = "select d.id, d.interval_seconds from hub_datastream d where d.id = any(%(ids)s) and {sees}"
GAPS = """
select left_out.since, left_out.until from (
    select phenomenon_start as until, lag(phenomenon_start) over (order by phenomenon_start) as since
    from (
        select %(since)s::timestamptz as phenomenon_start
        union all
        select distinct o.phenomenon_start from hub_observation o
        join hub_datastream d on d.id = o.datastream_id
        where o.datastream_id = %(id)s and {sees}
          and o.phenomenon_start >= %(since)s and o.phenomenon_start < %(until)s
        union all
        select %(until)s::timestamptz
    ) moments
) left_out
where left_out.until - left_out.since > %(longest)s order by 1 limit %(most)s
"""


@dataclass(frozen=True, slots=True)
class DayShare:
    """One local day of a datastream. `expected` is None when nobody said how often values come."""

    datastream_id: int
    day: date
    received: int
    bad: int
    expected: int | None

    @property
    def share(self) -> float | None:
        """0 to 1; more values than expected are no more than complete."""
        return None if not self.expected else min(self.received / self.expected, 1.0)


def by_day(datastream_ids: Sequence[int], *, since: date, until: date, reader: Reader) -> Iterator[DayShare]:
    """Every day with since <= day < until, also those without any value; only what the reader sees."""
    intervals = _intervals(datastream_ids, reader)
    counted = {
        (id, clock.local(bucket.start).date()): bucket
        for id, bucket in PostgresStore().daily(sorted(intervals), since=since, until=until, reader=reader)
    }
    for id, interval in sorted(intervals.items()):
        for n in range((until - since).days):
            day = since + n * DAY
            bucket = counted.get((id, day))
            received, bad = (bucket.count, bucket.bad) if bucket else (0, 0)
            yield DayShare(id, day, received, bad, expected_on(day, interval))


def expected_on(day: date, interval_seconds: int | None) -> int | None:
    """How many values should come on a local day (of 23, 24 or 25 hours); today only until now."""
    if not interval_seconds:
        return None
    start = midnight(day)
    end = min(midnight(day + DAY), max(start, clock.now()))
    return int((end - start).total_seconds() // interval_seconds)


def gaps(datastream_id: int, *, since: datetime, until: datetime, reader: Reader) -> list[tuple[datetime, datetime]]:
    """Where more than one and a half intervals lie between two values (or the edges), at most MOST_GAPS.

    Nothing without an interval, or when the reader does not see the datastream.
    """
    interval = _intervals([datastream_id], reader).get(datastream_id)
    if not interval:
        return []
    asked: dict[str, Any] = {
        "id": datastream_id,
        "since": since,
        "until": min(until, clock.now()),
        "longest": timedelta(seconds=interval * TOLERANCE),
        "most": MOST_GAPS,
    }
    statement = GAPS.format(sees=reader.sees_datastream("d"))
    return cursor(here()).execute(statement, asked | dict(reader.parameters)).fetchall()  # type: ignore[return-value]


def _intervals(datastream_ids: Sequence[int], reader: Reader) -> dict[int, int | None]:
    statement = INTERVALS.format(sees=reader.sees_datastream("d"))
    asked = {"ids": list(datastream_ids), **reader.parameters}
    return dict(cursor(here()).execute(statement, asked).fetchall())
