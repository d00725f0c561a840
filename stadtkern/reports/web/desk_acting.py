"""Doing an action at the desk: in one transaction, on the version that was seen, and nothing typed is ever lost."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from stadtkern.core.problems import NotAllowed, NotFound, Problem
from stadtkern.people.models import Person
from stadtkern.people.rights import require
from stadtkern.reports.domain.desk import visible
from stadtkern.reports.domain.holding import ChangedMeanwhile, hold
from stadtkern.reports.models import Report
from stadtkern.reports.web import desk_own_blocks
from stadtkern.reports.web.desk import report_page
from stadtkern.reports.web.desk_actions import ACTIONS, BESIDE, Data, DeskAction
from stadtkern.reports.web.desk_bulk import bulk_page
from stadtkern.reports.web.desk_drafts import keeps_typed, unsent
from stadtkern.reports.web.desk_forms import DeskForm

RELOAD = "reload"  # the name of a button that asks for the page again, with what was typed


@require_http_methods(["GET", "HEAD", "POST"])
@keeps_typed
def act(request: HttpRequest, report_id: int, key: str) -> HttpResponse:
    """Do one action; on bad input the page comes back with everything typed, on a conflict with both versions."""
    if request.method != "POST":
        return redirect(f"{reverse('reports-desk:report', args=[report_id])}#tun-{key}")
    try:
        report, action = _found(request.user, report_id, key)
        require(request.user, action.right, report.owner_id)
    except (NotFound, NotAllowed) as problem:
        return _out_of_reach(request, key, problem)
    form = action.form(request.POST, report=report, person=request.user, prefix=key)
    if RELOAD in request.POST or form.asks_more():
        return _again(request, report, action, form.reloaded())
    return _try(request, report, action, form)


def _try(request: HttpRequest, report: Report, action: DeskAction, form: DeskForm) -> HttpResponse:
    if not form.is_valid():
        return _again(request, report, action, form, status=422)
    try:
        _do(action, report, form.cleaned_data, request.user)
    except ChangedMeanwhile as conflict:
        return _conflict(request, conflict, action, form)
    except Problem as problem:
        for name, words in (problem.fields or {None: str(problem)}).items():
            form.add_error(name if name in form.fields else None, words)
        return _again(request, report, action, form, status=problem.status)
    messages.success(request, action.done)
    still_mine = visible(request.user).filter(pk=report.pk).exists()
    return redirect("reports-desk:report", report.pk) if still_mine else redirect("reports-desk:inbox")


def _found(person: Any, report_id: int, key: str) -> tuple[Report, DeskAction]:
    report = visible(person).filter(pk=report_id).select_related("thread", "owner", "assignee").first()
    if report is None or key not in ACTIONS:
        raise NotFound(_("Diese Meldung gibt es nicht, oder sie liegt nicht bei Ihrer Stelle."))
    return report, ACTIONS[key]


def _out_of_reach(request: HttpRequest, key: str, problem: Problem) -> HttpResponse:
    """A colleague gave the report away, or a role ended, while somebody was writing: the words can still be copied."""
    typed = [str(text) for name, text in request.POST.items() if name.startswith(f"{key}-")]
    written = [text for text in typed if len(text.split()) > 1]
    if not written:
        raise problem
    context = {"problem": problem, "written": written}
    return render(request, "reports/desk/out_of_reach.html", context, status=problem.status)


@transaction.atomic
def _do(action: DeskAction, report: Report, data: Data, by: Person) -> None:
    """Run the action on the version its form carries; a form without one counts as old.

    Actions that only add a line nobody outside reads (`appends`: the internal note) never collide. An answer is
    none of them: whoever answers should know what a colleague or the citizen said in the meantime.
    Two reports are locked in the order of their numbers, so that two people merging crosswise do not block.
    """
    others = [pk for pk in (data.get("into"), data.get("other")) if pk]
    for pk in sorted({report.pk, *others}):
        seen = None if action.appends or pk != report.pk else (data["version"] or 0)
        hold(pk, version=seen)
    action.run(report, data, by)


def _again(
    request: HttpRequest, report: Report, action: DeskAction, form: DeskForm, *, status: int = 200
) -> HttpResponse:
    """The page as it is now, with this form as it was typed."""
    if action.group == BESIDE:
        for reasons in form.errors.values():
            messages.warning(request, " ".join(map(str, reasons)))
    now = visible(request.user).filter(pk=report.pk).select_related("thread", "owner", "assignee").first()
    return report_page(request, now or report, bound={action.key: form}, status=status)


def _conflict(request: HttpRequest, conflict: ChangedMeanwhile, action: DeskAction, form: DeskForm) -> HttpResponse:
    """What others did meanwhile, and the form as it was typed, ready to be sent again."""
    report = Report.objects.select_related("thread", "owner", "assignee").get(pk=conflict.report.pk)
    typed = request.POST.copy()
    typed[f"{action.key}-version"] = str(report.version)
    again = action.form(typed, report=report, person=request.user, prefix=action.key)
    entries = report.thread.entries.select_related("person", "organisation").order_by("-at", "-pk")[:5]
    context = {"report": report, "action": action, "form": again, "entries": entries}
    return render(request, "reports/desk/conflict.html", context, status=409)


@require_GET
@login_required
def show_unsent(request: HttpRequest) -> HttpResponse:
    """After signing in again: the form that an expired session could not send, filled in. Nothing is done yet."""
    waiting = unsent(request)
    if waiting is None:
        return redirect("reports-desk:inbox")
    messages.info(request, _("Sie waren abgemeldet. Ihre Eingaben sind noch da: Bitte senden Sie sie jetzt ab."))
    if waiting.view == "bulk":
        require(request.user, "reports.work")
        return bulk_page(request, waiting.typed)
    if waiting.view in {"block", "new-block"}:
        return desk_own_blocks.show_again(request, waiting.typed, **waiting.kwargs)
    report, action = _found(request.user, int(waiting.kwargs["report_id"]), waiting.kwargs["key"])
    require(request.user, action.right, report.owner_id)
    form = action.form(waiting.typed, report=report, person=request.user, prefix=action.key)
    return _again(request, report, action, form.reloaded())
