"""One action for many reports: each is done or refused on its own, and the page says which.

Every chosen report carries the version its row showed (`seen`: "17:3"). What was refused comes back with its reason,
still chosen, and with all that was typed.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from stadtkern.core.problems import Problem
from stadtkern.people.models import Person
from stadtkern.people.rights import reach, require
from stadtkern.reports.domain import workflow
from stadtkern.reports.domain.catalogue import catalogue
from stadtkern.reports.domain.desk import visible
from stadtkern.reports.models import Report
from stadtkern.reports.web.desk_drafts import keeps_typed
from stadtkern.reports.web.desk_forms import NOBODY, houses
from stadtkern.reports.web.desk_rows import rows_of
from stadtkern.reports.words import Status

MOST = 100
SIMPLE = [Status.CHECKED, Status.IN_WORK, Status.WAITING, Status.DONE]
WORKING = ("crew", "caseworker", "dispatcher")
RIGHTS = {"take": "reports.assign", "assign": "reports.assign", "hand_over": "reports.hand_over"}


class BulkForm(forms.Form):
    """What to do with all that is chosen."""

    do = forms.ChoiceField(
        label=gettext_lazy("Was soll geschehen?"),
        choices=[
            ("take", gettext_lazy("Ich übernehme alle")),
            ("assign", gettext_lazy("Zuweisen")),
            *[(f"move:{status}", status.label) for status in SIMPLE],
            ("hand_over", gettext_lazy("An andere Stelle geben")),
        ],
    )
    assignee = forms.ModelChoiceField(
        label=gettext_lazy("Zuweisen an"), queryset=Person.objects.none(), required=False, empty_label="—"
    )
    told = forms.CharField(
        label=gettext_lazy("Das lesen die meldenden Personen"),
        widget=forms.Textarea(attrs={"rows": 3}),
        required=False,
        max_length=4000,
    )
    to = forms.ChoiceField(label=gettext_lazy("Andere Stelle"), required=False)
    words = forms.CharField(
        label=gettext_lazy("Worum geht es? (liest nur die Stelle)"),
        widget=forms.Textarea(attrs={"rows": 2}),
        required=False,
        max_length=4000,
    )

    def __init__(self, *args: Any, person: Person, **given: Any) -> None:
        super().__init__(*args, **given)
        self.fields["to"].choices = [NOBODY, *houses(external=False)]
        self.fields["assignee"].queryset = colleagues_of(person)

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if data.get("do") == "assign" and not data.get("assignee"):
            self.add_error("assignee", _("Bitte wählen Sie, wem Sie die Meldungen zuweisen."))
        if data.get("do") == "hand_over":
            if not data.get("to"):
                self.add_error("to", _("Bitte nennen Sie die andere Stelle."))
            if not data.get("words"):
                self.add_error("words", _("Bitte schreiben Sie der anderen Stelle, worum es geht."))
        return data


def colleagues_of(person: Person) -> Any:
    """Who works in the organisations whose reports this person may assign."""
    mine = reach(person, "reports.assign")
    working = Person.objects.filter(mine.q("memberships__organisation"), memberships__role__in=WORKING, is_active=True)
    return working.distinct().order_by("name") if mine else Person.objects.none()


@require_http_methods(["GET", "HEAD", "POST"])
@keeps_typed
def bulk(request: HttpRequest) -> HttpResponse:
    """First send shows what was chosen and asks; the second one does it."""
    if request.method != "POST":
        return redirect("reports-desk:inbox")
    require(request.user, "reports.work")
    if "do" not in request.POST:
        return bulk_page(request, request.POST)
    if request.POST["do"] == "print":
        return redirect(_sheet_of(_chosen(request.user, request.POST)))
    form = BulkForm(request.POST, person=request.user)
    if not form.is_valid():
        return bulk_page(request, request.POST, form=form, status=422)
    chosen = _chosen(request.user, request.POST)
    refused = do_all(chosen, form.cleaned_data, by=request.user, seen=_seen(request.POST))
    if done := len(chosen) - len(refused):
        text = ngettext("%(count)s Meldung ist bearbeitet.", "%(count)s Meldungen sind bearbeitet.", done)
        messages.success(request, text % {"count": done})
    if not refused:
        return redirect("reports-desk:inbox")
    return bulk_page(request, request.POST, form=form, refused=refused, status=409)


def bulk_page(
    request: HttpRequest,
    posted: QueryDict,
    *,
    form: BulkForm | None = None,
    refused: Mapping[int, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    """What is chosen (after a try: what was refused, with the reason), and the form. Nothing is done."""
    chosen = [one for one in _chosen(request.user, posted) if refused is None or one.pk in refused]
    if not chosen:
        messages.warning(request, _("Bitte wählen Sie zuerst Meldungen aus."))
        return redirect("reports-desk:inbox")
    seen = _seen(posted)
    rows = [
        row
        | {
            "is_changed": seen.get(report.pk, report.version) != report.version,
            "refused": (refused or {}).get(report.pk, ""),
        }
        for report, row in zip(chosen, rows_of(chosen), strict=True)
    ]
    shown = form or BulkForm(initial=posted.dict(), person=request.user)
    return render(request, "reports/desk/bulk.html", {"form": shown, "rows": rows, "refused": refused}, status=status)


def _sheet_of(chosen: Sequence[Report]) -> str:
    """The address of the work sheet of these reports; the list when nothing is chosen."""
    ids = urlencode([("id", report.pk) for report in chosen])
    return f"{reverse('reports-desk:paper')}?{ids}" if ids else reverse("reports-desk:inbox")


def _chosen(person: Any, posted: QueryDict) -> list[Report]:
    ids = [int(text) for text in posted.getlist("id") if text.isdecimal() and len(text) < 12][:MOST]
    return list(visible(person).filter(pk__in=ids).select_related("assignee").order_by("due_at", "pk"))


def _seen(posted: QueryDict) -> dict[int, int]:
    """Report -> the version that was on the page."""
    pairs = (text.split(":") for text in posted.getlist("seen")[: 10 * MOST])
    sound = (pair for pair in pairs if len(pair) == 2 and all(part.isdecimal() and len(part) < 12 for part in pair))
    return {int(pk): int(version) for pk, version in sound}


def do_all(reports: Sequence[Report], data: Mapping[str, Any], *, by: Any, seen: Mapping[int, int]) -> dict[int, str]:
    """Do it for each in its own transaction; returns the refused ones with the reason.

    A report whose version was not on the page counts as changed.
    """
    refused = {}
    for report in reports:
        try:
            _do(report, data, by, seen.get(report.pk, 0))
        except Problem as problem:
            refused[report.pk] = "; ".join(map(str, problem.fields.values())) or str(problem)
    return refused


def _do(report: Report, data: Mapping[str, Any], by: Any, version: int) -> None:
    what = data["do"]
    require(by, RIGHTS.get(what, "reports.work"), report.owner_id)
    if what in {"take", "assign"}:
        workflow.assign_report(report.pk, to=by if what == "take" else data["assignee"], by=by, version=version)
    elif what == "hand_over":
        house = catalogue().organisations[int(data["to"])]
        workflow.hand_over(report.pk, to=house, by=by, words=data["words"], told=data["told"], version=version)
    else:
        status = Status(what.removeprefix("move:"))
        workflow.move_report(report.pk, to=status, by=by, told=data["told"], version=version)
