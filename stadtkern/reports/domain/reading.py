"""One report as people read it: its facts, its history, its pictures. Three queries, plain rows."""

import json
from datetime import datetime
from typing import Any, NamedTuple

from stadtkern.core import quick
from stadtkern.reports.domain.catalogue import catalogue
from stadtkern.reports.words import CLOSED, Kind, Status, Visibility

# Changes whenever anything on the page changes: the report, a line of its history, a picture.
_STAMP = """concat_ws('.', r.version, r.support_count, r.visibility,
  (select concat(max(e.id), '/', count(e.hidden_at)) from threads_entry e where e.thread_id = r.thread_id),
  case when r.photo_count > 0 then (
   select string_agg(concat(i.id::text, i.state, i.base), ',' order by p.position, p.id)
   from reports_photo p join media_image i on i.id = p.image_id where p.report_id = r.id) end)"""
_MARK = f"select {_STAMP}, r.visibility, r.changed_at from reports_report r where r.id = %s"  # noqa: S608
_FACTS = """
select r.id, r.version, r.kind, r.category_id, coalesce(nullif(r.public_text, ''), r.text), r.text, r.language,
 r.answers, r.lat, r.lon, r.address, r.place_note, r.district, r.status, r.visibility, r.thread_id, r.owner_id,
 r.filed_at, r.changed_at, r.due_at, r.closed_at, r.reason_id, r.referred_to_id, r.duplicate_of_id,
 r.support_count, r.photo_count, r.solved
from reports_report r where r.id = %s
"""
_HISTORY = """
select id, at, kind, code, text, shown_to, organisation_id, person_id is null and organisation_id is null, data
from threads_entry where thread_id = %s and shown_to = any(%s) and hidden_at is null order by at, id
"""
_PICTURES = """
select i.id::text, i.base, i.state, i.alt, i.width, i.height, p.part
from reports_photo p join media_image i on i.id = p.image_id
where p.report_id = %s and i.state not in ('withdrawn', 'refused')
order by p.part = 'report' desc, p.position, p.id
"""


class Mark(NamedTuple):
    """Enough to know whether a page that was drawn before still holds, and who may see it."""

    stamp: str
    visibility: str
    changed_at: datetime


class Facts(NamedTuple):
    """The report itself. `own_text` is what the citizen wrote, `text` what everybody may read."""

    id: int
    version: int
    kind: str
    category: str
    text: str
    own_text: str
    language: str
    answers: Any
    lat: float | None
    lon: float | None
    address: str
    place_note: str
    district: str
    status: str
    visibility: str
    thread_id: int
    owner_id: int
    filed_at: datetime
    changed_at: datetime
    due_at: datetime | None
    closed_at: datetime | None
    reason: str | None
    referred_to_id: int | None
    duplicate_of: int | None
    support_count: int
    photo_count: int
    solved: bool | None

    @property
    def is_open(self) -> bool:
        return self.status not in CLOSED

    @property
    def is_public(self) -> bool:
        return self.visibility == Visibility.PUBLIC

    @property
    def is_defect(self) -> bool:
        return self.kind == Kind.DEFECT


class Line(NamedTuple):
    """One line of the history. `by_citizen`: written by somebody who takes part, not by staff."""

    id: int
    at: datetime
    kind: str
    code: str
    text: str
    shown_to: str
    organisation_id: int | None
    by_citizen: bool
    data: dict[str, Any]


class Picture(NamedTuple):
    """A photo; `state` says whether it may be shown."""

    id: str
    base: str
    state: str
    alt: str
    width: int
    height: int
    part: str


def mark(report_id: int) -> Mark | None:
    """One cheap question; None when there is no such report."""
    answer = quick.rows(_MARK, [report_id]) if 0 < report_id < 2**63 else []
    return Mark(*answer[0]) if answer else None


def facts(report_id: int) -> Facts | None:
    if not 0 < report_id < 2**63:
        return None
    answer = quick.rows(_FACTS, [report_id])
    if not answer:
        return None
    found = Facts(*answer[0])
    return found if not isinstance(found.answers, str) else found._replace(answers=_plain(found.answers))


def history(thread_id: int, *, for_participants: bool) -> list[Line]:
    """What the public, or whoever takes part, may read; oldest first."""
    shown = ["public", "participants"] if for_participants else ["public"]
    rows = [Line(*row) for row in quick.rows(_HISTORY, [thread_id, shown])]
    return [row._replace(data=_plain(row.data)) if isinstance(row.data, str) else row for row in rows]


def pictures(report_id: int) -> list[Picture]:
    return [Picture(*row) for row in quick.rows(_PICTURES, [report_id])]


def _plain(text: str) -> Any:
    """Raw rows hand jsonb over as text (Django turns psycopg's own reading off)."""
    return json.loads(text)


def since_when(found: Facts, lines: list[Line]) -> datetime:
    """Since when the matter lies with its owner: its last hand-over, else the day it was filed."""
    moved = [line.at for line in lines if line.kind == "handover"]
    return max(moved, default=found.filed_at)


def house(organisation_id: int | None) -> str:
    """The short name of an organisation as citizens know it."""
    found = catalogue().organisations.get(organisation_id or 0)
    return (found.short or found.name) if found else ""


def status_of(found: Facts) -> Status:
    return Status(found.status)
