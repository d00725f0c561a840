"""The desk's pages about things: what a steward cares for, and who sees it."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from stadtkern.core.problems import BadInput
from stadtkern.hub.domain.letters.devices import devices_of
from stadtkern.hub.domain.stations import caring
from stadtkern.hub.domain.visibility import show_thing_to
from stadtkern.hub.models import Datastream, Thing
from stadtkern.hub.rights import MANAGE
from stadtkern.hub.web.desk_devices import state_of
from stadtkern.hub.web.desk_rules_forms import blame
from stadtkern.hub.words import Visibility
from stadtkern.people.rights import reach
from stadtkern.people.web.desk import needs

TONES = {Visibility.PUBLIC: "good", Visibility.ORGANISATION: "info", Visibility.NAMED: "warn"}
ICONS = {Visibility.PUBLIC: "globe", Visibility.ORGANISATION: "people", Visibility.NAMED: "lock"}


class ThingFilter(forms.Form):
    q = forms.CharField(label=gettext_lazy("Station"), required=False, max_length=80)
    sicht = forms.ChoiceField(
        label=gettext_lazy("Sichtbarkeit"), required=False, choices=[("", gettext_lazy("alle")), *Visibility.choices]
    )


class VisibilityForm(forms.Form):
    """Who sees the thing, and which of its datastreams go with it: at first those that are seen as it is now.

    So nobody opens by chance what was closed for itself.
    """

    visibility = forms.ChoiceField(
        label=gettext_lazy("Wer sieht die Station?"), choices=Visibility.choices, widget=forms.RadioSelect
    )
    datastreams = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Für diese Messreihen gilt es auch"),
        help_text=gettext_lazy("Nicht angekreuzte bleiben, wie sie sind."),
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, thing: Thing, streams: list[Datastream], **given: Any) -> None:
        alike = [one.pk for one in streams if one.visibility == thing.visibility]
        begun = {"visibility": thing.visibility, "datastreams": alike}
        super().__init__(*args, initial=begun, **given)
        self.fields["datastreams"].choices = [(one.pk, _label(one)) for one in streams]


@require_GET
@needs(MANAGE)
def index(request: HttpRequest) -> HttpResponse:
    """My things; three statements however many there are."""
    form = ThingFilter(request.GET)
    given = form.cleaned_data if form.is_valid() else {}
    page = caring.desk_list(
        request.user,
        text=given.get("q", "").strip(),
        visibility=given.get("sicht", ""),
        after=request.GET.get("after"),
    )
    pulses = caring.pulses(page.items)
    rows = [
        {"thing": one, "pulse": pulses.get(one.pk, caring.Pulse()), "seen": seen_by(one.visibility)}
        for one in page.items
    ]
    return render(request, "hub/desk/things.html", {"form": form, "page": page, "rows": rows})


@require_GET
@needs(MANAGE)
def show(request: HttpRequest, thing_id: int) -> HttpResponse:
    """One thing: its facts, its datastreams, its devices, who sees it."""
    return _shown(request, caring.thing_for(request.user, thing_id), None)


@require_POST
@needs(MANAGE)
def change_visibility(request: HttpRequest, thing_id: int) -> HttpResponse:
    thing = caring.thing_for(request.user, thing_id)
    form = VisibilityForm(request.POST, thing=thing, streams=_mine(request, list(caring.streams_of(thing))))
    if form.is_valid():
        data = form.cleaned_data
        try:
            changed = show_thing_to(
                thing.pk, visibility=data["visibility"], datastream_ids=data["datastreams"], by=request.user
            )
        except BadInput as error:
            blame(form, error)
        else:
            _say(request, changed, data["visibility"])
            return redirect("hub-devices:thing", thing.pk)
    return _shown(request, thing, form)


def seen_by(visibility: str) -> dict[str, str]:
    """Word, tone and icon of who sees something."""
    word = Visibility(visibility)
    return {"label": word.label, "tone": TONES[word], "icon": ICONS[word]}


def _shown(request: HttpRequest, thing: Thing, form: VisibilityForm | None) -> HttpResponse:
    streams = list(caring.streams_of(thing))
    devices = devices_of(request.user).filter(thing=thing).order_by("name", "pk")
    shown = {
        "thing": thing,
        "seen": seen_by(thing.visibility),
        "streams": [{"stream": one, "seen": seen_by(one.visibility)} for one in streams],
        "devices": [{"device": one, "state": state_of(one)} for one in devices],
        "places": thing.locations.all(),
        "form": form or VisibilityForm(thing=thing, streams=_mine(request, streams)),
    }
    return render(request, "hub/desk/thing.html", shown, status=422 if form else 200)


def _mine(request: HttpRequest, streams: list[Datastream]) -> list[Datastream]:
    """A datastream may belong to another house than its thing."""
    mine = reach(request.user, MANAGE)
    return [one for one in streams if mine.covers(one.organisation_id)]


def _say(request: HttpRequest, changed: int, visibility: str) -> None:
    if not changed:
        messages.info(request, _("Es war schon so."))
    elif visibility == Visibility.PUBLIC:
        messages.success(request, _("Die Station ist jetzt öffentlich: auf der Karte und über alle Schnittstellen."))
    else:
        messages.success(
            request, _("Die Station ist jetzt nicht mehr öffentlich, auch nicht für den, der ihre Adresse kennt.")
        )


def _label(stream: Datastream) -> str:
    name = stream.name or (stream.observed_property.name if stream.observed_property else str(stream.pk))
    return _("%(name)s (zurzeit: %(seen)s)") % {"name": name, "seen": stream.get_visibility_display()}
