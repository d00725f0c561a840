"""The open figures: how much, how fast, what waits, where, when, and what comes next. Worked out at night."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import Any

import h3
from django.db import connection

from stadtkern.core import clock
from stadtkern.core.jobs import job, nightly
from stadtkern.reports.domain import outcomes, times
from stadtkern.reports.domain.charts import draw_all
from stadtkern.reports.domain.figures import TIMES, keep
from stadtkern.reports.domain.forecast import AHEAD, Forecast, forecast
from stadtkern.reports.domain.satisfaction import Satisfaction, satisfaction

STATISTICS, CHARTS = "statistics", "charts"
MONTHS = 36
YEAR = timedelta(days=365)
HOT_CELL = 8  # H3 resolution: cells of about 0.7 km²
MOST_HOT = 12
DAY = 86_400.0
_MONTHLY = """
select to_char(date_trunc('month', {column} at time zone %s), 'YYYY-MM'), count(*)
from reports_report where visibility = 'public' and {column} is not null group by 1
"""
_BY = """
select {column}, count(*) filter (where filed_at >= %s), count(*) filter (where closed_at is null),
 percentile_cont(0.5) within group (order by extract(epoch from closed_at - filed_at)) filter (where {done}),
 percentile_disc(0.8) within group (order by extract(epoch from closed_at - filed_at)) filter (where {done}),
 count(*) filter (where {done}),
 count(*) filter (where {done} and closed_at <= due_at)
from reports_report r where visibility = 'public' and {column} is not null group by 1 order by 2 desc, 1
"""
_DONE = "status = 'done' and closed_at >= %s and closed_at >= filed_at"
_WEEKLY = """
select (date_trunc('week', filed_at at time zone %s))::date, count(*) from reports_report
where visibility = 'public' and filed_at >= %s and filed_at < %s group by 1 order by 1
"""
_RHYTHM = """
select extract({part} from filed_at at time zone %s)::int, count(*) from reports_report
where visibility = 'public' and filed_at >= %s group by 1 order by 1
"""
_CELLS = """
select cell, count(*), avg(lat), avg(lon), mode() within group (order by category_id),
 mode() within group (order by nullif(address, ''))
from reports_report where visibility = 'public' and cell <> '' and filed_at >= %s group by 1
"""


def work_out() -> dict[str, Any]:
    """All figures as plain content; seconds on a hundred thousand reports."""
    now = clock.now()
    return {
        "months": _months(now),
        "outcomes": outcomes.by_month(now, most=MONTHS),
        "satisfaction": _satisfaction(now),
        "groups": _by_group(now),
        "owners": _by("owner_id", now),
        "districts": [row for row in _by("district", now) if row[0]],
        "hot_spots": _hot_spots(now),
        "weekdays": _rhythm("isodow", 7, now),
        "seasons": _rhythm("month", 12, now),
        "forecast": _forecast(now),
        "total": _rows("select count(*) from reports_report where visibility = 'public'", [])[0][0],
    }


def _months(now: datetime) -> list[list[Any]]:
    """[month, filed, closed, open at its end] of the last MONTHS months, oldest first."""
    zone = str(clock.local(now).tzinfo)
    filed, closed = (dict(_rows(_MONTHLY.format(column=name), [zone])) for name in ("filed_at", "closed_at"))
    months, still = [], 0
    for month in _every_month(min(filed, default=f"{clock.local(now):%Y-%m}"), f"{clock.local(now):%Y-%m}"):
        still += filed.get(month, 0) - closed.get(month, 0)
        months.append([month, filed.get(month, 0), closed.get(month, 0), still])
    return months[-MONTHS:]


def _satisfaction(now: datetime) -> dict[str, list[list[Any]]]:
    """[key, asked, yes, no, reopened] by month of MONTHS; by category and by owner of a year."""
    found = satisfaction(since=now - MONTHS * timedelta(days=30))
    year_ago = f"{clock.local(now - YEAR):%Y-%m}"
    lately = [row for row in found if row.month > year_ago]
    return {
        "months": _sums((row.month, row) for row in found),
        "categories": _sums((row.category, row) for row in lately),
        "owners": _sums((row.organisation_id, row) for row in lately),
    }


def _sums(rows: Iterable[tuple[Any, Satisfaction]]) -> list[list[Any]]:
    sums: dict[Any, list[int]] = {}
    for key, row in rows:
        so_far = sums.get(key, [0, 0, 0, 0])
        sums[key] = [a + b for a, b in zip(so_far, (row.asked, row.yes, row.no, row.reopened), strict=True)]
    return [[key, *sums[key]] for key in sorted(sums)]


def _every_month(first: str, last: str) -> Iterator[str]:
    year, month = (int(part) for part in first.split("-"))
    while (key := f"{year:04d}-{month:02d}") <= last:
        yield key
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)


def _rows(sql: str, values: list[Any]) -> list[list[Any]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return [list(row) for row in cursor.fetchall()]


def _by(column: str, now: datetime) -> list[list[Any]]:
    """[key, filed in a year, open now, median days, days for 8 of 10, done in a year, share in due time in %]"""
    since = now - YEAR
    found = _rows(_BY.format(column=column, done=_DONE), [since, since, since, since, since])
    return [[key, filed, open_now, *_speed(*rest)] for key, filed, open_now, *rest in found]


def _speed(median: float | None, most: float | None, done: int, in_time: int) -> list[Any]:
    if done < times.ENOUGH:
        return [None, None, done, None]
    return [round(float(median or 0) / DAY, 1), round(float(most or 0) / DAY, 1), done, round(100 * in_time / done)]


def _by_group(now: datetime) -> list[list[Any]]:
    column = "(select group_id from reports_category c where c.key = r.category_id)"
    return _by(column, now)


def _rhythm(part: str, count: int, now: datetime) -> list[float]:
    """The average count of each weekday (or month) over whole weeks (or years) of the last three years."""
    zone = str(clock.local(now).tzinfo)
    since = now - 3 * YEAR
    found = dict(_rows(_RHYTHM.format(part=part), [zone, since]))
    first = _rows("select min(filed_at) from reports_report where visibility = 'public' and filed_at >= %s", [since])
    days = (now - first[0][0]).days if first[0][0] else 0
    turns = max(1.0, days / (7 if count == 7 else 365))
    return [round(found.get(place, 0) / turns, 1) for place in range(1, count + 1)]


def _hot_spots(now: datetime) -> list[dict[str, Any]]:
    """The H3 cells with most reports of a year: [{cell, count, lat, lon, category, address}]"""
    found: dict[str, dict[str, Any]] = {}
    for cell, count, lat, lon, category, address in _rows(_CELLS, [now - YEAR]):
        parent = h3.cell_to_parent(cell, HOT_CELL) if h3.is_valid_cell(cell) else cell
        spot = found.setdefault(parent, {"cell": parent, "count": 0, "lat": 0.0, "lon": 0.0, "parts": []})
        spot["count"] += count
        spot["lat"] += lat * count
        spot["lon"] += lon * count
        spot["parts"].append((count, category, address or ""))
    hottest = sorted(found.values(), key=lambda spot: (-spot["count"], spot["cell"]))[:MOST_HOT]
    return [_spot(spot) for spot in hottest]


def _spot(spot: dict[str, Any]) -> dict[str, Any]:
    _count, category, address = max(spot["parts"])
    count = spot["count"]
    return {
        "cell": spot["cell"],
        "count": count,
        "lat": round(spot["lat"] / count, 5),
        "lon": round(spot["lon"] / count, 5),
        "category": category,
        "address": address,
    }


def _forecast(now: datetime) -> dict[str, Any]:
    local = clock.local(now)
    this_monday = local.date() - timedelta(days=local.weekday())
    start, end = clock.local(now - 4 * YEAR), local - timedelta(days=local.weekday())
    end = end.replace(hour=0, minute=0, second=0, microsecond=0)
    found = {day: count for day, count in _rows(_WEEKLY, [str(local.tzinfo), start, end])}
    counts, first = _without_gaps(found, until=this_monday)
    told = forecast(counts, last_monday=this_monday - timedelta(days=7))
    return _plain(told, counts, first)


def _without_gaps(found: dict[date, int], *, until: date) -> tuple[list[int], date]:
    """Every whole week from the first one with a report to the last one, weeks without one as 0."""
    whole = sorted(found)[1:]  # the first week is seldom whole
    if not whole:
        return [], until
    weeks = (until - whole[0]).days // 7
    return [found.get(whole[0] + timedelta(days=7 * n), 0) for n in range(weeks)], whole[0]


def _plain(told: Forecast, counts: list[int], first: date) -> dict[str, Any]:
    shown = counts[-26:]
    start = first + timedelta(days=7 * (len(counts) - len(shown)))
    return {
        "weeks": [[week.monday.isoformat(), week.mean, week.low, week.high] for week in told.weeks],
        "history": [[(start + timedelta(days=7 * n)).isoformat(), count] for n, count in enumerate(shown)],
        "seasonal": told.seasonal,
        "learned_from": told.learned_from,
        "ahead": AHEAD,
        "why": told.why,
    }


def renew() -> None:
    """Work out and keep everything that the figures' page and the honest times show."""
    keep(TIMES, times.spans())
    content = work_out()
    keep(STATISTICS, content)
    keep(CHARTS, draw_all(content))


@nightly("reports.statistics")
def nightly_statistics() -> None:
    renew()


@job("reports.statistics_now", retry=1)
def statistics_now() -> None:
    """The first time, asked for by the page itself."""
    renew()
