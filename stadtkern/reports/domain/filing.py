"""Filing: a citizen (or somebody for them) tells the city something; from then on it has an owner and a clock."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import h3
from django.db import transaction
from django.utils.translation import gettext as _

from stadtkern.core import clock, quick
from stadtkern.core.city import city
from stadtkern.core.events import emit
from stadtkern.core.languages import pick
from stadtkern.core.live import tell
from stadtkern.core.problems import BadInput
from stadtkern.people.models import Person
from stadtkern.places.domain.geometry import locate
from stadtkern.reports.domain.answers import check_answers
from stadtkern.reports.domain.catalogue import catalogue
from stadtkern.reports.domain.routing import Route, case_for, route
from stadtkern.reports.domain.screening import findings
from stadtkern.reports.events import ReportFiled, ReportPublished
from stadtkern.reports.models import Category, Handover, Photo, Report
from stadtkern.reports.words import Kind, Source, Status, Visibility
from stadtkern.threads.domain.conversation import add_entry, join, open_thread
from stadtkern.threads.models import Contact
from stadtkern.threads.words import EntryKind, Part, ShownTo

CELL = 9
OLDEST_OFFLINE = timedelta(days=30)
SOME_SKEW = timedelta(minutes=10)


@dataclass(frozen=True, kw_only=True)
class Draft:
    """What is told, before it is checked."""

    category: str
    text: str = ""
    lat: float | None = None
    lon: float | None = None
    address: str = ""
    place_note: str = ""
    asset_id: str = ""
    answers: Mapping[str, Any] = field(default_factory=dict)
    may_leave_open: bool = False  # questions that need an answer, when staff split a report
    source: Source = Source.WEB
    language: str = ""
    filed_at: datetime | None = None
    photos: Sequence[UUID] = ()
    contact: Contact | None = None
    part: Part = Part.REPORTER
    by: Person | None = None
    external_source: str = ""
    external_id: str = ""


@dataclass(frozen=True, kw_only=True)
class Checked:
    """A draft whose every field is proven."""

    category: Category
    text: str
    answers: dict[str, Any]
    district: str
    address: str
    filed_at: datetime


def file_report(draft: Draft, *, ask_questions: bool = True) -> Report:
    """Check, route, keep, tell. Raises BadInput naming every field that is wrong; then nothing is kept.

    `ask_questions=False` is for matters told elsewhere: nobody was asked our questions there.
    """
    checked = check(draft, ask_questions=ask_questions)
    case = case_for(
        checked.category, district=checked.district, answers=checked.answers, asset_id=draft.asset_id.strip()
    )
    way = route(case)
    with transaction.atomic(savepoint=False):
        return _keep(draft, checked, way)


def check(draft: Draft, *, ask_questions: bool = True) -> Checked:
    """The draft with everything proven, or BadInput with all faults at once."""
    faults: dict[str, str] = {}
    book = catalogue()
    category = book.categories.get(draft.category)
    if category is None:
        raise BadInput(fields={"category": _("Diese Kategorie gibt es nicht.")})
    if not category.is_active:
        raise BadInput(pick(category.closed_reason), fields={"category": _("Diese Kategorie ist geschlossen.")})
    text = _text(draft, faults)
    place = _place(draft, category, faults)
    filed_at = _moment(draft, faults)
    try:
        answers = _answers(category, draft) if ask_questions else {}
    except BadInput as error:
        faults |= error.fields
        answers = {}
    if faults:
        raise BadInput(fields=faults)
    return Checked(category=category, text=text, answers=answers, filed_at=filed_at, **place)


def _answers(category: Category, draft: Draft) -> dict[str, Any]:
    return check_answers(category.questions, draft.answers, may_be_open=draft.may_leave_open)


def _text(draft: Draft, faults: dict[str, str]) -> str:
    text = _printable(draft.text, also="\n\t")
    most = int(city().facts.get("limits", {}).get("text_characters", 4000))
    if len(text) > most:
        too_long = len(text) - most
        faults["text"] = _("Der Text ist um %(count)s Zeichen zu lang.") % {"count": too_long}
    if not text and not draft.photos and draft.source not in {Source.IMPORT, Source.OPEN311}:
        faults["text"] = _("Bitte beschreiben Sie kurz, worum es geht, oder fügen Sie ein Foto hinzu.")
    return text


def _printable(text: str, *, also: str = "") -> str:
    """What people can read; control characters and marks that turn the direction of text are dropped."""
    return "".join(sign for sign in text if sign in also or sign.isprintable()).strip()


def _place(draft: Draft, category: Category, faults: dict[str, str]) -> dict[str, str]:
    """District and address of the point; ideas and praise may do without a place."""
    told = _printable(draft.address)[:200]
    nowhere = {"district": "", "address": told}
    if draft.lat is None or draft.lon is None:
        if category.kind == Kind.DEFECT and not draft.address:
            faults["place"] = _("Bitte sagen Sie uns, wo das ist: auf der Karte oder mit einer Adresse.")
        return nowhere
    spot = locate(draft.lat, draft.lon)
    tolerance = float(city().facts.get("limits", {}).get("outside_tolerance_m", 0))
    if not spot.inside and (spot.distance_m is None or spot.distance_m > tolerance):
        faults["place"] = _("Dieser Ort liegt nicht in %(city)s.") % {"city": city().name}
        return nowhere
    return {"district": spot.district_key or "", "address": (told or spot.address or "")[:200]}


def _moment(draft: Draft, faults: dict[str, str]) -> datetime:
    """When it was told. A device that was offline may name an earlier moment, never a future one."""
    now = clock.now()
    if draft.filed_at is None:
        return now
    if draft.filed_at > now + SOME_SKEW:
        faults["filed_at"] = _future(draft.source)
    elif draft.filed_at < now - OLDEST_OFFLINE and draft.source != Source.IMPORT:
        faults["filed_at"] = _("Diese Meldung ist älter als 30 Tage. Bitte melden Sie neu.")
    return min(draft.filed_at, now)


def _future(source: Source) -> str:
    if source != Source.OFFLINE:
        return _("Dieser Zeitpunkt liegt in der Zukunft.")
    return _(
        "Die Uhr Ihres Geräts geht vor. Es ist nichts verloren: Senden Sie bitte noch einmal, dann gilt unsere Uhr."
    )


def _keep(draft: Draft, checked: Checked, way: Route) -> Report:
    category = checked.category
    shown = category.publish_at_once and not findings(checked.text)
    number = quick.reserve(Report)
    thread = open_thread(kind="report", title=pick(category.name, "de"), subject_id=number, public=shown)
    report = Report(
        id=number,
        kind=category.kind,
        category=category,
        text=checked.text,
        language=draft.language,
        answers=checked.answers,
        lat=draft.lat,
        lon=draft.lon,
        address=checked.address,
        place_note=_printable(draft.place_note)[:200],
        asset_id=_printable(draft.asset_id)[:80],
        district=checked.district,
        cell=cell_of(draft.lat, draft.lon),
        visibility=Visibility.PUBLIC if shown else Visibility.CHECKING,
        source=draft.source,
        external_source=draft.external_source,
        external_id=draft.external_id,
        thread=thread,
        owner=way.owner,
        routed_by=way.because,
        filed_at=checked.filed_at,
        changed_at=checked.filed_at,
        due_at=clock.add_working_days(checked.filed_at, category.due_working_days),
        photo_count=len(draft.photos),
    )
    quick.insert(report)
    _follow_up(report, draft, way)
    return report


def _follow_up(report: Report, draft: Draft, way: Route) -> None:
    if draft.contact:
        join(report.thread, draft.contact, draft.part)
    for place, image in enumerate(draft.photos):
        quick.insert(Photo(report=report, image_id=image, position=place))
    add_entry(
        report.thread,
        kind=EntryKind.STEP,
        at=report.filed_at,
        code=Status.RECEIVED,
        shown_to=ShownTo.PUBLIC,
        organisation=way.owner,
        person=draft.by,
        contact=draft.contact,
        data={"source": draft.source, "routed_by": way.because},
    )
    start_clock(report, old_owner_id=None, by=draft.by, words="")
    emit(ReportFiled(report_id=report.pk, owner_id=way.owner.pk, category=report.category_id, kind=report.kind))
    if report.visibility == Visibility.PUBLIC:
        emit(ReportPublished(report_id=report.pk))
    tell("desk", {"report_id": report.pk, "organisation_id": way.owner.pk, "what": "filed"})


def start_clock(report: Report, *, old_owner_id: int | None, by: Person | None, words: str) -> Handover:
    """The new owner has `handover_hours` to take the report on."""
    now = clock.now()
    hours = int(city().facts.get("deadlines", {}).get("handover_hours", 24))
    running = Handover(
        report=report,
        old_owner_id=old_owner_id,
        new_owner_id=report.owner_id,
        at=now,
        due_at=_first_working_moment(now + timedelta(hours=hours)),
        person=by,
        words=words,
    )
    return quick.insert(running)


def _first_working_moment(moment: datetime) -> datetime:
    """A clock never runs out on a day on which nobody works."""
    day = clock.local(moment).date()
    return moment if clock.is_working_day(day) else clock.add_working_days(moment, 0)


def cell_of(lat: float | None, lon: float | None) -> str:
    """The H3 cell (resolution 9, about 0.1 km²) of a point."""
    return "" if lat is None or lon is None else h3.latlng_to_cell(lat, lon, CELL)
