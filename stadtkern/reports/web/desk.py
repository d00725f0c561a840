"""The desk: an inbox that holds only what is mine, and one page per report to work on."""

from functools import partial
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from stadtkern.core import quick
from stadtkern.core.languages import pick
from stadtkern.core.problems import NotFound
from stadtkern.people.rights import may, require
from stadtkern.reports.domain import desk
from stadtkern.reports.domain.catalogue import catalogue
from stadtkern.reports.domain.desk import DeskQuery
from stadtkern.reports.domain.duplicates import likely_duplicates
from stadtkern.reports.models import Report
from stadtkern.reports.web.desk_actions import forms_for
from stadtkern.reports.web.desk_filters import FilterForm
from stadtkern.reports.web.desk_rows import counts_for, history, lines_of, tabs
from stadtkern.reports.web.wording import answers_for_staff, badge, category_name
from stadtkern.threads.domain.conversation import timeline
from stadtkern.threads.domain.privacy import read_contacts


@require_GET
@login_required
def inbox(request: HttpRequest) -> HttpResponse:
    """Open matters, most urgent first."""
    require(request.user, "reports.read")
    query = DeskQuery.parse(request.GET)
    page = desk.desk_marks(request.user, query)
    partly = bool(request.headers.get("HX-Request"))
    context: dict[str, Any] = {"page": page, "rows": lines_of(page.items), "query": query}
    if not partly:
        counts = counts_for(request.user)
        context |= {
            "counts": counts,
            "tabs": partial(tabs, request, query, counts),
            "filter_form": partial(FilterForm, request.GET, person=request.user),
            "saved": saved_filters(request),
            "may_take_calls": may(request.user, "reports.file_for"),
        }
    response = render(request, "reports/desk/_rows.html" if partly else "reports/desk/inbox.html", context)
    response["Vary"] = "HX-Request, Cookie"
    return response


def saved_filters(request: HttpRequest) -> Any:
    from stadtkern.reports.models import SavedFilter

    kept = quick.find(SavedFilter, "person_id", request.user.pk)
    return sorted(kept, key=lambda each: each.name)[:30]


@require_GET
@login_required
def show(request: HttpRequest, report_id: int) -> HttpResponse:
    report = (
        desk.visible(request.user)
        .filter(pk=report_id)
        .select_related("thread", "owner", "assignee", "duplicate_of", "part_of", "referred_to")
        .first()
    )
    if report is None:
        raise NotFound(_("Diese Meldung gibt es nicht, oder sie liegt nicht bei Ihrer Stelle."))
    return report_page(request, report)


def report_page(
    request: HttpRequest, report: Report, *, bound: dict[str, Any] | None = None, status: int = 200
) -> HttpResponse:
    """Everything about one report, with the actions this person may do."""
    person = request.user
    category = catalogue().category(report.category_id)
    context = {
        "report": report,
        "category": category,
        "category_name": pick(category.name),
        "answers": answers_for_staff(report.category_id, report.answers),
        "photos": report.photos.select_related("image"),
        "history": history(timeline(report.thread, as_seen_by="staff")),
        "clock": desk.running_clock(report),
        "due": desk.due_state(report.due_at, report.closed_at),
        "actions": forms_for(report, person, bound=bound or {}),
        "opened": next(iter(bound), "") if bound else "",
        "participants": participants(request, report),
        "linked": report.linked.only("pk", "status", "category"),
        "duplicates": report.duplicates.only("pk", "status"),
        "forwardings": report.forwardings.select_related("to").order_by("pk"),
        "may_forward": may(person, "reports.hand_over", report.owner_id),
        "likely": likely_doubles(report, person),
    }
    return render(request, "reports/desk/report.html", context, status=status)


def likely_doubles(report: Report, person: Any) -> list[dict[str, Any]]:
    """Open or just ended matters near by that may be the same one, as far as this person sees and may merge them."""
    if not report.is_open or report.lat is None or not may(person, "reports.correct", report.owner_id):
        return []
    category = catalogue().category(report.category_id)
    found = likely_duplicates(
        category, lat=report.lat, lon=report.lon, text=report.text, for_staff=True, but_not=report.pk
    )
    mine = set(desk.visible(person).filter(pk__in=[one.row.id for one in found]).values_list("pk", flat=True))
    return [
        {
            "id": one.row.id,
            "category": category_name(one.row.category),
            "text": one.row.text[:140],
            "distance": one.distance_m,
            "status": badge(one.row.status),
            "filed_at": one.row.filed_at,
        }
        for one in found
        if one.row.id in mine and one.row.id != report.pk
    ]


def participants(request: HttpRequest, report: Report) -> dict[str, Any]:
    """Contact data of those who take part: only for those with the right, and every look is written down."""
    if may(request.user, "reports.contact", report.owner_id):
        shown = read_contacts(report.thread, by=request.user)
        return {"count": len(shown), "shown": shown}
    return {"count": report.thread.participants.count(), "shown": []}
