"""Forms of the rules of a datastream."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from stadtkern.core.problems import BadInput
from stadtkern.hub.domain.quality.checking import Rule
from stadtkern.hub.domain.quality.rules import USED, check_limits
from stadtkern.hub.models import QualityRule

AGAIN = [(0, _("nein")), (7, _("die letzten 7 Tage")), (30, _("die letzten 30 Tage")), (366, _("das letzte Jahr"))]


class RuleFilter(forms.Form):
    q = forms.CharField(label=_("Messreihe oder Objekt"), required=False, max_length=80)
    stand = forms.ChoiceField(
        label=_("Regeln"), required=False, choices=[("", _("alle")), ("without", _("ohne")), ("with", _("mit"))]
    )


class RuleForm(forms.Form):
    """One rule. Which numbers count depends on the kind; the others stay empty."""

    kind = forms.ChoiceField(label=_("Was wird geprüft?"), choices=QualityRule.Kind.choices)
    severity = forms.ChoiceField(
        label=_("Wie schlimm ist es?"),
        help_text=_("„Unbrauchbar“ zählt in keinem Mittelwert und löst keine Warnung aus. Der Wert selbst bleibt."),
        choices=QualityRule.Severity.choices,
    )
    low = forms.FloatField(label=_("Kleinster Wert"), help_text=_("Wertebereich."), required=False, localize=True)
    high = forms.FloatField(
        label=_("Größter Wert"),
        help_text=_(
            "Wertebereich. Bei „Sprung“: die größte Änderung. Bei „Ausreißer“: ab wie vielen Abweichungen (5)."
        ),
        required=False,
        localize=True,
    )
    minutes = forms.FloatField(
        label=_("Minuten"),
        help_text=_("Sprung: Änderung in dieser Zeit. Steht still, Lücke, Uhr, verspätet: ab dieser Dauer."),
        required=False,
        localize=True,
        min_value=0,
    )
    count = forms.IntegerField(
        label=_("Anzahl"),
        help_text=_("Steht still: so oft derselbe Wert. Ausreißer: aus so vielen Tagen wird das Übliche gelernt (14)."),
        required=False,
        min_value=1,
        max_value=1_000,
    )
    note = forms.CharField(
        label=_("Woher kommen die Grenzen?"),
        help_text=_("Zum Beispiel: Datenblatt des Fühlers."),
        required=False,
        max_length=200,
    )
    again_days = forms.TypedChoiceField(
        label=_("Frühere Werte neu prüfen"), choices=AGAIN, coerce=int, required=False, empty_value=0
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors:
            try:
                check_limits(data["kind"], self.limits())
            except BadInput as error:
                blame(self, error)
        return data

    def limits(self) -> dict[str, Any]:
        """The numbers that the kind uses, in the words of the table."""
        data = self.cleaned_data
        minutes = data.get("minutes")
        given = {
            "low": data.get("low"),
            "high": data.get("high"),
            "seconds": None if minutes is None else round(minutes * 60),
            "count": data.get("count"),
        }
        return {name: value if name in USED[data["kind"]] else None for name, value in given.items()}

    def rule(self) -> Rule:
        """The rule as the checks read it, for a trial."""
        is_bad = self.cleaned_data["severity"] == QualityRule.Severity.BAD
        return Rule(kind=self.cleaned_data["kind"], bad=is_bad, **self.limits())


def blame(form: forms.Form, error: BadInput, **other_names: str) -> None:
    """Put the reasons to the fields; what has no field of its own stands above the form, and so does a lone reason."""
    if not error.fields:
        form.add_error(None, str(error))
    names = {"seconds": "minutes"} | other_names
    for name, reason in error.fields.items():
        field = names.get(name, name)
        form.add_error(field if field in form.fields else None, reason)


class CalibrationForm(forms.Form):
    since = forms.DateTimeField(
        label=_("Von"), widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    )
    until = forms.DateTimeField(
        label=_("Bis"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    note = forms.CharField(label=_("Was wurde gemacht?"), max_length=400)
    who = forms.CharField(
        label=_("Von wem?"), help_text=_("Firma oder Amt, keine Namen."), required=False, max_length=120
    )
