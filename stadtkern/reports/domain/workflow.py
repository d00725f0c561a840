"""The steps of a report: move, take, assign, hand over. Every step says who, why, and what the citizen was told."""

from django.db import transaction
from django.utils.translation import gettext as _

from stadtkern.core import clock
from stadtkern.core.events import emit
from stadtkern.core.problems import BadInput, NotAllowed
from stadtkern.people.models import Organisation, Person
from stadtkern.people.rights import may
from stadtkern.reports.domain.filing import start_clock
from stadtkern.reports.domain.holding import hold, keep
from stadtkern.reports.events import (
    ReportAssigned,
    ReportHandedOver,
    ReportMoved,
    ReportPublished,
    ReportTaken,
)
from stadtkern.reports.models import Handover, Reason, Report
from stadtkern.reports.words import CLOSED, NEEDS_REASON, NEXT, Status, Visibility
from stadtkern.threads.domain.conversation import add_entry, set_public
from stadtkern.threads.models import Entry
from stadtkern.threads.words import EntryKind, ShownTo


@transaction.atomic
def move_report(
    report_id: int,
    *,
    to: Status,
    by: Person | None,
    version: int | None = None,
    told: str = "",
    note: str = "",
    reason: str = "",
    referred_to: Organisation | None = None,
) -> Report:
    """One step of the law in words.NEXT. A "no" needs a reason from the list, and words where the reason asks."""
    report = hold(report_id, version=version)
    old = Status(report.status)
    if to not in NEXT[old]:
        raise NotAllowed(_("Von „%(old)s“ führt kein Schritt zu „%(new)s“.") % {"old": old.label, "new": to.label})
    why = _reason(to, reason, told, referred_to)
    published = _opens_to_public(report, to)
    keep(
        report,
        status=to,
        closed_at=clock.now() if to in CLOSED else None,
        reason=why,
        referred_to=referred_to if why else None,
        solved=None,
        solved_at=None,
        visibility=Visibility.PUBLIC if published else report.visibility,
    )
    if published:
        set_public(report.thread, True)
    stop_clock(report)
    entry = write_step(report, code=to, told=told, by=by, reason=why, referred_to=referred_to)
    write_note(report, note, by=by)
    emit(ReportMoved(report_id=report.pk, old=old, new=to, entry_id=entry.pk))
    if published:
        emit(ReportPublished(report_id=report.pk))
    return report


def _reason(to: Status, key: str, told: str, referred_to: Organisation | None) -> Reason | None:
    if to not in NEEDS_REASON:
        return None
    why = Reason.objects.filter(pk=key).first()
    if why is None:
        raise BadInput(fields={"reason": _("Ein Nein braucht einen Grund aus der Liste.")})
    if why.needs_words and not told.strip():
        raise BadInput(fields={"told": _("Bitte erklären Sie dieses Nein mit eigenen Worten.")})
    if why.key == "not-ours" and referred_to is None:
        raise BadInput(fields={"referred_to": _("Bitte sagen Sie, wer stattdessen zuständig ist.")})
    return why


def _opens_to_public(report: Report, to: Status) -> bool:
    """Whoever moves a report has read it: from then on it is public, unless it is refused unseen."""
    return report.visibility == Visibility.CHECKING and to != Status.REJECTED


def write_step(
    report: Report,
    *,
    code: str,
    told: str,
    by: Person | None,
    reason: Reason | None = None,
    referred_to: Organisation | None = None,
) -> Entry:
    """The public line of the history."""
    data: dict[str, str | int] = {}
    if reason:
        data["reason"] = reason.pk
    if referred_to:
        data |= {"referred_to": referred_to.pk}
    return add_entry(
        report.thread,
        at=clock.now(),
        kind=EntryKind.STEP,
        code=code,
        text=told.strip(),
        shown_to=ShownTo.PUBLIC,
        person=by,
        organisation=report.owner,
        data=data,
    )


def write_note(report: Report, text: str, *, by: Person | None) -> Entry | None:
    """An internal note; only staff ever see it."""
    if not text.strip():
        return None
    return add_entry(
        report.thread,
        at=clock.now(),
        kind=EntryKind.NOTE,
        text=text.strip(),
        shown_to=ShownTo.STAFF,
        person=by,
        organisation=report.owner,
    )


def stop_clock(report: Report) -> None:
    """Whoever acts on a report has taken it: the running clock of its hand-over stands."""
    running = Handover.objects.filter(report=report, new_owner_id=report.owner_id, taken_at__isnull=True)
    for handover in running.order_by("pk"):
        handover.taken_at = clock.now()
        handover.save(update_fields=["taken_at"])
        emit(ReportTaken(report_id=report.pk, handover_id=handover.pk))


@transaction.atomic
def assign_report(
    report_id: int, *, to: Person | None, by: Person | None, version: int | None = None, note: str = ""
) -> Report:
    """Put somebody of the owner in charge; from "received" or "checked" the report becomes "assigned"."""
    report = hold(report_id, version=version)
    if to is not None and not may(to, "reports.work", report.owner_id):
        raise BadInput(fields={"assignee": _("Diese Person arbeitet nicht für die zuständige Stelle.")})
    keep(report, assignee=to)
    stop_clock(report)
    write_note(report, note, by=by)
    emit(ReportAssigned(report_id=report.pk, assignee_id=to.pk if to else None))
    if to is not None and Status.ASSIGNED in NEXT[Status(report.status)] and report.status != Status.IN_WORK:
        return move_report(report.pk, to=Status.ASSIGNED, by=by)
    return report


@transaction.atomic
def hand_over(
    report_id: int,
    *,
    to: Organisation,
    by: Person | None,
    words: str,
    told: str = "",
    version: int | None = None,
) -> Handover:
    """Give the report to another organisation: it owns it at once, and its clock starts."""
    report = hold(report_id, version=version)
    if to.pk == report.owner_id:
        raise BadInput(fields={"to": _("Diese Stelle ist schon zuständig.")})
    if not to.is_active:
        raise BadInput(fields={"to": _("Diese Stelle nimmt keine Meldungen an.")})
    if not words.strip():
        raise BadInput(fields={"words": _("Bitte schreiben Sie der anderen Stelle, worum es geht.")})
    old_owner = report.owner
    Handover.objects.filter(report=report, taken_at__isnull=True).update(taken_at=clock.now())
    keep(report, owner=to, assignee=None)
    handover = start_clock(report, old_owner_id=old_owner.pk, by=by, words=words.strip())
    add_entry(
        report.thread,
        at=clock.now(),
        kind=EntryKind.HANDOVER,
        text=told.strip(),
        shown_to=ShownTo.PUBLIC,
        person=by,
        organisation=old_owner,
        data={"old_owner": old_owner.pk, "new_owner": to.pk, "handover": handover.pk},
    )
    write_note(report, words, by=by)
    emit(ReportHandedOver(report_id=report.pk, old_owner_id=old_owner.pk, new_owner_id=to.pk, handover_id=handover.pk))
    return handover
