"""Nothing is forgotten: clocks that ran out, due dates, questions without answer, "was it solved?"."""

from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from stadtkern.core import clock
from stadtkern.core.city import city
from stadtkern.core.jobs import every, nightly
from stadtkern.core.languages import pick
from stadtkern.people.models import Organisation, Person
from stadtkern.people.words import Role
from stadtkern.reports.domain.catalogue import catalogue
from stadtkern.reports.domain.letters import in_each_language, page_of
from stadtkern.reports.domain.workflow import move_report
from stadtkern.reports.models import Handover, Report
from stadtkern.reports.words import CLOSED, Status
from stadtkern.threads.domain.conversation import contact_for
from stadtkern.threads.domain.notifying import notify
from stadtkern.threads.models import Contact

MOST = 500
SOLVED_WINDOW = timedelta(days=7)


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
        thread__participants__isnull=False,
    )
    for report in ended.select_related("thread").distinct()[:MOST]:
        notify(
            topic="reports.status",
            happening=f"report:{report.pk}:solved?:{report.closed_at:%Y%m%d%H%M}",
            title=in_each_language(lambda: _("Ist das Problem gelöst?")),
            body=in_each_language(lambda: _("Ein Tippen genügt. Wenn nicht, öffnen wir die Meldung wieder.")),
            url=page_of(report),
            thread=report.thread,
        )


@nightly("reports.due")
def remind_of_due_dates() -> None:
    """What is due today or overdue is told once to whoever is in charge."""
    soon = clock.now() + timedelta(hours=24)
    rows = Report.objects.filter(closed_at__isnull=True, assignee__isnull=False, due_at__lt=soon)
    for report in rows.select_related("assignee").order_by("due_at")[:MOST]:
        with transaction.atomic():
            _remind_assignee(report)


def _remind_assignee(report: Report) -> None:
    name = catalogue().category(report.category_id).name
    assert report.assignee is not None  # noqa: S101  the query asked for it
    notify(
        topic="reports.clock",
        happening=f"report:{report.pk}:due:{report.due_at:%Y%m%d}",
        title=in_each_language(lambda: _("Fällig: %(category)s") % {"category": pick(name)}),
        body=report.address,
        url=f"/desk/meldungen/{report.pk}/",
        to=contact_for(person=report.assignee),
    )


@nightly("reports.unanswered")
def end_waiting_for_answers() -> None:
    """A question nobody answered in time: the work goes on without, the history says so."""
    limit = clock.now() - timedelta(days=deadline("reporter_answer_days", 21))
    waiting = Report.objects.filter(status=Status.WAITING, changed_at__lt=limit).exclude(status__in=CLOSED)
    for report in waiting.select_related("thread")[:MOST]:
        last = report.thread.entries.filter(kind="message").order_by("-at", "-pk").first()
        if last is not None and last.code == "question":
            told = _("Auf unsere Rückfrage kam keine Antwort. Wir arbeiten mit dem weiter, was wir wissen.")
            move_report(report.pk, to=Status.CHECKED, by=None, told=told)
