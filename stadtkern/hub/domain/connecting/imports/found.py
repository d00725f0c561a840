"""What lies in the values a source has brought: from when to when, what is missing, what the rules found.

Counted from the newest values and the daily rollups (fresh within a minute), so it costs the same for millions.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from stadtkern.hub.domain.connection import cursor, here
from stadtkern.hub.models import Connector

MOST_SHOWN = 300
SERIES = """
select d.id, t.name, d.name, d.interval_seconds, n.first_start, n.phenomenon_start, n.count,
       coalesce(r.last - r.first + 1 - r.days, 0), coalesce(r.flagged, 0), coalesce(r.bad, 0)
from hub_datastream d join hub_thing t on t.id = d.thing_id join hub_latest n on n.datastream_id = d.id
left join lateral (
    select min(b.bucket) as first, max(b.bucket) as last, count(*) as days, sum(b.flagged) as flagged, sum(b.bad) as bad
    from hub_daily b where b.datastream_id = d.id and b.count > 0
) r on true
where d.source = %(source)s and n.first_start is not null
order by coalesce(r.bad, 0) desc, coalesce(r.flagged, 0) desc, t.name, d.name, d.id
"""


@dataclass(frozen=True, slots=True)
class FoundSeries:
    """One datastream. `empty_days`: local days without a value between its first and its last.

    `flagged`: values with a finding, the `bad` ones among them.
    """

    id: int
    thing: str
    name: str
    interval_seconds: int | None
    first: datetime
    last: datetime
    count: int
    empty_days: int
    flagged: int
    bad: int

    @property
    def missing(self) -> int:
        """Values that should lie between the first and the last and do not; 0 when nobody said how often they come."""
        if not self.interval_seconds:
            return 0
        expected = round((self.last - self.first).total_seconds() / self.interval_seconds) + 1
        return max(expected - self.count, 0)


@dataclass(frozen=True, slots=True)
class Found:
    """Of all datastreams of a source, those with most findings first."""

    series: Sequence[FoundSeries]

    @property
    def shown(self) -> Sequence[FoundSeries]:
        """As many as a page can hold."""
        return self.series[:MOST_SHOWN]

    @property
    def count(self) -> int:
        return sum(one.count for one in self.series)

    @property
    def missing(self) -> int:
        return sum(one.missing for one in self.series)

    @property
    def share(self) -> int:
        """Percent of the expected values that are there; 100 only when none is missing."""
        return int(100 * self.count / (self.count + self.missing)) if self.count else 0

    @property
    def flagged(self) -> int:
        return sum(one.flagged for one in self.series)

    @property
    def bad(self) -> int:
        return sum(one.bad for one in self.series)


def found_in(connector: Connector) -> Found:
    """One statement; the caller has asked whether the reader looks after this source."""
    rows = cursor(here()).execute(SERIES, {"source": connector.source}).fetchall()
    return Found([FoundSeries(*row) for row in rows])
