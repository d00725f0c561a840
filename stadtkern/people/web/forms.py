"""The forms of the account and of the desk's people pages."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from stadtkern.core.city import city
from stadtkern.core.web.context import OWN_NAMES
from stadtkern.people.models import Organisation, Person
from stadtkern.people.words import Role


class DateInput(forms.DateInput):
    input_type = "date"

    def __init__(self, **given: Any) -> None:
        super().__init__(format="%Y-%m-%d", **given)


class AboutMe(forms.ModelForm):
    """Name and language of the account."""

    language = forms.ChoiceField(label=_("Sprache"), help_text=_("In dieser Sprache schreiben wir Ihnen."))

    class Meta:
        model = Person
        fields = ("name", "language")
        help_texts = {"name": _("So sprechen wir Sie an. Andere sehen den Namen nicht.")}

    def __init__(self, *args: Any, **given: Any) -> None:
        super().__init__(*args, **given)
        self.fields["language"].choices = [(code, OWN_NAMES.get(code, code)) for code in city().languages]
        self.fields["name"].widget.attrs["autocomplete"] = "name"

    def clean_name(self) -> str:
        return " ".join(self.cleaned_data["name"].split())


class Erase(forms.Form):
    """The last question before everything goes."""

    sure = forms.BooleanField(
        label=_("Ja, mein Konto und meine persönlichen Daten sollen endgültig gelöscht werden."),
        error_messages={"required": _("Bitte setzen Sie das Häkchen, wenn Sie wirklich löschen möchten.")},
    )


def _houses() -> Any:
    return Organisation.objects.filter(is_active=True).exclude(kind="external")


class PeopleFilter(forms.Form):
    """The bar above the list of persons."""

    q = forms.CharField(label=_("Name oder E-Mail"), required=False, max_length=120)
    organisation = forms.ModelChoiceField(
        label=_("Organisation"), required=False, queryset=Organisation.objects.none(), empty_label=_("Alle")
    )
    role = forms.ChoiceField(label=_("Rolle"), required=False, choices=[("", _("Alle")), *Role.choices])
    state = forms.ChoiceField(
        label=_("Zustand"),
        required=False,
        choices=[("active", _("Aktiv")), ("inactive", _("Gesperrt")), ("all", _("Alle"))],
    )

    def __init__(self, *args: Any, **given: Any) -> None:
        super().__init__(*args, **given)
        self.fields["organisation"].queryset = _houses()


class Invite(forms.Form):
    """A colleague who is not in the list yet."""

    email = forms.EmailField(label=_("E-Mail-Adresse"), max_length=254)
    name = forms.CharField(label=_("Name"), max_length=120)

    def clean_name(self) -> str:
        return " ".join(self.cleaned_data["name"].split())


class Joining(forms.Form):
    """A role in an organisation."""

    organisation = forms.ModelChoiceField(label=_("Organisation"), queryset=Organisation.objects.none())
    role = forms.ChoiceField(label=_("Rolle"), choices=Role.choices, initial=Role.CASEWORKER)
    seconded = forms.BooleanField(
        label=_("Abgeordnet: die Heimatorganisation bleibt eine andere"),
        required=False,
        help_text=_("Der übrige Teil der Arbeitszeit bleibt bei der Heimatorganisation."),
    )
    share = forms.IntegerField(label=_("Anteil der Arbeitszeit in Prozent"), min_value=1, max_value=100, initial=100)
    since = forms.DateField(label=_("Beginn"), required=False, widget=DateInput())
    until = forms.DateField(label=_("Ende"), required=False, widget=DateInput(), help_text=_("Letzter Tag."))

    def __init__(self, *args: Any, **given: Any) -> None:
        super().__init__(*args, **given)
        self.fields["organisation"].queryset = _houses()

    def facts(self) -> dict[str, Any]:
        """The arguments of `belonging.add_membership`."""
        given = dict(self.cleaned_data)
        return given | {"home": not given.pop("seconded"), "role": Role(given["role"])}


class AuditFilter(forms.Form):
    """What the audit log is asked."""

    actor = forms.CharField(label=_("Wer"), required=False, max_length=120, help_text=_("Name, E-Mail oder Nummer"))
    action = forms.CharField(
        label=_("Was"), required=False, max_length=80, help_text=_("z. B. people. oder reports.moved")
    )
    subject = forms.CharField(label=_("Woran"), required=False, max_length=100, help_text=_("z. B. report:4711"))
    since = forms.DateField(label=_("Von"), required=False, widget=DateInput())
    until = forms.DateField(label=_("Bis"), required=False, widget=DateInput())
