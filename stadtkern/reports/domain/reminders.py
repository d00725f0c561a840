"""Nothing is forgotten: clocks that ran out, due dates, questions without answer, "was it solved?"."""

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from stadtkern.core import clock
from stadtkern.core.city import city
from stadtkern.core.jobs import every, nightly
from stadtkern.core.languages import pick
from stadtkern.people.models import Organisation, Person
from stadtkern.people.words import Role
from stadtkern.reports.domain.catalogue import catalogue
from stadtkern.reports.domain.holding import hold
from stadtkern.reports.domain.letters import in_each_language, page_of
from stadtkern.reports.domain.satisfaction import write_asked
from stadtkern.reports.domain.talking import after_the_answer, was_asked
from stadtkern.reports.domain.workflow import move_report
from stadtkern.reports.models import Handover, Report
from stadtkern.reports.words import Kind, Source, Status, Visibility
from stadtkern.threads.domain.conversation import contact_for, insiders
from stadtkern.threads.domain.notifying import notify
from stadtkern.threads.models import Contact, Notification, Participant

MOST = 500
SOLVED_WINDOW = timedelta(days=7)
DUE_SOON = timedelta(hours=24)
DUE_LATELY = timedelta(days=7)  # how long a night may be missed before matters without anybody in charge go untold


def pages(rows: QuerySet[Report]) -> Iterator[list[Report]]:
    """All rows by their number, page after page to the end; rows that change on the way shift nothing."""
    last = 0
    while page := list(rows.filter(pk__gt=last).order_by("pk")[:MOST]):
        yield page
        last = page[-1].pk


def untold(page: Sequence[Report], happening: Callable[[Report], str], **among: Any) -> list[Report]:
    """Those of a page nobody was told of yet; `among` narrows the notifications to what an index finds."""
    names = {happening(report): report for report in page}
    told = set(Notification.objects.filter(happening__in=names, **among).values_list("happening", flat=True))
    return [report for name, report in names.items() if name not in told]


def deadline(name: str, fallback: int) -> int:
    return int(city().facts.get("deadlines", {}).get(name, fallback))


@every("*/30 * * * *", "reports.clocks")
def remind_of_clocks() -> None:
    """A hand-over nobody took in time: the owner's people and the dispatchers hear of it, once."""
    over = Handover.objects.filter(taken_at__isnull=True, reminded_at__isnull=True, due_at__lt=clock.now())
    for handover in over.select_related("report", "new_owner").order_by("pk")[:MOST]:
        with transaction.atomic():
            remind_of_clock(handover)


def remind_of_clock(handover: Handover) -> int:
    report = handover.report
    name = catalogue().category(report.category_id).name
    told = notify(
        topic="reports.clock",
        happening=f"handover:{handover.pk}:over",
        title=in_each_language(lambda: _("Nicht übernommen: %(category)s") % {"category": pick(name)}),
        body=in_each_language(
            lambda: (
                _("Meldung %(id)s wartet seit %(at)s bei: %(owner)s")
                % {"id": report.pk, "at": f"{clock.local(handover.at):%d.%m. %H:%M}", "owner": handover.new_owner}
            )
        ),
        url=f"/desk/meldungen/{report.pk}/",
        to=staff_contacts(handover.new_owner),
    )
    Handover.objects.filter(pk=handover.pk).update(reminded_at=clock.now())
    return told


def staff_contacts(owner: Organisation) -> list[Contact]:
    """Those who can do something about it: caseworkers of the owner (or above it), and the dispatchers."""
    line = {owner.pk}
    while owner.parent_id and owner.parent_id not in line:
        owner = catalogue().organisations[owner.parent_id]
        line.add(owner.pk)
    today = clock.local(clock.now()).date()
    holds = (Q(memberships__since=None) | Q(memberships__since__lte=today)) & (
        Q(memberships__until=None) | Q(memberships__until__gte=today)
    )
    near = Q(memberships__role=Role.CASEWORKER, memberships__organisation__in=line)
    people = Person.objects.filter(holds & (near | Q(memberships__role=Role.DISPATCHER)), is_active=True).distinct()
    return [contact_for(person=person) for person in people]


@nightly("reports.ask_if_solved")
def ask_if_solved() -> None:
    """Some days after the end the people of the thread are asked whether it is solved (R9)."""
    asked_from = clock.now() - timedelta(days=deadline("confirm_days", 3))
    ended = Report.objects.filter(
        status=Status.DONE,
        solved__isnull=True,
        closed_at__range=(asked_from - SOLVED_WINDOW, asked_from),
        kind=Kind.DEFECT,
    ).exclude(Q(source=Source.IMPORT) | Q(visibility=Visibility.INTERNAL))
    with_people = ended.filter(Exists(Participant.objects.filter(thread=OuterRef("thread"))))
    for page in pages(with_people.select_related("thread")):
        for report in untold(page, _asking, thread__in=[report.thread_id for report in page]):
            _ask(report)


def _asking(report: Report) -> str:
    return f"report:{report.pk}:solved?:{report.closed_at:%Y%m%d%H%M}"


@transaction.atomic
def _ask(report: Report) -> None:
    told = notify(
        topic="reports.status",
        happening=_asking(report),
        title=in_each_language(lambda: _("Ist das Problem gelöst?")),
        body=in_each_language(lambda: _("Ein Tippen genügt. Wenn nicht, öffnen wir die Meldung wieder.")),
        url=page_of(report),
        thread=report.thread,
        to=insiders(report.thread),
    )
    if told:
        write_asked(report)


@nightly("reports.due")
def remind_of_due_dates() -> None:
    """What is due today or overdue is told once: to whoever is in charge, else to the organisation."""
    due = Report.objects.filter(closed_at__isnull=True, due_at__lt=clock.now() + DUE_SOON)
    for page in pages(due.filter(assignee__isnull=False).select_related("assignee")):
        for report in untold(page, _falling_due, contact__person__in={report.assignee_id for report in page}):
            _remind_assignee(report)
    _remind_organisations(due.filter(assignee__isnull=True))


def _falling_due(report: Report) -> str:
    return f"report:{report.pk}:due:{report.due_at:%Y%m%d}:{report.assignee_id}"


def _remind_assignee(report: Report) -> None:
    name = catalogue().category(report.category_id).name
    assert report.assignee is not None  # noqa: S101  the query asked for it
    notify(
        topic="reports.clock",
        happening=_falling_due(report),
        title=in_each_language(lambda: _("Fällig: %(category)s") % {"category": pick(name)}),
        body=report.address,
        url=f"/desk/meldungen/{report.pk}/",
        to=contact_for(person=report.assignee),
    )


def _remind_organisations(due: QuerySet[Report]) -> None:
    """One message a day per organisation with matters that fall due and have nobody in charge."""
    today = clock.local(clock.now()).date()
    lately = due.filter(due_at__gt=clock.now() - DUE_LATELY).exclude(source=Source.IMPORT)
    for owner_id, count in lately.values_list("owner").annotate(count=Count("pk")).order_by("owner"):
        _remind_organisation(catalogue().organisations[owner_id], count, f"organisation:{owner_id}:due:{today}")


def _remind_organisation(owner: Organisation, count: int, happening: str) -> None:
    notify(
        topic="reports.clock",
        happening=happening,
        title=in_each_language(lambda: _("Fällig und ohne Zuständige: %(count)s Meldungen") % {"count": count}),
        body=owner.name,
        url="/desk/meldungen/?view=free",
        to=staff_contacts(owner),
    )


@nightly("reports.unanswered")
def end_waiting_for_answers() -> None:
    """A question nobody answered in time: the work goes on without, the history says so."""
    limit = clock.now() - timedelta(days=deadline("reporter_answer_days", 21))
    waiting = Report.objects.filter(status=Status.WAITING, changed_at__lt=limit)
    for page in pages(waiting.select_related("thread")):
        for report in page:
            if was_asked(report):
                _go_on_without(report.pk)


@transaction.atomic
def _go_on_without(report_id: int) -> None:
    """Unless the answer came while we looked."""
    report = hold(report_id)
    if report.status == Status.WAITING and was_asked(report):
        told = _("Auf unsere Rückfrage kam keine Antwort. Wir arbeiten mit dem weiter, was wir wissen.")
        move_report(report_id, to=after_the_answer(report), by=None, told=told)
