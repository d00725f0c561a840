"""Forms of the desk's sources: built from the fields of a kind, so that a plugin's kind has pages too."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stadtkern.hub.domain.connecting.mapping import MAPPING_FIELDS
from stadtkern.hub.domain.connecting.port import ConfigField, ConnectorKind, connectors
from stadtkern.hub.domain.connecting.stewarding import LONGEST_INTERVAL, SHORTEST_INTERVAL, houses_of
from stadtkern.hub.words import Visibility
from stadtkern.people.models import Organisation, Person
from stadtkern.people.rights import reach

OF_MAPPING = {one.key for one in MAPPING_FIELDS}


class NewSourceForm(forms.Form):
    """The first step: what it is, whose it is, who sees what it brings."""

    name = forms.CharField(label=gettext_lazy("Name der Quelle"), max_length=120)
    kind = forms.ChoiceField(label=gettext_lazy("Art der Quelle"), widget=forms.RadioSelect)
    organisation = forms.ModelChoiceField(
        label=gettext_lazy("Wem gehören die Daten?"), queryset=Organisation.objects.none()
    )
    visibility = forms.ChoiceField(
        label=gettext_lazy("Wer sieht sie?"), choices=Visibility.choices, initial=Visibility.PUBLIC
    )

    def __init__(self, *args: Any, person: Person, **given: Any) -> None:
        super().__init__(*args, **given)
        self.fields["kind"].choices = [(kind.key, f"{kind.label}: {kind.explanation}") for kind in connectors]
        self.fields["organisation"].queryset = houses_of(person)
        if reach(person, "hub.manage").all:
            self.fields["organisation"].required = False
            self.fields["organisation"].empty_label = _("der ganzen Stadt")


class SourceForm(forms.Form):
    """The fields of a kind that say where to ask; secrets are never shown again."""

    def __init__(self, *args: Any, kind: ConnectorKind, sealed: Sequence[str] = (), **given: Any) -> None:
        super().__init__(*args, **given)
        for one in kind.fields:
            if one.key not in OF_MAPPING and one.kind != "list":
                self.fields[one.key] = field_of(one, is_kept=one.key in sealed)
        if kind.takes_file:
            self.fields["upload"] = forms.FileField(
                label=_("Datei"), help_text=_("CSV, XLSX oder ODS; statt einer Adresse."), required=False
            )


class ScheduleForm(forms.Form):
    """The last step: how often, and when its silence is a fault."""

    interval_minutes = forms.IntegerField(
        label=gettext_lazy("Alle wie viele Minuten abrufen?"),
        help_text=gettext_lazy("Leer: nur einmal und dann von Hand."),
        required=False,
        min_value=SHORTEST_INTERVAL,
        max_value=LONGEST_INTERVAL,
    )
    expect_minutes = forms.IntegerField(
        label=gettext_lazy("Alle wie viele Minuten kommt etwas Neues?"),
        help_text=gettext_lazy("Danach richtet sich, wann eine stumme Quelle gemeldet wird. Leer: wie beim Abrufen."),
        required=False,
        min_value=1,
        max_value=LONGEST_INTERVAL,
    )


class GapForm(forms.Form):
    since = forms.DateTimeField(
        label=gettext_lazy("Von"), widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    )
    until = forms.DateTimeField(
        label=gettext_lazy("Bis"), widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    )


def field_of(one: ConfigField, *, is_kept: bool = False) -> forms.Field:
    """A form's field for a setting; what else is wrong with it is said by the domain."""
    usual = {"label": one.label, "help_text": one.help, "required": one.required and one.kind != "secret"}
    if one.kind == "choice":
        return forms.ChoiceField(choices=one.choices, **usual)
    if one.kind == "flag":
        return forms.BooleanField(**usual)
    if one.kind == "number":
        return forms.FloatField(localize=True, **usual)
    if one.kind == "secret":
        kept = _("Ist hinterlegt. Leer lassen: bleibt, wie es ist.") if is_kept else one.help
        return forms.CharField(widget=forms.PasswordInput(attrs={"autocomplete": "off"}), **usual | {"help_text": kept})
    return forms.CharField(max_length=2_000, **usual)
