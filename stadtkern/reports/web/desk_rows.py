"""How the desk shows a row, a tab, a line of history."""

import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from stadtkern.core import clock
from stadtkern.core.languages import pick
from stadtkern.people.models import Person
from stadtkern.people.rights import reach
from stadtkern.reports.domain import desk
from stadtkern.reports.domain.catalogue import Catalogue, catalogue
from stadtkern.reports.domain.desk import DeskQuery
from stadtkern.reports.domain.phrases import IN_DATA, spoken
from stadtkern.reports.models import Report
from stadtkern.reports.web.fragments import Shelf
from stadtkern.reports.words import Source, Status
from stadtkern.threads.models import Entry
from stadtkern.threads.words import EntryKind, ShownTo

_lines: Shelf[str] = Shelf(3_000)
_counts: Shelf[dict[str, int]] = Shelf(300)
TONES = {
    Status.RECEIVED: "info",
    Status.CHECKED: "info",
    Status.ASSIGNED: "info",
    Status.IN_WORK: "warn",
    Status.WAITING: "calm",
    Status.DONE: "good",
    Status.REJECTED: "bad",
    Status.REOPENED: "warn",
}
TAB_LABELS = {
    "open": gettext_lazy("Alle offenen"),
    "mine": gettext_lazy("Meine"),
    "free": gettext_lazy("Ohne Bearbeitung"),
    "clock": gettext_lazy("Noch nicht übernommen"),
    "late": gettext_lazy("Überfällig"),
    "checking": gettext_lazy("Freigabe"),
    "closed": gettext_lazy("Abgeschlossen"),
}


def rows_of(reports: Iterable[Report]) -> list[dict[str, Any]]:
    """Plain rows for the table; names come from the catalogue in memory."""
    book = catalogue()
    return [
        {
            "id": report.pk,
            "seen": f"{report.pk}:{report.version}",
            "category": pick(book.categories[report.category_id].name),
            "icon": book.categories[report.category_id].group.icon,
            "text": report.shown_text[:140],
            "address": report.address,
            "status": Status(report.status).label,
            "tone": TONES[Status(report.status)],
            "owner": str(book.organisations[report.owner_id]),
            "assignee": report.assignee,
            "filed_at": report.filed_at,
            "due_at": report.due_at,
            "due": desk.due_state(report.due_at, report.closed_at),
            "support_count": report.support_count,
            "photo_count": report.photo_count,
            "checking": report.visibility == "checking",
        }
        for report in reports
    ]


def lines_of(marks: Sequence[Any]) -> SafeString:
    """The table's rows by their marks; those are read and drawn that look other than the last time."""
    language, book, now = get_language(), catalogue(), clock.now()
    keys = {mark.pk: _key(mark, book, language, now) for mark in marks}
    new = [number for number, key in keys.items() if key not in _lines]
    for report in Report.objects.filter(pk__in=new).select_related("assignee").only(*desk.COLUMNS) if new else ():
        _lines.get(keys[report.pk], partial(_draw, report))
    return mark_safe("".join(_lines.get(keys[mark.pk], str) for mark in marks))


def _key(mark: Any, book: Catalogue, language: str | None, now: datetime) -> tuple[Any, ...]:
    due = desk.due_state(mark.due_at, mark.closed_at, now)
    names = book.categories[mark.category_id].name["de"], str(book.organisations[mark.owner_id]), mark.assignee__name
    return language, mark.pk, mark.version, due, *names


def _draw(report: Report) -> str:
    (row,) = rows_of([report])
    return render_to_string("reports/desk/_row.html", {"row": row})


def tabs(request: HttpRequest, query: DeskQuery, counts: Mapping[str, int]) -> list[dict[str, Any]]:
    """The views with their counts; the other filters stay when a tab is chosen."""
    kept = {name: value for name, value in request.GET.items() if name not in {"view", "after"} and value}
    return [
        {
            "label": TAB_LABELS[view],
            "url": "?" + urlencode(kept | {"view": view}),
            "count": counts.get(view),
            "is_current": view == query.view,
            "is_bad": view in {"late", "clock"} and bool(counts.get(view)),
        }
        for view in desk.VIEWS
    ]


def counts_for(person: Person) -> dict[str, int]:
    """Counted again as soon as any report has changed, and once a minute: what is late changes by itself."""
    minute = int(time.time()) // 60
    key = (person.pk, reach(person, "reports.read"), desk.last_change(), minute)
    return _counts.get(key, partial(desk.counts, person))


def history(entries: Iterable[Entry]) -> list[dict[str, Any]]:
    """The thread as staff see it."""
    return [_line(entry) for entry in entries]


def _line(entry: Entry) -> dict[str, Any]:
    title, icon, tone = _face(entry)
    seen = "" if entry.shown_to == ShownTo.PUBLIC else f" · {ShownTo(entry.shown_to).label}"
    return {
        "title": f"{title}{seen}",
        "at": entry.at,
        "text": _("(verborgen: %s)") % entry.hidden_because if entry.hidden_at else spoken(entry.text, entry.data),
        "who": _who(entry),
        "icon": icon,
        "tone": tone,
    }


def _face(entry: Entry) -> tuple[str, str, str]:
    if entry.kind == EntryKind.STEP and entry.code in set(Status):
        return str(Status(entry.code).label), "check", TONES[Status(entry.code)]
    if entry.kind == EntryKind.HANDOVER:
        book = catalogue().organisations
        new = book.get(entry.data.get("new_owner"))
        return _("Weitergegeben an %(owner)s") % {"owner": new.name if new else "?"}, "forward", "info"
    if entry.kind == EntryKind.NOTE:
        return _("Änderung") if IN_DATA in entry.data else _("Interne Notiz"), "note", "calm"
    if entry.kind == EntryKind.PHOTO:
        return _("Foto"), "camera", "calm"
    if entry.contact_id:
        return _("Nachricht der meldenden Person"), "person", "idea"
    return (_("Rückfrage") if entry.code == "question" else _("Antwort")), "mail", "info"


def _who(entry: Entry) -> str:
    if entry.data.get("source") == Source.PHONE and entry.person:
        return _("am Telefon aufgenommen von: %(name)s") % {"name": entry.person}
    names = [str(part) for part in (entry.person, entry.organisation) if part]
    return ", ".join(names) or (_("meldende Person") if entry.contact_id else _("automatisch"))
