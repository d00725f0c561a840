"""Who gets what: the simulator ("what would happen to …"), and the clocks of all organisations."""

from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from stadtkern.core.languages import pick
from stadtkern.people.rights import require
from stadtkern.places.domain.geometry import district_names
from stadtkern.reports.domain import desk, routing
from stadtkern.reports.domain.catalogue import catalogue
from stadtkern.reports.domain.routing import Case, Condition, case_for
from stadtkern.reports.models import Category
from stadtkern.reports.web.desk_forms import category_choices

CHOICE_TYPES = {"singlevaluelist", "multivaluelist"}


class CaseForm(forms.Form):
    """A case to try: a category, a district, the answers that rules may look at."""

    kategorie = forms.ChoiceField(label=gettext_lazy("Kategorie"))
    bezirk = forms.ChoiceField(label=gettext_lazy("Bezirk"), required=False)
    objekt = forms.CharField(
        label=gettext_lazy("Nummer des Objekts"),
        help_text=gettext_lazy("Was auf dem Schild steht, zum Beispiel: Laterne 4711"),
        required=False,
        max_length=80,
    )

    def __init__(self, *args: Any, category: Category | None, **given: Any) -> None:
        super().__init__(*args, **given)
        self.fields["kategorie"].choices = category_choices()
        self.fields["bezirk"].choices = [("", "—"), *sorted(district_names().items(), key=lambda pair: pair[1])]
        for question in category.questions if category else ():
            if question["type"] in CHOICE_TYPES:
                self.fields[f"antwort_{question['code']}"] = forms.ChoiceField(
                    label=pick(question["label"]),
                    required=False,
                    choices=[("", "—"), *((value["key"], pick(value["name"])) for value in question["values"])],
                )

    def case(self, category: Category) -> Case:
        data = self.cleaned_data
        marked = {name.removeprefix("antwort_"): value for name, value in data.items() if name.startswith("antwort_")}
        answers = {code: value for code, value in marked.items() if value}
        return case_for(category, district=data["bezirk"], answers=answers, asset_id=data["objekt"])


@require_GET
@login_required
def simulator(request: HttpRequest) -> HttpResponse:
    """Every rule in order, which one matches, and who would own the report."""
    require(request.user, "reports.rules")
    category = catalogue().categories.get(request.GET.get("kategorie", ""))
    form = CaseForm(request.GET if category else None, category=category)
    context: dict[str, Any] = {"form": form, "category": category}
    if category and form.is_valid():
        case = form.case(category)
        way = routing.route(case)
        tried = [
            {
                "rule": rule,
                "matches": all(condition.holds for condition in conditions),
                "conditions": [_told(condition) for condition in conditions],
                "wins": way.rule is not None and rule.pk == way.rule.pk,
                "to": catalogue().organisations[rule.to_id],
            }
            for rule, conditions in routing.tried(case)
        ]
        context |= {"route": way, "tried": tried, "case": case}
    return render(request, "reports/desk/simulator.html", context)


LABELS = {
    "kind": gettext_lazy("Art"),
    "group": gettext_lazy("Bereich"),
    "category": gettext_lazy("Kategorie"),
    "district": gettext_lazy("Bezirk"),
    "asset": gettext_lazy("Objekt"),
    "asset_owner": gettext_lazy("Objekt gehört"),
}


def _told(condition: Condition) -> dict[str, Any]:
    """A condition as the table says it: "Antwort ground: vbw (hier: private)"."""
    label = LABELS.get(condition.name) or _("Antwort %(code)s") % {"code": condition.name.removeprefix("answers.")}
    return {
        "label": label,
        "wanted": ", ".join(condition.wanted),
        "has": ", ".join(condition.has),
        "holds": condition.holds,
    }


@require_GET
@login_required
def clocks(request: HttpRequest) -> HttpResponse:
    """Hand-overs per organisation: how many run, how many ran out, how long they took."""
    require(request.user, "reports.figures")
    return render(request, "reports/desk/clocks.html", {"rows": desk.handover_clocks()})
