"""Honest times: in how many days a kind of matter really ends, per organisation, from what really happened."""

import math
from dataclasses import dataclass
from datetime import timedelta

from django.db import connection

from stadtkern.core import clock

LOOK_BACK = timedelta(days=365)
ENOUGH = 10  # below this a share of ten would be made up
_SPANS = """
select category_id, case when grouping(owner_id) = 1 then 0 else owner_id end, count(*),
 percentile_cont(0.5) within group (order by extract(epoch from closed_at - filed_at)),
 percentile_disc(0.8) within group (order by extract(epoch from closed_at - filed_at))
from reports_report where status = 'done' and visibility = 'public' and closed_at >= %s and closed_at >= filed_at
group by grouping sets ((category_id, owner_id), (category_id))
having count(*) >= %s
"""
EVERYBODY = 0
DAY = 86_400


@dataclass(frozen=True, slots=True)
class Span:
    """Of `count` matters that ended in the last year, half took `median_days`, eight of ten `most_days`."""

    count: int
    median_days: int
    most_days: int
    of_owner: bool


def spans() -> dict[str, list[int]]:
    """ "category/owner" -> [count, median days, days for 8 of 10]; owner 0 stands for all. One pass over a year."""
    with connection.cursor() as cursor:
        cursor.execute(_SPANS, [clock.now() - LOOK_BACK, ENOUGH])
        return {
            f"{category}/{owner}": [count, _days(median), _days(most)]
            for category, owner, count, median, most in cursor.fetchall()
        }


def _days(seconds: float) -> int:
    """Whole days, never fewer than one: nobody is told "0 days"."""
    return max(1, math.ceil(float(seconds) / DAY))


def span_for(category: str, owner_id: int, kept: dict[str, list[int]]) -> Span | None:
    """The owner's own times when there are enough of them, else those of everybody, else nothing."""
    for owner in (owner_id, EVERYBODY):
        if found := kept.get(f"{category}/{owner}"):
            count, median, most = found
            return Span(count, median, most, of_owner=owner != EVERYBODY)
    return None
