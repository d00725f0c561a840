"""Put right what was told: category, place, text, answers; make a part of a report one of its own."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from stadtkern.core import clock
from stadtkern.core.events import emit
from stadtkern.core.languages import pick
from stadtkern.core.problems import BadInput
from stadtkern.people.models import Person
from stadtkern.reports.domain import filing
from stadtkern.reports.domain.answers import check_answers
from stadtkern.reports.domain.catalogue import catalogue
from stadtkern.reports.domain.filing import Draft
from stadtkern.reports.domain.holding import hold, keep
from stadtkern.reports.domain.merging import link_reports, merge_report
from stadtkern.reports.domain.phrases import Phrase, change, in_german, phrase
from stadtkern.reports.domain.routing import Route, case_for, route
from stadtkern.reports.domain.workflow import hand_over, write_change, write_step
from stadtkern.reports.events import ReportChanged
from stadtkern.reports.models import Category, Report
from stadtkern.reports.words import Source
from stadtkern.threads.domain.conversation import join
from stadtkern.threads.words import Part

__all__ = ["correct_report", "link_reports", "merge_report", "other_route", "split_report"]
ROUTED_BY = {"category", "district", "answers"}


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
    reroute: bool = False,
) -> Report:
    """Change what was given (None: leave it). The citizen's own words are never overwritten.

    Only what changes is checked; questions may stay open. If another organisation would own the report now
    (see `other_route`), the history says so; with `reroute` it is handed over at once and the clock starts.
    Raises BadInput naming the field.
    """
    report = hold(report_id, version=version)
    changes = _changes(report, category=category, place=place, address=address, answers=answers)
    if public_text is not None:
        changes["public_text"] = public_text.strip()
    changes = {name: value for name, value in changes.items() if getattr(report, name) != value}
    said = _said(report, changes)
    keep(report, **changes)
    if "category" in changes:
        report.thread.title = pick(report.category.name, "de")[:200]
        report.thread.save(update_fields=["title"])
    other = other_route(report) if ROUTED_BY & changes.keys() else None
    if other is not None:
        said.append(phrase("other_route", owner={"organisation": other.owner.pk}, rule=other.because))
    write_change(report, said, by=by, code="corrected")
    emit(ReportChanged(report_id=report.pk))
    if reroute:
        _reroute(report, by=by)
    return report


def other_route(report: Report) -> Route | None:
    """Whose the report would be if it came in as it is now; None when that is its owner."""
    way = route(
        case_for(
            catalogue().category(report.category_id),
            district=report.district,
            answers=report.answers,
            asset_id=report.asset_id,
        )
    )
    return None if way.owner.pk == report.owner_id else way


def _reroute(report: Report, *, by: Person) -> None:
    """What is closed stays with whoever closed it."""
    way = other_route(report) if report.is_open else None
    if way is None:
        return
    hand_over(report.pk, to=way.owner, by=by, words=in_german([phrase("rerouted")]))
    report.refresh_from_db()
    keep(report, routed_by=way.because)


def _changes(
    report: Report,
    *,
    category: str | None,
    place: tuple[float, float] | None,
    address: str | None,
    answers: Mapping[str, Any] | None,
) -> dict[str, Any]:
    """The columns as checked; another category brings its own kind and due time."""
    now, changes = report.category, dict[str, Any]()
    if category is not None and category != report.category_id:
        now = _other_category(category)
        due_at = clock.add_working_days(report.filed_at, now.due_working_days)
        changes |= {"category": now, "kind": now.kind, "due_at": due_at}
    if place is not None or address is not None:
        changes |= _other_place(report, now, place, address)
    if answers is not None or now.pk != report.category_id:
        changes["answers"] = _other_answers(report, now, answers)
    return changes


def _other_category(key: str) -> Category:
    category = catalogue().categories.get(key)
    if category is None:
        raise BadInput(fields={"category": _("Diese Kategorie gibt es nicht.")})
    if not category.is_active:
        raise BadInput(fields={"category": _("Diese Kategorie ist geschlossen.")})
    return category


def _other_place(
    report: Report, category: Category, place: tuple[float, float] | None, address: str | None
) -> dict[str, Any]:
    """A new point must lie in the city; a new address alone is taken as it is, an empty one is looked up."""
    if place is None and address:
        return {"address": address.strip()[:200]}
    lat, lon = place or (report.lat, report.lon)
    faults: dict[str, str] = {}
    spot = filing._place(Draft(category=category.key, lat=lat, lon=lon, address=address or ""), category, faults)
    if faults:
        raise BadInput(fields=faults)
    return {"lat": lat, "lon": lon, "cell": filing.cell_of(lat, lon), **spot}


def _other_answers(report: Report, category: Category, given: Mapping[str, Any] | None) -> dict[str, Any]:
    """What is answered now; without new answers those old ones that the category asks for, too."""
    if given is None:
        return {code: value for question in category.questions for code, value in _fitting(question, report).items()}
    answers = check_answers(category.questions, given, may_be_open=True)
    if category.pk != report.category_id:
        return answers
    asked = {question["code"] for question in category.questions}
    return {code: value for code, value in report.answers.items() if code not in asked} | answers


def _fitting(question: Mapping[str, Any], report: Report) -> dict[str, Any]:
    try:
        return check_answers([question], report.answers, may_be_open=True)
    except BadInput:
        return {}


def _said(report: Report, changes: Mapping[str, Any]) -> list[Phrase]:
    """Each change with its old and new value."""
    said = [
        change(name, show(getattr(report, name)), show(changes[name]))
        for name, show in SHOWN.items()
        if name in changes
    ]
    if {"lat", "lon"} & changes.keys():
        new = (changes.get("lat", report.lat), changes.get("lon", report.lon))
        said.append(change("place", _point(report.lat, report.lon), _point(*new)))
    return said


def _point(lat: float | None, lon: float | None) -> str:
    return "" if lat is None or lon is None else f"{lat:.5f}, {lon:.5f}"


SHOWN: dict[str, Any] = {
    "category": lambda category: {"category": category.pk},
    "address": str,
    "answers": lambda answers: "; ".join(f"{code}: {value}" for code, value in answers.items()),
    "public_text": str,
    "due_at": lambda moment: f"{clock.local(moment):%d.%m.%Y}" if moment else "",
}


@transaction.atomic
def split_report(
    report_id: int,
    *,
    category: str,
    text: str,
    by: Person,
    answers: Mapping[str, Any],
    version: int | None = None,
) -> Report:
    """Make a part of a mixed report a report of its own, with its own owner and clock; questions may stay open."""
    report = hold(report_id, version=version)
    share = filing.file_report(
        Draft(
            category=category,
            text=text,
            lat=report.lat,
            lon=report.lon,
            address=report.address,
            place_note=report.place_note,
            answers=answers,
            may_leave_open=True,
            source=Source.DESK,
            by=by,
            language=report.language,
        )
    )
    share.part_of = report
    share.save(update_fields=["part_of"])
    for participant in report.thread.participants.select_related("contact"):
        join(share.thread, participant.contact, Part(participant.part))
    said = phrase("split", id=share.pk, category={"category": category})
    write_step(report, code="split", told="", by=by, phrases=[said])
    keep(report)
    return share
