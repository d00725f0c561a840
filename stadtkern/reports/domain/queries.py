"""What everybody may read of the reports: a frozen question, and the few queries that answer it.

Public pages are read far more often than anything is written, so these are plain SQL rows and no object graph.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.db import connection
from django.utils.translation import gettext as _

from stadtkern.core import quick
from stadtkern.core.problems import BadQuery
from stadtkern.reports.domain.catalogue import catalogue
from stadtkern.reports.domain.searching import in_shown_words
from stadtkern.reports.words import CLOSED, Kind, Status, Visibility

PAGE = 20
MOST = 500
LONGEST_SEARCH = 120
SINGLE_STATES = {str(status): (str(status),) for status in Status}
STATES = {
    "offen": tuple(sorted(set(Status) - CLOSED)),
    "abgeschlossen": tuple(sorted(CLOSED)),
    **SINGLE_STATES,
}
# field of the question -> parameter of the address
NAMES = {
    "group": "gruppe",
    "category": "kategorie",
    "kind": "art",
    "state": "status",
    "district": "bezirk",
    "reason": "grund",
    "text": "suche",
}
CURSOR = re.compile(r"(\d{1,17})-(\d{1,19})")


class Cursor(NamedTuple):
    """The last row of the page before: its moment in microseconds since 1970, and its id."""

    micros: int
    id: int

    @property
    def moment(self) -> datetime:
        return datetime.fromtimestamp(self.micros / 1_000_000, UTC)

    def __str__(self) -> str:
        return f"{self.micros}-{self.id}"


@dataclass(frozen=True, slots=True)
class ListQuery:
    """Which public reports: every field given must hold."""

    group: str = ""
    category: str = ""
    kind: str = ""
    state: str = ""
    district: str = ""
    reason: str = ""
    text: str = ""
    after: Cursor | None = None

    @classmethod
    def parse(cls, params: Mapping[str, str], *, also: Iterable[str] = ()) -> "ListQuery":
        """Read the parameters of an address; raises BadQuery naming the first that makes no sense."""
        if strange := set(params) - {*NAMES.values(), "after", *also}:
            raise BadQuery(_("Unbekannte Angabe: %(names)s") % {"names": ", ".join(sorted(strange))})
        given = {field: _tidy(params.get(name, "")) for field, name in NAMES.items()}
        query = cls(**given, after=_cursor(params.get("after", "")))
        query._prove()
        return query

    def _prove(self) -> None:
        book = catalogue()
        known: dict[str, Iterable[str]] = {
            "group": book.groups,
            "category": book.categories,
            "kind": Kind.values,
            "state": STATES,
            "reason": book.reasons,
        }
        for field, values in known.items():
            if (value := getattr(self, field)) and value not in values:
                raise BadQuery(_("%(name)s=%(value)s gibt es nicht.") % {"name": NAMES[field], "value": value[:60]})
        if len(self.text) > LONGEST_SEARCH:
            raise BadQuery(_("Bitte suchen Sie mit höchstens %(most)s Zeichen.") % {"most": LONGEST_SEARCH})
        if self.district and not re.fullmatch(r"[a-z0-9-]{1,60}", self.district):
            raise BadQuery(_("Diesen Bezirk gibt es nicht."))

    @property
    def is_filtered(self) -> bool:
        return any(getattr(self, field) for field in NAMES)

    def first_page(self) -> "ListQuery":
        return replace(self, after=None)

    def address(self, **changes: str) -> str:
        """The parameters as they stand in an address, "" when there are none."""
        chosen = {name: changes.get(field, getattr(self, field)) for field, name in NAMES.items()}
        return urlencode({name: value for name, value in chosen.items() if value})


def _tidy(value: str) -> str:
    return "".join(sign for sign in value if sign.isprintable()).strip()


def _cursor(value: str) -> Cursor | None:
    if not value:
        return None
    found = CURSOR.fullmatch(value)
    if not found or int(found[1]) > 4_102_444_800_000_000 or int(found[2]) >= 2**63:  # the year 2100; bigint
        raise BadQuery(_("Diese Seite der Liste gibt es nicht. Bitte beginnen Sie von vorn."))
    return Cursor(int(found[1]), int(found[2]))


def where(query: ListQuery) -> tuple[str, list[Any]]:
    """The condition on reports_report r, without paging."""
    parts, values = ["r.visibility = 'public'"], list[Any]()
    if query.category:
        parts.append("r.category_id = %s")
        values.append(query.category)
    elif query.group:
        parts.append("r.category_id = any(%s)")
        values.append([category.key for category in catalogue().of_group(query.group)])
    for column, value in (("kind", query.kind), ("district", query.district), ("reason_id", query.reason)):
        if value:
            parts.append(f"r.{column} = %s")
            values.append(value)
    if query.state:
        states = STATES[query.state]
        parts.append("r.status = %s" if len(states) == 1 else "r.status = any(%s)")
        values.append(states[0] if len(states) == 1 else list(states))
    if query.text:
        parts.append(_TEXT if not query.text.lstrip("#").isdecimal() else f"({_TEXT} or r.id = %s)")
        values += [query.text, query.text]
        if query.text.lstrip("#").isdecimal():
            values.append(min(int(query.text.lstrip("#")), 2**62))
    return " and ".join(parts), values


_TEXT = in_shown_words("%s")
_COLUMNS = """r.id, r.version, r.kind, r.category_id as category,
 left(coalesce(nullif(r.public_text, ''), r.text), 260) as text, r.address, r.district, r.status, r.filed_at,
 r.changed_at, r.support_count, r.owner_id, r.lat, r.lon, ph.image"""
_PHOTO = """left join lateral (
 select concat(i.id::text, '/', i.base) as image from reports_photo p join media_image i on i.id = p.image_id
 where p.report_id = r.id and i.state = 'public' and i.base <> '' order by p.position, p.id limit 1
) ph on r.photo_count > 0"""

_PICTURED = """
select p.report_id, i.id::text, i.base, i.state from reports_photo p join media_image i on i.id = p.image_id
where p.report_id = any(%s) order by p.report_id, p.position, p.id
"""


class Row(NamedTuple):
    """A public report as lists, feeds and maps show it. `image` is id/base of its first public photo."""

    id: int
    version: int
    kind: str
    category: str
    text: str
    address: str
    district: str
    status: str
    filed_at: datetime
    changed_at: datetime
    support_count: int
    owner_id: int
    lat: float | None
    lon: float | None
    image: str | None

    @property
    def cursor(self) -> Cursor:
        return Cursor(int(self.filed_at.timestamp() * 1_000_000), self.id)


@dataclass(frozen=True, slots=True)
class Rows:
    """One page of a list; `next` is the cursor behind it."""

    items: list[Row]
    next: str | None


def list_reports(query: ListQuery, *, limit: int = PAGE) -> Rows:
    """The newest public reports that fit, one query."""
    limit = max(1, min(limit, MOST))
    condition, values = _page_of(query)
    sql = (
        f"select {_COLUMNS} from reports_report r {_PHOTO} "  # noqa: S608  the parts are ours, values are parameters
        f"where {condition} order by r.filed_at desc, r.id desc limit %s"
    )
    rows = [Row(*row) for row in quick.rows(sql, [*values, limit + 1])]
    return Rows(rows[:limit], str(rows[limit - 1].cursor) if len(rows) > limit else None)


def list_stamp(query: ListQuery, *, limit: int = PAGE) -> tuple[Any, ...]:
    """What a page of this list depends on, at a fraction of its price: equal stamps, equal rows."""
    condition, values = _page_of(query)
    sql = (
        "select r.id, r.version, r.support_count, r.photo_count from reports_report r "  # noqa: S608
        f"where {condition} order by r.filed_at desc, r.id desc limit %s"
    )
    rows = quick.rows(sql, [*values, limit + 1])
    pictured = [row[0] for row in rows if row[3]]
    return (*rows, *(quick.rows(_PICTURED, [pictured]) if pictured else ()))


def _page_of(query: ListQuery) -> tuple[str, list[Any]]:
    condition, values = where(query)
    if query.after:
        condition += " and (r.filed_at, r.id) < (%s, %s)"
        values += [query.after.moment, query.after.id]
    return condition, values


def reports_by_id(ids: Iterable[int], *, also_unpublished: bool = False) -> list[Row]:
    """Reports by their numbers, newest first; only staff may see those that wait for their release."""
    seen = [Visibility.PUBLIC, Visibility.CHECKING] if also_unpublished else [Visibility.PUBLIC]
    with connection.cursor() as cursor:
        cursor.execute(
            f"select {_COLUMNS} from reports_report r {_PHOTO} where r.visibility = any(%s) and r.id = any(%s) "  # noqa: S608
            "order by r.filed_at desc, r.id desc",
            [seen, list(ids)],
        )
        return [Row(*row) for row in cursor.fetchall()]


def count_up_to(query: ListQuery, most: int) -> int:
    """How many public reports fit; counting stops at `most`."""
    condition, values = where(query.first_page())
    with connection.cursor() as cursor:
        cursor.execute(
            f"select count(*) from (select 1 from reports_report r where {condition} limit %s) found",  # noqa: S608
            [*values, most],
        )
        return int(cursor.fetchone()[0])
