"""The filter bar of the desk, and filters people keep."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from stadtkern.people.models import Person
from stadtkern.people.rights import reach
from stadtkern.places.domain.geometry import district_names
from stadtkern.reports.domain.catalogue import catalogue
from stadtkern.reports.domain.desk import DeskQuery
from stadtkern.reports.models import SavedFilter
from stadtkern.reports.web.desk_forms import category_choices
from stadtkern.reports.words import Kind, Status

ALL = [("", gettext_lazy("alle"))]


class FilterForm(forms.Form):
    view = forms.CharField(required=False, widget=forms.HiddenInput)
    q = forms.CharField(label=gettext_lazy("Nummer, Text oder Straße"), required=False, max_length=200)
    status = forms.ChoiceField(label=gettext_lazy("Status"), required=False, choices=[*ALL, *Status.choices])
    category = forms.ChoiceField(label=gettext_lazy("Kategorie"), required=False)
    kind = forms.ChoiceField(label=gettext_lazy("Art"), required=False, choices=[*ALL, *Kind.choices])
    owner = forms.ChoiceField(label=gettext_lazy("Stelle"), required=False)
    district = forms.ChoiceField(label=gettext_lazy("Bezirk"), required=False)

    def __init__(self, *args: Any, person: Person, **given: Any) -> None:
        super().__init__(*args, **given)
        self.fields["category"].choices = [*ALL, *category_choices(active=False)]
        self.fields["district"].choices = [*ALL, *sorted(district_names().items(), key=lambda pair: pair[1])]
        mine = reach(person, "reports.read")
        houses = [house for house in catalogue().organisations.values() if mine.covers(house.pk)]
        named = sorted(((str(house.pk), house.name) for house in houses), key=lambda pair: pair[1])
        self.fields["owner"].choices = [*ALL, *named]


@require_POST
@login_required
def save(request: HttpRequest) -> HttpResponse:
    """Keep the filter that is on the page under a name."""
    query = QueryDict(request.POST.get("query", "")[:500], mutable=True)
    query.pop("after", None)
    DeskQuery.parse(query)
    name = request.POST.get("name", "").strip()[:80]
    if name:
        SavedFilter.objects.update_or_create(
            person=request.user, name=name, defaults={"query": query.urlencode()[:500]}
        )
        messages.success(request, _("Filter „%(name)s“ gespeichert.") % {"name": name})
    return redirect(f"{reverse('reports-desk:inbox')}?{query.urlencode()}")


@require_POST
@login_required
def forget(request: HttpRequest, filter_id: int) -> HttpResponse:
    get_object_or_404(SavedFilter, pk=filter_id, person=request.user).delete()
    return redirect("reports-desk:inbox")
