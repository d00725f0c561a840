"""Answers from the tables: one query for a list, with the columns that are shown and no objects in between.

Only what is public is ever read; a caller's key also opens the reports it filed that still wait for their check.
"""

import json
import re
from collections.abc import Sequence
from typing import Any

from stadtkern.core import quick
from stadtkern.core.languages import pick
from stadtkern.core.models import ApiKey
from stadtkern.media.words import State
from stadtkern.reports.api.moments import in_utc
from stadtkern.reports.api.open311.answer import Request, Update
from stadtkern.reports.api.open311.catalogue import answered
from stadtkern.reports.api.open311.grammar import RequestsQuery, UpdatesQuery
from stadtkern.reports.api.pictures import picture_url
from stadtkern.reports.domain.catalogue import Catalogue, catalogue
from stadtkern.reports.domain.searching import in_shown_words
from stadtkern.reports.words import CLOSED, OPEN, PhotoPart, Status, Visibility
from stadtkern.threads.words import EntryKind, ShownTo

NUMBER = re.compile(r"\d{1,18}", re.ASCII)
# Constants stand in the text of the queries: as parameters they would be written anew for every call.
SPOKEN = ", ".join(f"'{kind}'" for kind in (EntryKind.STEP, EntryKind.MESSAGE, EntryKind.HANDOVER))
SHOWN = f"r.visibility = '{Visibility.PUBLIC}'"
OWN = f"({SHOWN} or (r.visibility = '{Visibility.CHECKING}' and r.external_source = %(own)s))"
PUBLIC_ENTRY = f"""e.shown_to = '{ShownTo.PUBLIC}' and e.kind in ({SPOKEN})
      and e.hidden_at is null and e.organisation_id is not null"""

# What an organisation said last, for everybody; citizens' own words are never a status note.
LAST_WORDS = f"""(
    select e.text from threads_entry e
    where e.thread_id = r.thread_id and {PUBLIC_ENTRY} and e.text <> ''
    order by e.at desc, e.id desc limit 1)"""  # noqa: S608  only constants
FIRST_PICTURE = f"""case when r.photo_count > 0 then (
    select i.id::text || ' ' || i.base from reports_photo p join media_image i on i.id = p.image_id
    where p.report_id = r.id and p.part = '{PhotoPart.REPORT}' and i.state = '{State.PUBLIC}'
    order by p.position, p.id limit 1) end"""  # noqa: S608  only constants
CLOSED_LIST = ", ".join(f"'{status}'" for status in sorted(CLOSED))
IS_OPEN = f"r.status not in ({CLOSED_LIST})"
UPDATED = f"case when {IS_OPEN} then r.changed_at else coalesce(r.closed_at, r.changed_at) end"
COLUMNS = f"""r.id, {IS_OPEN}, r.category_id, coalesce(nullif(r.public_text, ''), r.text), r.owner_id,
    {in_utc("r.filed_at")}, {in_utc(UPDATED)}, {in_utc(f"case when {IS_OPEN} then r.due_at end")},
    r.address, r.lat, r.lon, r.reason_id, r.referred_to_id, {FIRST_PICTURE}, {LAST_WORDS}"""
PLAIN, THREAD = 15, 16
MORE_COLUMNS = ", r.status, r.thread_id, r.answers, r.kind, r.district, r.support_count"
ORDERS = {
    "requested_datetime": "r.filed_at, r.id",
    "-requested_datetime": "r.filed_at desc, r.id desc",
    "updated_datetime": "r.changed_at, r.id",
    "-updated_datetime": "r.changed_at desc, r.id desc",
}


def filed_through(key: ApiKey) -> str:
    """What `external_source` says of reports that came through this key."""
    return f"key:{key.prefix}"


def requests(query: RequestsQuery, *, language: str, key: ApiKey | None = None) -> list[Request]:
    """The requests that a query asks for, in its order."""
    where, given = _conditions(query, key)
    more = MORE_COLUMNS if query.extensions else ""
    given |= {"limit": query.window.page_size, "offset": query.window.offset}
    page = f"from reports_report r where {' and '.join(where)} order by {ORDERS[query.sort]} limit %(limit)s"
    if query.window.offset:  # the rows of earlier pages are counted, not read
        inner = f"(select r.id {page} offset %(offset)s)"
        page = f"from reports_report r where r.id in {inner} order by {ORDERS[query.sort]}"
    sql = f"select {COLUMNS}{more} {page}"
    book = catalogue()
    rows = _all(sql, given)
    notes = _notes([row[THREAD] for row in rows], book, language) if query.extensions else {}
    return [_request(row, book, language, notes) for row in rows]


def _conditions(query: RequestsQuery, key: ApiKey | None) -> tuple[list[str], dict[str, Any]]:
    where = [_visible(key)]
    given = {"own": filed_through(key) if key else ""}
    if query.ids:
        return [*where, "r.id = any(%(ids)s)"], given | {"ids": numbers(query.ids)}
    if len(query.codes) == 1:  # of a set of unknown size the planner expects too much, and leaves the index aside
        where.append("r.category_id = %(code)s")
    elif query.codes:
        where.append("r.category_id = any(%(codes)s)")
    if len(query.statuses) == 1:
        where.append("r.status = any(%(statuses)s)")
    for name, condition in LIMITS.items():
        if getattr(query, name):
            where.append(condition)
    wanted = OPEN if "open" in query.statuses else CLOSED
    west, south, east, north = query.box or (None,) * 4
    return where, given | {
        "code": query.codes[0] if query.codes else None,
        "codes": list(query.codes),
        "statuses": sorted(str(status) for status in wanted),
        "since": query.since,
        "until": query.until,
        "changed_since": query.changed_since,
        "changed_until": query.changed_until,
        "west": west,
        "south": south,
        "east": east,
        "north": north,
        "words": query.words,
    }


LIMITS = {
    "since": "r.filed_at >= %(since)s",
    "until": "r.filed_at <= %(until)s",
    "changed_since": "r.changed_at >= %(changed_since)s",
    "changed_until": "r.changed_at <= %(changed_until)s",
    "box": "r.lat between %(south)s and %(north)s and r.lon between %(west)s and %(east)s",
    "words": in_shown_words("%(words)s"),
}


def _visible(key: ApiKey | None) -> str:
    return SHOWN if key is None else OWN


def numbers(ids: Sequence[str]) -> list[int]:
    """Our ids among what was asked for; anything else cannot exist here."""
    return [int(text) for text in ids if NUMBER.fullmatch(text)]


def _request(row: tuple[Any, ...], book: Catalogue, language: str, notes: dict[int, list[dict[str, Any]]]) -> Request:
    id, is_open, code, text, owner, filed, updated, due, address, lat, lon, reason, to, picture, said = row[:PLAIN]
    return Request(
        id=id,
        open=is_open,
        status_notes=said or _reason(book, reason, to, language),
        service_code=code,
        service_name=pick(book.categories[code].name, language),
        description=text[:4000],
        agency=book.organisations[owner].name,
        notice=_referral(book, to) if to else "",
        requested=filed,
        updated=updated,
        expected=due,
        address=address,
        lat=lat,
        lon=lon,
        media_url=picture_url(picture) if picture else "",
        more=_more(row, book, language, notes) if len(row) > PLAIN else None,
    )


def _reason(book: Catalogue, key: str | None, referred_to: int | None, language: str) -> str:
    """The public words of a "no", when nobody wrote any others."""
    if not key or key not in book.reasons:
        return ""
    house = book.organisations.get(referred_to or 0)
    return pick(book.reasons[key].public, language).replace("{organisation}", house.name if house else "")


def _referral(book: Catalogue, referred_to: int | None) -> str:
    house = book.organisations.get(referred_to or 0)
    return ", ".join(part for part in (house.name, house.phone, house.url) if part) if house else ""


def _more(
    row: tuple[Any, ...], book: Catalogue, language: str, notes: dict[int, list[dict[str, Any]]]
) -> dict[str, Any]:
    status, thread, answers, kind, district, support = row[PLAIN:]
    return {
        "attributes": answered(book.categories[row[2]], _loaded(answers), language),
        "extended_attributes": {
            "kind": kind,
            "detailed_status": status,
            "district": district or None,
            "support_count": support,
        },
        "notes": notes.get(thread, []),
    }


def _notes(threads: list[int], book: Catalogue, language: str) -> dict[int, list[dict[str, Any]]]:
    """The public history of each thread, oldest first, in one query."""
    sql = f"""select e.thread_id, {in_utc("e.at")}, e.kind, e.code, e.text, e.data from threads_entry e
        where e.thread_id = any(%(threads)s) and {PUBLIC_ENTRY}
        order by e.at, e.id limit 20000"""  # noqa: S608  only constants
    found: dict[int, list[dict[str, Any]]] = {}
    for thread, at, kind, code, text, data in _all(sql, {"threads": threads}):
        note = {
            "datetime": at,
            "description": text or _said(kind, code, _loaded(data), book, language),
            "type": code or kind,
        }
        found.setdefault(thread, []).append(note)
    return found


def _said(kind: str, code: str, data: dict[str, Any], book: Catalogue, language: str) -> str:
    """What a step without own words says: the reason of a "no", the new owner, or the status."""
    if reason := _reason(book, data.get("reason"), data.get("referred_to"), language):
        return reason
    if kind == EntryKind.HANDOVER and (house := book.organisations.get(data.get("new_owner", 0))):
        return str(house.name)
    return str(Status(code).label) if code in Status else ""


STATUS_CODES = ", ".join(f"'{status}'" for status in Status)
UPDATES = """select e.id, r.id, e.kind, e.code, {at}, e.text, e.data, (
        select s.code from threads_entry s
        where s.thread_id = e.thread_id and s.kind = '{step}' and s.code in ({codes})
          and (s.at, s.id) <= (e.at, e.id)
        order by s.at desc, s.id desc limit 1)
    from reports_report r join threads_entry e on e.thread_id = r.thread_id
    where {visible} and {public_entry} and {conditions}
    order by e.at, e.id limit %(limit)s offset %(offset)s"""


def updates(query: UpdatesQuery, *, language: str, key: ApiKey | None = None) -> list[Update]:
    """Public steps and answers, oldest first. Each of them changed its report, so recent reports are looked at."""
    conditions = ["true"]
    if query.ids:
        conditions.append("r.id = any(%(ids)s)")
    if query.since:
        conditions.append("r.changed_at >= %(since)s and e.at >= %(since)s")
    if query.until:
        conditions.append("e.at <= %(until)s")
    given = {
        "own": filed_through(key) if key else "",
        "ids": numbers(query.ids),
        "since": query.since,
        "until": query.until,
        "limit": query.window.page_size,
        "offset": query.window.offset,
    }
    sql = UPDATES.format(
        at=in_utc("e.at"),
        visible=_visible(key),
        public_entry=PUBLIC_ENTRY,
        conditions=" and ".join(conditions),
        step=EntryKind.STEP,
        codes=STATUS_CODES,
    )
    book = catalogue()
    return [_update(row, book, language) for row in _all(sql, given)]


def _update(row: tuple[Any, ...], book: Catalogue, language: str) -> Update:
    id, report, kind, code, at, text, data, status = row
    return Update(
        id=id,
        request_id=report,
        open=status not in CLOSED,
        status=status or "",
        at=at,
        description=text or _said(kind, code, _loaded(data), book, language),
    )


def _all(sql: str, given: dict[str, Any]) -> list[tuple[Any, ...]]:
    return quick.rows(sql, given)  # type: ignore[arg-type]  # psycopg takes names as well


def _loaded(value: Any) -> dict[str, Any]:
    """A jsonb column of a bare cursor: Django leaves it as text."""
    return dict(json.loads(value)) if isinstance(value, str) else dict(value or {})
