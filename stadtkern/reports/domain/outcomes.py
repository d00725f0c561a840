"""How matters end: done, referred to who is in charge, joined to an earlier one, or declined.

A "no" counts as its reason says (`counts_as` in the pack's reasons.toml): who is told the right house was not refused.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import connection

from stadtkern.core import clock
from stadtkern.reports.models import Reason
from stadtkern.reports.words import Status

DONE, REFERRED, DUPLICATE, DECLINED = "done", "referral", "duplicate", "declined"
OUTCOMES = (DONE, REFERRED, DUPLICATE, DECLINED)
_MONTHLY = """
select to_char(date_trunc('month', r.closed_at at time zone %s), 'YYYY-MM'),
 case when r.status = 'done' then 'done' else coalesce(n.counts_as, 'declined') end, count(*)
from reports_report r left join reports_reason n on n.key = r.reason_id
where r.visibility = 'public' and r.closed_at is not null group by 1, 2
"""


def outcome_of(status: str, reason: Reason | None) -> str:
    """One of OUTCOMES, or "" while the matter is open."""
    if status == Status.DONE:
        return DONE
    if status != Status.REJECTED:
        return ""
    return reason.counts_as if reason else DECLINED


def by_month(now: datetime, *, most: int) -> list[list[Any]]:
    """[month, done, referred, duplicate, declined] of the last `most` months in which something ended."""
    found: dict[str, dict[str, int]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_MONTHLY, [str(clock.local(now).tzinfo)])
        for month, outcome, count in cursor.fetchall():
            found.setdefault(month, {})[outcome] = count
    return [_line(month, found[month]) for month in sorted(found)[-most:]]


def _line(month: str, counts: Mapping[str, int]) -> list[Any]:
    return [month, *(counts.get(outcome, 0) for outcome in OUTCOMES)]
