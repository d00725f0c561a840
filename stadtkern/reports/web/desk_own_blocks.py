"""The page on which an organisation keeps its own text blocks."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from stadtkern.core.languages import pick
from stadtkern.core.problems import BadInput, NotFound
from stadtkern.people.models import Person
from stadtkern.people.rights import reach, require
from stadtkern.reports.domain.blocks import FACTS, RIGHT, keep_block, own_blocks
from stadtkern.reports.domain.catalogue import catalogue
from stadtkern.reports.models import CannedAnswer
from stadtkern.reports.web.desk_drafts import keeps_typed
from stadtkern.reports.web.desk_forms import category_choices
from stadtkern.reports.words import Status

FITS_ALL = gettext_lazy("Nichts gewählt: passt immer.")


class BlockForm(forms.Form):
    """A block; nothing chosen below means that it fits everything."""

    title = forms.CharField(label=gettext_lazy("Titel"), max_length=120)
    text = forms.CharField(label=gettext_lazy("Text"), max_length=4000, widget=forms.Textarea(attrs={"rows": 5}))
    organisation = forms.TypedChoiceField(label=gettext_lazy("Stelle"))
    status = forms.MultipleChoiceField(
        label=gettext_lazy("Passt zum Status"),
        help_text=FITS_ALL,
        choices=Status.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    groups = forms.MultipleChoiceField(
        label=gettext_lazy("Passt zum Bereich"),
        help_text=FITS_ALL,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    categories = forms.MultipleChoiceField(
        label=gettext_lazy("Passt zur Kategorie"),
        help_text=FITS_ALL,
        required=False,
        widget=forms.SelectMultiple(attrs={"size": 8}),
    )
    is_active = forms.BooleanField(label=gettext_lazy("Wird angeboten"), required=False, initial=True)

    def __init__(self, *args: Any, person: Person, **given: Any) -> None:
        super().__init__(*args, **given)
        book, mine = catalogue(), reach(person, RIGHT)
        houses = [house for house in book.organisations.values() if house.is_active and mine.covers(house.pk)]
        named = sorted(((str(house.pk), house.name) for house in houses), key=lambda pair: pair[1])
        self.fields["organisation"].choices = named
        self.fields["organisation"].coerce = lambda key: book.organisations[int(key)]
        self.fields["groups"].choices = [(group.key, pick(group.name)) for group in book.groups.values()]
        self.fields["categories"].choices = category_choices(active=False)
        self.fields["text"].help_text = _("Wird ausgefüllt: %(facts)s.") % {"facts": ", ".join(FACTS)}


@require_GET
@login_required
def own(request: HttpRequest) -> HttpResponse:
    """The blocks of my organisations, and those of the city to look up."""
    require(request.user, RIGHT)
    blocks = list(own_blocks(request.user).order_by("organisation__name", "title"))
    of_the_city = CannedAnswer.objects.filter(organisation=None, is_active=True)
    return render(request, "reports/desk/blocks.html", {"blocks": blocks, "of_the_city": of_the_city})


@keeps_typed
def edit(request: HttpRequest, block_id: int | None = None) -> HttpResponse:
    """Write a new block, change one, switch it off and on."""
    block = _mine(request, block_id)
    form = BlockForm(request.POST or None, person=request.user, initial=_as_it_is(block))
    if request.method == "POST" and form.is_valid():
        try:
            keep_block(block, by=request.user, **form.cleaned_data)
        except BadInput as error:
            for name, words in error.fields.items():
                form.add_error(name, words)
        else:
            messages.success(request, _("Der Textbaustein ist gespeichert."))
            return redirect("reports-desk:blocks")
    status = 422 if form.errors else 200
    return render(request, "reports/desk/block.html", {"form": form, "kept": block}, status=status)


def show_again(request: HttpRequest, typed: QueryDict, block_id: int | None = None) -> HttpResponse:
    """The form as it was typed before the session ended; nothing is kept yet."""
    block = _mine(request, block_id)
    bound = BlockForm(typed, person=request.user)
    form = BlockForm(initial={field.name: field.value() for field in bound}, person=request.user)
    return render(request, "reports/desk/block.html", {"form": form, "kept": block})


def _mine(request: HttpRequest, block_id: int | None) -> CannedAnswer | None:
    """The block, when this person may change it; None for a new one."""
    require(request.user, RIGHT)
    block = own_blocks(request.user).filter(pk=block_id).first() if block_id else None
    if block_id and block is None:
        raise NotFound(_("Diesen Textbaustein gibt es nicht, oder er gehört einer anderen Stelle."))
    return block


def _as_it_is(block: CannedAnswer | None) -> dict[str, Any]:
    if block is None:
        return {}
    names = ("title", "text", "status", "groups", "categories", "is_active")
    return {name: getattr(block, name) for name in names} | {"organisation": str(block.organisation_id)}
