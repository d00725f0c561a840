"""Put right what was told: category, place, text; merge doubles, split mixed matters, link what belongs together."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from stadtkern.core import clock
from stadtkern.core.events import emit
from stadtkern.core.problems import BadInput, NotAllowed
from stadtkern.people.models import Person
from stadtkern.reports.domain import filing
from stadtkern.reports.domain.catalogue import catalogue
from stadtkern.reports.domain.filing import Checked, Draft
from stadtkern.reports.domain.holding import hold, keep
from stadtkern.reports.domain.workflow import move_report, write_note, write_step
from stadtkern.reports.events import ReportChanged, ReportMerged
from stadtkern.reports.models import Report
from stadtkern.reports.words import CLOSED, Source, Status
from stadtkern.threads.domain.conversation import join
from stadtkern.threads.words import Part

DUPLICATE = "duplicate"


@transaction.atomic
def correct_report(
    report_id: int,
    *,
    by: Person,
    version: int | None = None,
    category: str | None = None,
    place: tuple[float, float] | None = None,
    address: str | None = None,
    public_text: str | None = None,
    answers: Mapping[str, Any] | None = None,
) -> Report:
    """Change what was given (None: leave it). The citizen's own words are never overwritten."""
    report = hold(report_id, version=version)
    lat, lon = place or (report.lat, report.lon)
    draft = Draft(
        category=category or report.category_id,
        text=report.text or "-",
        lat=lat,
        lon=lon,
        address=report.address if address is None and place is None else (address or ""),
        answers=report.answers if answers is None and not category else (answers or {}),
        source=Source.DESK,
    )
    checked = filing.check(draft)
    changes = _changes(report, checked, lat, lon)
    if public_text is not None:
        changes["public_text"] = public_text.strip()
    note = _what_changed(report, changes)
    keep(report, **changes)
    write_note(report, note, by=by)
    emit(ReportChanged(report_id=report.pk))
    return report


def _changes(report: Report, checked: Checked, lat: float | None, lon: float | None) -> dict[str, Any]:
    """The columns as checked; another category brings its own due time."""
    changes: dict[str, Any] = {
        "category": checked.category,
        "kind": checked.category.kind,
        "lat": lat,
        "lon": lon,
        "address": checked.address,
        "district": checked.district,
        "cell": filing.cell_of(lat, lon),
        "answers": checked.answers,
    }
    if checked.category.pk != report.category_id:
        changes["due_at"] = clock.add_working_days(report.filed_at, checked.category.due_working_days)
    return changes


def _what_changed(report: Report, changes: Mapping[str, Any]) -> str:
    names = {
        "category": _("Kategorie"),
        "address": _("Adresse"),
        "lat": _("Ort"),
        "public_text": _("öffentlicher Text"),
        "answers": _("Zusatzfragen"),
    }
    changed = [label for name, label in names.items() if name in changes and getattr(report, name) != changes[name]]
    return _("Berichtigt: %(names)s") % {"names": ", ".join(changed)} if changed else ""


@transaction.atomic
def merge_report(report_id: int, *, into: int, by: Person, told: str = "") -> Report:
    """The report is a double of another one: its people and its support go there, it ends with that reason."""
    if report_id == into:
        raise BadInput(fields={"into": _("Eine Meldung kann kein Doppel von sich selbst sein.")})
    first, second = sorted((report_id, into))
    held = {pk: hold(pk) for pk in (first, second)}
    report, target = held[report_id], held[into]
    if target.duplicate_of_id is not None:
        raise BadInput(fields={"into": _("Diese Meldung ist selbst ein Doppel. Bitte nehmen Sie deren Original.")})
    if report.status in CLOSED:
        raise NotAllowed(_("Diese Meldung ist schon abgeschlossen."))
    keep(report, duplicate_of=target)
    words = told.strip() or _("Diese Stelle wurde schon gemeldet. Es geht weiter in Meldung %(id)s.") % {
        "id": target.pk
    }
    move_report(report.pk, to=Status.REJECTED, by=by, told=words, reason=DUPLICATE)
    for participant in report.thread.participants.select_related("contact"):
        join(target.thread, participant.contact, Part.PARTY)
    Report.objects.filter(pk=target.pk).update(support_count=F("support_count") + report.support_count + 1)
    Report.objects.filter(duplicate_of=report).update(duplicate_of=target)
    emit(ReportMerged(report_id=report.pk, into_id=target.pk))
    report.refresh_from_db()
    return report


@transaction.atomic
def split_report(report_id: int, *, category: str, text: str, by: Person, answers: Mapping[str, Any]) -> Report:
    """Make a part of a mixed report a report of its own, with its own owner and clock."""
    report = hold(report_id)
    draft = Draft(category=category, text=text, answers=answers, source=Source.DESK, by=by, language=report.language)
    if report.lat is not None:
        draft = replace(draft, lat=report.lat, lon=report.lon, address=report.address)
    share = filing.file_report(draft)
    share.part_of = report
    share.save(update_fields=["part_of"])
    for participant in report.thread.participants.select_related("contact"):
        join(share.thread, participant.contact, Part(participant.part))
    name = catalogue().category(category).name["de"]
    words = _("Ein Teil dieser Meldung geht als Meldung %(id)s weiter (%(category)s).")
    write_step(report, code="split", told=words % {"id": share.pk, "category": name}, by=by)
    keep(report)
    return share


@transaction.atomic
def link_reports(report_id: int, *, other: int, by: Person) -> None:
    """Say that two reports belong together; nothing else changes."""
    if report_id == other:
        raise BadInput(fields={"other": _("Bitte nennen Sie eine andere Meldung.")})
    held = {pk: hold(pk) for pk in sorted((report_id, other))}
    held[report_id].linked.add(held[other])
    write_note(held[report_id], _("Verbunden mit Meldung %(id)s") % {"id": other}, by=by)
