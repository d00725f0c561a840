"""Talking in a report's thread: staff answer and ask, citizens add, confirm, object."""

from datetime import timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from stadtkern.core import clock
from stadtkern.core.city import city
from stadtkern.core.events import emit
from stadtkern.core.problems import BadInput, NotAllowed
from stadtkern.people.models import Person
from stadtkern.reports.domain.holding import hold, keep
from stadtkern.reports.domain.satisfaction import write_verdict
from stadtkern.reports.domain.workflow import move_report, take_on, write_note
from stadtkern.reports.events import ReportAnswered, SolutionConfirmed
from stadtkern.reports.models import Report
from stadtkern.reports.words import CLOSED, Status, next_steps
from stadtkern.threads.domain.conversation import add_entry
from stadtkern.threads.models import Contact, Entry
from stadtkern.threads.words import EntryKind, ShownTo

LONGEST = 4_000


@transaction.atomic
def answer_report(
    report_id: int, *, text: str, by: Person, shown_to: ShownTo = ShownTo.PUBLIC, version: int | None = None
) -> Entry:
    """An official answer: public, or only for the people of the thread."""
    report = hold(report_id, version=version)
    entry = _say(report, text, shown_to=shown_to, by=by)
    take_on(report, by=by)
    keep(report)
    emit(ReportAnswered(report_id=report.pk, entry_id=entry.pk, by="staff", shown_to=shown_to))
    return entry


@transaction.atomic
def ask_back(report_id: int, *, text: str, by: Person, version: int | None = None) -> Entry:
    """A question to the citizen; the report waits for the answer."""
    report = hold(report_id, version=version)
    entry = _say(report, text, shown_to=ShownTo.PARTICIPANTS, by=by, code="question")
    emit(ReportAnswered(report_id=report.pk, entry_id=entry.pk, by="staff", shown_to=ShownTo.PARTICIPANTS))
    take_on(report, by=by)
    if Status.WAITING in next_steps(report.kind, report.status):
        move_report(report.pk, to=Status.WAITING, by=by)
    return entry


@transaction.atomic
def add_note(report_id: int, *, text: str, by: Person) -> Entry | None:
    return write_note(hold(report_id), text, by=by)


@transaction.atomic
def citizen_says(report_id: int, *, text: str, contact: Contact | None) -> Entry:
    """A message of somebody who takes part; an answer to a question lets the work go on."""
    report = hold(report_id)
    entry = _say(report, text, shown_to=ShownTo.PARTICIPANTS, contact=contact)
    keep(report)
    emit(ReportAnswered(report_id=report.pk, entry_id=entry.pk, by="citizen", shown_to=ShownTo.PARTICIPANTS))
    if report.status == Status.WAITING and was_asked(report):
        move_report(report.pk, to=after_the_answer(report), by=None)
    return entry


def after_the_answer(report: Report) -> Status:
    """How a report goes on that waited for an answer, whether one came or not."""
    works = report.assignee_id is not None and Status.IN_WORK in next_steps(report.kind, report.status)
    return Status.IN_WORK if works else Status.CHECKED


def was_asked(report: Report) -> bool:
    """Is the last thing staff said to the citizen a question?"""
    last = (
        report.thread.entries.filter(kind=EntryKind.MESSAGE, organisation__isnull=False).order_by("-at", "-pk").first()
    )
    return last is not None and last.code == "question"


@transaction.atomic
def confirm_solution(report_id: int, *, solved: bool, words: str = "", contact: Contact | None = None) -> Report:
    """ "Was it solved?" A no within the deadline opens the report again; the verdict stays in the history."""
    report = hold(report_id)
    if report.status not in CLOSED:
        raise NotAllowed(_("Diese Meldung ist noch in Arbeit."))
    if not solved and not may_reopen(report):
        raise NotAllowed(
            _("Die Frist zum Wiederöffnen ist vorbei. Bitte melden Sie neu; wir verbinden beide Meldungen.")
        )
    if words.strip():
        _say(report, words, shown_to=ShownTo.PARTICIPANTS, contact=contact, code="verdict")
    if report.solved != solved:
        write_verdict(report, solved=solved)
    emit(SolutionConfirmed(report_id=report.pk, solved=solved))
    if not solved:
        report = move_report(report.pk, to=Status.REOPENED, by=None)
        report = hold(report.pk)
    keep(report, solved=solved, solved_at=clock.now())
    return report


def may_reopen(report: Report) -> bool:
    """Within `reopen_days` after the end."""
    days = int(city().facts.get("deadlines", {}).get("reopen_days", 14))
    return report.closed_at is not None and clock.now() <= report.closed_at + timedelta(days=days)


def _say(
    report: Report,
    text: str,
    *,
    shown_to: ShownTo,
    by: Person | None = None,
    contact: Contact | None = None,
    code: str = "",
) -> Entry:
    words = text.replace("\x00", "").strip()
    if not words:
        raise BadInput(fields={"text": _("Bitte schreiben Sie etwas.")})
    if len(words) > LONGEST:
        raise BadInput(fields={"text": _("Bitte kürzen Sie auf %(most)s Zeichen.") % {"most": LONGEST}})
    return add_entry(
        report.thread,
        at=clock.now(),
        kind=EntryKind.MESSAGE,
        code=code,
        text=words,
        shown_to=shown_to,
        person=by,
        organisation=report.owner if by else None,
        contact=contact,
    )
