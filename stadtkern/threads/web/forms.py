"""Forms of notifications."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from stadtkern.threads.domain.following import AREA
from stadtkern.threads.words import Pace

RADII = [(250, _("250 m: meine Straße")), (500, _("500 m: mein Viertel")), (1000, _("1 km")), (2000, _("2 km"))]


class Rhythm(forms.Form):
    """How often, and when not."""

    pace = forms.ChoiceField(
        label=_("Wie oft möchten Sie von uns hören?"),
        choices=Pace,
        widget=forms.RadioSelect,
        help_text=_("Gebündelt heißt: täglich um 17 Uhr oder freitags um 17 Uhr, alles in einer Nachricht."),
    )
    quiet_from = forms.TimeField(
        label=_("Ruhe ab"),
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
    )
    quiet_until = forms.TimeField(
        label=_("Ruhe bis"), required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        for one, other in (("quiet_from", "quiet_until"), ("quiet_until", "quiet_from")):
            if given.get(one) is None and given.get(other) is not None and one not in self.errors:
                self.add_error(one, _("Bitte geben Sie beide Uhrzeiten an, oder keine."))
        return given


class Wish(forms.Form):
    """What somebody wants to hear of. An area comes as lat, lon and radius."""

    topic = forms.SlugField(max_length=40, widget=forms.HiddenInput)
    value = forms.CharField(max_length=80, required=False, widget=forms.HiddenInput)
    label = forms.CharField(max_length=200, required=False, widget=forms.HiddenInput)
    next = forms.CharField(max_length=300, required=False, widget=forms.HiddenInput)
    lat = forms.FloatField(required=False, widget=forms.HiddenInput)
    lon = forms.FloatField(required=False, widget=forms.HiddenInput)
    radius = forms.TypedChoiceField(
        label=_("Wie weit um diesen Ort?"), choices=RADII, coerce=int, required=False, widget=forms.RadioSelect
    )
    pace = forms.ChoiceField(
        label=_("Wie oft?"), choices=Pace, initial=Pace.NOW, required=False, widget=forms.RadioSelect
    )
    email = forms.EmailField(
        label=_("Ihre E-Mail-Adresse"),
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        help_text=_("Nur wenn Sie per E-Mail hören möchten. Wir schicken Ihnen zuerst einen Link zum Bestätigen."),
    )

    def as_shown(self) -> "Wish":
        """The form on our own page always has a choice; other pages may leave these fields out."""
        for name in ("radius", "pace"):
            self.fields[name].required = True
        return self

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        given["pace"] = Pace(given.get("pace") or Pace.NOW)
        if given.get("topic") == AREA and not given.get("value"):
            given["value"] = self._area(given)
        return given

    def _area(self, given: dict[str, Any]) -> str:
        if given.get("lat") is None or given.get("lon") is None:
            self.add_error(None, _("Es fehlt der Ort. Bitte wählen Sie ihn noch einmal aus."))
            return ""
        return f"{given['lat']:.5f},{given['lon']:.5f},{given.get('radius') or 500}"


class Ending(forms.Form):
    """What somebody no longer wants to hear of."""

    topic = forms.SlugField(max_length=40)
    value = forms.CharField(max_length=80, required=False)
