"""Lists of public reports for machines: a frozen question, one query, plain rows."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.conf import settings
from django.utils.translation import gettext as _

from stadtkern.core import quick
from stadtkern.core.languages import pick
from stadtkern.core.problems import BadQuery
from stadtkern.reports.api.moments import in_utc
from stadtkern.reports.api.pictures import picture_url
from stadtkern.reports.domain.catalogue import Catalogue, catalogue
from stadtkern.reports.domain.queries import Cursor, ListQuery
from stadtkern.reports.domain.searching import in_shown_words
from stadtkern.reports.words import CLOSED, Kind, Status

MOST = 200
STATES = {"open": sorted(set(Status) - CLOSED), "closed": sorted(CLOSED)} | {str(one): [one] for one in Status}
PICTURE = """case when r.photo_count > 0 then (
    select i.id::text || ' ' || i.base from reports_photo p join media_image i on i.id = p.image_id
    where p.report_id = r.id and i.state = 'public' and i.base <> '' order by p.position, p.id limit 1) end"""
COLUMNS = f"""r.id, r.kind, r.category_id, r.status, coalesce(nullif(r.public_text, ''), r.text), r.address, r.district,
    r.lat, r.lon, r.owner_id, {in_utc("r.filed_at")}, {in_utc("r.changed_at")}, {in_utc("r.due_at")},
    {in_utc("r.closed_at")}, r.support_count, {PICTURE}, (extract(epoch from r.filed_at) * 1000000)::bigint"""
CONDITIONS = {
    "category": "r.category_id = %(category)s",
    "group": "r.category_id = any(%(of_group)s)",
    "kind": "r.kind = %(kind)s",
    "status": "r.status = any(%(states)s)",
    "district": "r.district = %(district)s",
    "since": "r.filed_at >= %(since)s",
    "changed_since": "r.changed_at >= %(changed_since)s",
    "box": "r.lat between %(south)s and %(north)s and r.lon between %(west)s and %(east)s",
    "q": in_shown_words("%(q)s"),
    "after": "(r.filed_at, r.id) < (%(after_at)s, %(after_id)s)",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportsQuery:
    """Which public reports, newest first; every field given must hold."""

    category: str = ""
    group: str = ""
    kind: str = ""
    status: str = ""
    district: str = ""
    q: str = ""
    since: datetime | None = None
    changed_since: datetime | None = None
    box: tuple[float, float, float, float] | None = None
    after: Cursor | None = None
    limit: int = 50

    def prove(self) -> "ReportsQuery":
        """Itself; BadQuery names the first field whose value does not exist."""
        book = catalogue()
        known: dict[str, Iterable[str]] = {
            "category": book.categories,
            "group": book.groups,
            "kind": Kind.values,
            "status": STATES,
        }
        for name, values in known.items():
            if (value := getattr(self, name)) and value not in values:
                raise BadQuery(_("%(name)s=%(value)s gibt es nicht.") % {"name": name, "value": value[:60]})
        return self


def cursor_of(text: str) -> Cursor | None:
    """The place in the list that an earlier answer gave as `next`; BadQuery for anything else."""
    return ListQuery.parse({"after": text}).after if text else None


def box_of(text: str) -> tuple[float, float, float, float] | None:
    """west,south,east,north in degrees (EPSG:4326)."""
    if not text:
        return None
    wrong = BadQuery(_("bbox braucht vier Zahlen: west,süd,ost,nord in Grad."))
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError as error:
        raise wrong from error
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise wrong
    return west, south, east, north


class Row(NamedTuple):
    """A public report; moments are written in UTC, `micros` is the filing in microseconds since 1970."""

    id: int
    kind: str
    category: str
    status: str
    text: str
    address: str
    district: str
    lat: float | None
    lon: float | None
    owner_id: int
    filed_at: str
    changed_at: str
    due_at: str | None
    closed_at: str | None
    supports: int
    picture: str | None
    micros: int


def list_reports(query: ReportsQuery) -> tuple[list[Row], str | None]:
    """One page and the cursor behind it, one query."""
    where = ["r.visibility = 'public'", *(sql for name, sql in CONDITIONS.items() if getattr(query, name))]
    limit = max(1, min(query.limit, MOST))
    sql = f"select {COLUMNS} from reports_report r where {' and '.join(where)} "  # noqa: S608  only constants
    rows = _rows(sql + "order by r.filed_at desc, r.id desc limit %(limit)s", _given(query) | {"limit": limit + 1})
    if len(rows) <= limit:
        return rows, None
    last = rows[limit - 1]
    return rows[:limit], str(Cursor(last.micros, last.id))


def one_report(report_id: int) -> Row | None:
    sql = f"select {COLUMNS} from reports_report r where r.visibility = 'public' and r.id = %(id)s"  # noqa: S608
    return next(iter(_rows(sql, {"id": report_id})), None)


def _given(query: ReportsQuery) -> dict[str, Any]:
    west, south, east, north = query.box or (None,) * 4
    return {
        "category": query.category,
        "of_group": [row.key for row in catalogue().of_group(query.group)],
        "kind": query.kind,
        "states": [str(state) for state in STATES.get(query.status, [])],
        "district": query.district,
        "since": query.since,
        "changed_since": query.changed_since,
        "west": west,
        "south": south,
        "east": east,
        "north": north,
        "q": query.q,
        "after_at": query.after and query.after.moment,
        "after_id": query.after and query.after.id,
    }


def _rows(sql: str, given: dict[str, Any]) -> list[Row]:
    found = quick.rows(sql, given)  # type: ignore[arg-type]  # psycopg takes names as well
    return [Row(*row) for row in found]


def shown(row: Row, book: Catalogue, language: str | None = None) -> dict[str, Any]:
    """The row as ReportOut."""
    category = book.categories[row.category]
    return {
        "id": row.id,
        "kind": row.kind,
        "category": row.category,
        "category_name": pick(category.name, language),
        "group": category.group_id,
        "status": row.status,
        "is_open": row.status not in CLOSED,
        "text": row.text,
        "address": row.address,
        "district": row.district,
        "lat": row.lat,
        "lon": row.lon,
        "owner": book.organisations[row.owner_id].key,
        "filed_at": row.filed_at,
        "changed_at": row.changed_at,
        "due_at": row.due_at,
        "closed_at": row.closed_at,
        "supports": row.supports,
        "photo_url": picture_url(row.picture) or None,
        "url": address_of(row.id),
    }


def address_of(report_id: int) -> str:
    return f"{settings.BASE_URL}/meldungen/{report_id}/"
