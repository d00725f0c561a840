"""The steps of a report: move, take, assign, hand over. Every step says who, why, and what the citizen was told."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from stadtkern.core import clock
from stadtkern.core.events import emit
from stadtkern.core.problems import BadInput, NotAllowed
from stadtkern.people.models import Organisation, Person
from stadtkern.people.rights import may
from stadtkern.reports.domain.filing import start_clock
from stadtkern.reports.domain.holding import hold, keep
from stadtkern.reports.domain.phrases import IN_DATA, Phrase, change, in_german
from stadtkern.reports.domain.screening import has_personal_data
from stadtkern.reports.events import (
    ReportAssigned,
    ReportHandedOver,
    ReportMoved,
    ReportPublished,
    ReportTaken,
)
from stadtkern.reports.models import Handover, Reason, Report
from stadtkern.reports.words import AFTER_HANDOVER, CLOSED, NEEDS_REASON, Status, Visibility, next_steps
from stadtkern.threads.domain.conversation import LONGEST_TEXT, add_entry, set_public
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
    phrases: Sequence[Phrase] = (),
) -> Report:
    """One step of the law of its kind (words.LAWS). A "no" needs a reason, and words where the reason asks.

    `phrases` are told when nobody wrote words.
    """
    report = hold(report_id, version=version)
    old = Status(report.status)
    if to not in next_steps(report.kind, old):
        raise NotAllowed(_("Von „%(old)s“ führt kein Schritt zu „%(new)s“.") % {"old": old.label, "new": to.label})
    why = _reason(to, reason, told or in_german(phrases), referred_to)
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
    _settle_clocks(report, by=by)
    entry = write_step(report, code=to, told=told, by=by, reason=why, referred_to=referred_to, phrases=phrases)
    write_note(report, note, by=by)
    emit(ReportMoved(report_id=report.pk, old=old, new=to, entry_id=entry.pk))
    if published:
        set_public(report.thread, True)
        emit(ReportPublished(report_id=report.pk))
    return report


def _settle_clocks(report: Report, *, by: Person | None) -> None:
    """Who works for the owner has taken it on; what is closed waits for nobody."""
    take_on(report, by=by)
    if report.closed_at is not None:
        _end_clocks(report)


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
    """A step publishes what waits, unless it is refused unseen or seems to hold personal data.

    Whether those may stand there is decided by whoever may moderate (publishing.publish_report).
    """
    waits = report.visibility == Visibility.CHECKING and to != Status.REJECTED
    return waits and not has_personal_data(report.shown_text)


def write_step(
    report: Report,
    *,
    code: str,
    told: str,
    by: Person | None,
    reason: Reason | None = None,
    referred_to: Organisation | None = None,
    phrases: Sequence[Phrase] = (),
) -> Entry:
    """The public line of the history; `phrases` are its words when nobody wrote any."""
    spoken_by_us = bool(phrases) and not told.strip()
    data: dict[str, Any] = {IN_DATA: list(phrases)} if spoken_by_us else {}
    if reason:
        data["reason"] = reason.pk
    if referred_to:
        data |= {"referred_to": referred_to.pk}
    return add_entry(
        report.thread,
        at=clock.now(),
        kind=EntryKind.STEP,
        code=code,
        text=in_german(phrases) if spoken_by_us else told.strip(),
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


def write_change(
    report: Report, phrases: Sequence[Phrase], *, by: Person | None, code: str = "", **data: Any
) -> Entry | None:
    """An internal line that says what was changed, old -> new; none when nothing was."""
    if not phrases:
        return None
    return add_entry(
        report.thread,
        at=clock.now(),
        kind=EntryKind.NOTE,
        code=code,
        text=in_german(phrases)[:LONGEST_TEXT],
        shown_to=ShownTo.STAFF,
        person=by,
        organisation=report.owner if by else None,
        data={IN_DATA: list(phrases), **data},
    )


def take_on(report: Report, *, by: Person | None) -> None:
    """Somebody acts: if they work for the owner, the owner has taken the report on."""
    if by is not None and may(by, "reports.work", report.owner_id):
        stop_clock(report)


def stop_clock(report: Report) -> None:
    """The owner has taken the report on: the running clock of its hand-over stands."""
    running = Handover.objects.filter(report=report, new_owner_id=report.owner_id, taken_at__isnull=True)
    for handover in running.order_by("pk"):
        handover.taken_at = clock.now()
        handover.save(update_fields=["taken_at"])
        emit(ReportTaken(report_id=report.pk, handover_id=handover.pk))


def _end_clocks(report: Report) -> None:
    """Nobody has to take what is ended or lies elsewhere."""
    Handover.objects.filter(report=report, taken_at__isnull=True).update(taken_at=clock.now())


def _prove_open(report: Report) -> None:
    if not report.is_open:
        raise NotAllowed(_("Diese Meldung ist abgeschlossen. Bitte öffnen Sie sie zuerst wieder."))


@transaction.atomic
def assign_report(
    report_id: int, *, to: Person | None, by: Person | None, version: int | None = None, note: str = ""
) -> Report:
    """Put somebody of the owner in charge; a defect "received" or "checked" becomes "assigned"."""
    report = hold(report_id, version=version)
    _prove_open(report)
    if to is not None and not may(to, "reports.work", report.owner_id):
        raise BadInput(fields={"assignee": _("Diese Person arbeitet nicht für die zuständige Stelle.")})
    old = report.assignee
    keep(report, assignee=to)
    take_on(report, by=by)
    if old != to:
        names = [str(person) if person else None for person in (old, to)]
        write_change(report, [change("assigned", *names)], by=by, code="assigned")
    write_note(report, note, by=by)
    emit(ReportAssigned(report_id=report.pk, assignee_id=to.pk if to else None))
    may_become = Status.ASSIGNED in next_steps(report.kind, report.status)
    if to is not None and may_become and report.status != Status.IN_WORK:
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
    _prove_handover(report, to, words)
    old_owner, old_status = report.owner, Status(report.status)
    _end_clocks(report)
    keep(report, owner=to, assignee=None, status=AFTER_HANDOVER.get(old_status, old_status))
    handover = start_clock(report, old_owner_id=old_owner.pk, by=by, words=words.strip())
    entry = add_entry(
        report.thread,
        at=clock.now(),
        kind=EntryKind.HANDOVER,
        text=told.strip(),
        shown_to=ShownTo.PUBLIC,
        person=by,
        organisation=old_owner,
        data={
            "old_owner": old_owner.pk,
            "new_owner": to.pk,
            "handover": handover.pk,
            "old_status": old_status,
            "new_status": report.status,
        },
    )
    write_note(report, words, by=by)
    emit(ReportHandedOver(report_id=report.pk, old_owner_id=old_owner.pk, new_owner_id=to.pk, handover_id=handover.pk))
    if report.status != old_status:
        emit(ReportMoved(report_id=report.pk, old=old_status, new=report.status, entry_id=entry.pk))
    return handover


def _prove_handover(report: Report, to: Organisation, words: str) -> None:
    _prove_open(report)
    if to.pk == report.owner_id:
        raise BadInput(fields={"to": _("Diese Stelle ist schon zuständig.")})
    if not to.is_active:
        raise BadInput(fields={"to": _("Diese Stelle nimmt keine Meldungen an.")})
    if not words.strip():
        raise BadInput(fields={"words": _("Bitte schreiben Sie der anderen Stelle, worum es geht.")})
