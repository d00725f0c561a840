"""One action for many reports: each is done or refused on its own, and the page says which."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from stadtkern.core.problems import BadInput, Problem
from stadtkern.people.rights import require
from stadtkern.reports.domain import workflow
from stadtkern.reports.domain.catalogue import catalogue
from stadtkern.reports.domain.desk import visible
from stadtkern.reports.models import Report
from stadtkern.reports.web.desk_forms import NOBODY, houses
from stadtkern.reports.web.desk_rows import rows_of
from stadtkern.reports.words import Status

MOST = 100
SIMPLE = [Status.CHECKED, Status.IN_WORK, Status.WAITING, Status.DONE]


class BulkForm(forms.Form):
    """What to do with all that is chosen."""

    do = forms.ChoiceField(
        label=gettext_lazy("Was soll geschehen?"),
        choices=[
            ("take", gettext_lazy("Ich übernehme alle")),
            *[(f"move:{status}", status.label) for status in SIMPLE],
            ("hand_over", gettext_lazy("An andere Stelle geben")),
        ],
    )
    told = forms.CharField(
        label=gettext_lazy("Das lesen die meldenden Personen"),
        widget=forms.Textarea(attrs={"rows": 3}),
        required=False,
        max_length=4000,
    )
    to = forms.ChoiceField(label=gettext_lazy("Andere Stelle"), required=False)
    words = forms.CharField(label=gettext_lazy("Worum geht es? (liest nur die Stelle)"), required=False, max_length=400)

    def __init__(self, *args: Any, **given: Any) -> None:
        super().__init__(*args, **given)
        self.fields["to"].choices = [NOBODY, *houses(external=False)]


@require_POST
@login_required
def bulk(request: HttpRequest) -> HttpResponse:
    """First send shows what was chosen and asks; the second one does it."""
    require(request.user, "reports.work")
    chosen = _chosen(request)
    if not chosen:
        messages.warning(request, _("Bitte wählen Sie zuerst Meldungen aus."))
        return redirect("reports-desk:inbox")
    form = BulkForm(request.POST if "do" in request.POST else None)
    if not form.is_bound or not form.is_valid():
        context = {"form": form, "reports": chosen, "rows": rows_of(chosen)}
        return render(request, "reports/desk/bulk.html", context, status=422 if form.errors else 200)
    refused = do_all(chosen, form.cleaned_data, by=request.user)
    return _said(request, len(chosen) - len(refused), refused)


def _chosen(request: HttpRequest) -> list[Report]:
    ids = [int(text) for text in request.POST.getlist("id") if text.isdecimal() and len(text) < 12][:MOST]
    return list(visible(request.user).filter(pk__in=ids).select_related("assignee").order_by("due_at", "pk"))


def do_all(reports: Sequence[Report], data: dict[str, Any], *, by: Any) -> list[tuple[int, str]]:
    """Do it for each in its own transaction; returns the refused ones with the reason."""
    refused = []
    for report in reports:
        try:
            _do(report, data, by)
        except Problem as problem:
            refused.append((report.pk, "; ".join(map(str, problem.fields.values())) or str(problem)))
    return refused


def _do(report: Report, data: dict[str, Any], by: Any) -> None:
    require(by, "reports.assign" if data["do"] == "take" else "reports.work", report.owner_id)
    if data["do"] == "take":
        workflow.assign_report(report.pk, to=by, by=by, version=report.version)
    elif data["do"] == "hand_over":
        require(by, "reports.hand_over", report.owner_id)
        house = catalogue().organisations.get(int(data["to"] or 0))
        if house is None:
            raise BadInput(_("Bitte nennen Sie die andere Stelle."))
        workflow.hand_over(report.pk, to=house, by=by, words=data["words"], told=data["told"], version=report.version)
    else:
        status = Status(data["do"].removeprefix("move:"))
        workflow.move_report(report.pk, to=status, by=by, told=data["told"], version=report.version)


def _said(request: HttpRequest, done: int, refused: list[tuple[int, str]]) -> HttpResponse:
    if done:
        text = ngettext("%(count)s Meldung ist bearbeitet.", "%(count)s Meldungen sind bearbeitet.", done)
        messages.success(request, text % {"count": done})
    for report_id, reason in refused[:20]:
        messages.warning(request, f"#{report_id}: {reason}")
    return redirect("reports-desk:inbox")
