"""Forms that carry a matter to a body outside, and try again where that failed."""

from django import forms
from django.utils.translation import gettext_lazy as _

from stadtkern.people.words import OrganisationKind
from stadtkern.reports.domain.catalogue import catalogue
from stadtkern.reports.domain.forwarding import way_to
from stadtkern.reports.models import Forwarding
from stadtkern.reports.web.desk_forms import NOBODY, SHORT, DeskForm, house_of
from stadtkern.reports.words import ForwardState

WAYS = {"open311": "Open311", "email": _("E-Mail")}


def houses_outside(owner_id: int) -> list[tuple[str, str]]:
    """Bodies outside that can be reached, with the way there; and every house with a server of its own."""
    rows = [house for house in catalogue().organisations.values() if house.is_active and house.pk != owner_id]
    outside = [house for house in rows if house.kind == OrganisationKind.EXTERNAL or house.open311_url]
    ways = ((house, way_to(house)) for house in sorted(outside, key=lambda house: house.name))
    return [(str(house.pk), f"{house.name} ({WAYS[way]})") for house, way in ways if way]


class ForwardForm(DeskForm):
    to = forms.TypedChoiceField(label=_("Nach außen an"), coerce=house_of)
    words = forms.CharField(
        label=_("Das geht mit"),
        help_text=_("Öffentlich. Text, Ort und Foto der Meldung gehen mit, Kontaktdaten nie."),
        widget=SHORT,
        required=False,
        max_length=2000,
    )

    def prepare(self) -> None:
        self.fields["to"].choices = [NOBODY, *houses_outside(self.report.owner_id)]


class AgainForm(DeskForm):
    """Sent by the button beside a forwarding that failed."""

    forwarding = forms.ModelChoiceField(queryset=Forwarding.objects.none(), widget=forms.HiddenInput)

    def prepare(self) -> None:
        failed = self.report.forwardings.filter(state=ForwardState.FAILED)
        self.fields["forwarding"].queryset = failed
        self.fields["forwarding"].error_messages["invalid_choice"] = _("Das ist schon unterwegs oder angekommen.")
