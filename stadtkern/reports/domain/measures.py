"""Figures reports can give about themselves, for a span of time; and their rows as open data."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import F, Q

from stadtkern.core.languages import pick
from stadtkern.reports.domain.catalogue import catalogue
from stadtkern.reports.domain.outcomes import outcome_of
from stadtkern.reports.models import Report
from stadtkern.reports.words import Status, Visibility

DAY = 86_400.0
CHUNK = 2_000
COLUMNS = {
    "id": "integer",
    "kind": "string",
    "category": "string",
    "category_name": "string",
    "group": "string",
    "status": "string",
    "district": "string",
    "lat": "number",
    "lon": "number",
    "owner": "string",
    "filed_at": "datetime",
    "due_at": "datetime",
    "closed_at": "datetime",
    "reason": "string",
    "outcome": "string",
    "support": "integer",
}


def median_days(since: datetime, until: datetime) -> float | None:
    """Half of the matters done in this time took at most so many days."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select percentile_cont(0.5) within group (order by extract(epoch from closed_at - filed_at))"
            " from reports_report where status = 'done' and closed_at >= %s and closed_at < %s"
            " and closed_at >= filed_at",
            [since, until],
        )
        seconds = cursor.fetchone()[0]
    return None if seconds is None else round(float(seconds) / DAY, 2)


def share_in_time(since: datetime, until: datetime) -> float | None:
    """Percent of the matters done in this time that were done by their due day."""
    done = Report.objects.filter(status=Status.DONE, closed_at__gte=since, closed_at__lt=until, due_at__isnull=False)
    if not (count := done.count()):
        return None
    return round(100 * done.filter(closed_at__lte=F("due_at")).count() / count, 1)


def open_count(since: datetime, until: datetime) -> float | None:
    """Matters that were open at the end of this time."""
    still = Q(closed_at__isnull=True) | Q(closed_at__gte=until)
    return float(Report.objects.filter(still, filed_at__lt=until).count())


def open_rows() -> Iterator[Mapping[str, Any]]:
    """Every public report without a word that anybody typed."""
    book = catalogue()
    public = Report.objects.filter(visibility=Visibility.PUBLIC).order_by("pk")
    fields = ("id", "kind", "category_id", "status", "district", "lat", "lon", "owner_id", "filed_at", "due_at")
    rows = public.values(*fields, "closed_at", "reason_id", "support_count")
    for row in rows.iterator(chunk_size=CHUNK):
        category = book.categories.get(row.pop("category_id"))
        owner = book.organisations.get(row.pop("owner_id"))
        yield row | {
            "category": category.key if category else "",
            "category_name": pick(category.name, "de") if category else "",
            "group": category.group_id if category else "",
            "owner": owner.key if owner else "",
            "outcome": outcome_of(row["status"], book.reasons.get(row["reason_id"])),
            "reason": row.pop("reason_id") or "",
            "support": row.pop("support_count"),
        }
