"""Categories at the desk: which are open, closing one with a reason and a referral, opening it again."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from stadtkern.core.city import city
from stadtkern.core.languages import pick
from stadtkern.core.problems import BadInput
from stadtkern.core.web.context import OWN_NAMES
from stadtkern.people.models import Organisation
from stadtkern.people.rights import require
from stadtkern.reports.domain.catalogue import Catalogue, catalogue
from stadtkern.reports.domain.closing import LONGEST_REASON, close_category, open_category
from stadtkern.reports.models import Category, Closing

RIGHT = "reports.rules"


class ClosingForm(forms.Form):
    """The reason in German, in the city's other languages where somebody knows the words, and who helps instead."""

    referral = forms.ModelChoiceField(
        label=gettext_lazy("Wer ist stattdessen zuständig?"),
        queryset=Organisation.objects.none(),
        required=False,
        empty_label=gettext_lazy("niemand, nur der Grund"),
    )

    def __init__(self, *args: Any, **given: Any) -> None:
        super().__init__(*args, **given)
        self.fields["referral"].queryset = Organisation.objects.filter(is_active=True).order_by("name")
        for language in city().languages:
            self.fields[f"reason_{language}"] = forms.CharField(
                label=_("Grund, den alle lesen (%(language)s)") % {"language": OWN_NAMES.get(language, language)},
                required=language == "de",
                max_length=LONGEST_REASON,
                widget=forms.Textarea(attrs={"rows": 2}),
            )
        self.order_fields(["reason_de", "referral"])

    @property
    def reason(self) -> dict[str, str]:
        return {language: self.cleaned_data[f"reason_{language}"] for language in city().languages}


@require_GET
@login_required
def index(request: HttpRequest) -> HttpResponse:
    """Every category by group, with its state as everybody sees it."""
    require(request.user, RIGHT)
    book = catalogue()
    closings = {row.category_id: row for row in Closing.objects.select_related("by")}
    groups = [
        (pick(group.name), [_row(category, book, closings.get(category.key)) for category in book.of_group(group.key)])
        for group in book.groups.values()
    ]
    return render(request, "reports/desk/categories.html", {"groups": groups})


def _row(category: Category, book: Catalogue, closing: Closing | None) -> dict[str, Any]:
    houses = {house.key: house.name for house in book.organisations.values()}
    return {
        "key": category.key,
        "name": pick(category.name),
        "is_active": category.is_active,
        "reason": pick(category.closed_reason),
        "referral": ", ".join(houses[key] for key in category.referral if key in houses),
        "closing": closing,
    }


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def close(request: HttpRequest, key: str) -> HttpResponse:
    """The form of one category; closing again changes the words."""
    require(request.user, RIGHT)
    category = catalogue().category(key)
    closing = Closing.objects.filter(category_id=key).first()
    form = ClosingForm(request.POST if request.method == "POST" else None, initial=_as_it_is(closing))
    if form.is_bound and form.is_valid():
        try:
            close_category(key, reason=form.reason, referral=form.cleaned_data["referral"], by=request.user)
        except BadInput as error:
            for name, words in (error.fields or {None: str(error)}).items():
                form.add_error(name, words)
        else:
            messages.success(request, _("„%(name)s“ ist geschlossen.") % {"name": pick(category.name)})
            return redirect("reports-desk:categories")
    context = {"form": form, "name": pick(category.name), "closing": closing}
    return render(request, "reports/desk/closing.html", context, status=422 if form.errors else 200)


def _as_it_is(closing: Closing | None) -> dict[str, Any]:
    if closing is None:
        return {}
    return {f"reason_{language}": text for language, text in closing.reason.items()} | {"referral": closing.referral_id}


@require_POST
@login_required
def reopen(request: HttpRequest, key: str) -> HttpResponse:
    require(request.user, RIGHT)
    name = pick(catalogue().category(key).name)
    open_category(key, by=request.user)
    messages.success(request, _("„%(name)s“ ist wieder so, wie das Stadtpaket es sagt.") % {"name": name})
    return redirect("reports-desk:categories")
