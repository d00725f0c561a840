"""Forms of the citizens' pages."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from stadtkern.core.languages import pick
from stadtkern.hub.domain.stations.measured import measured
from stadtkern.hub.domain.stations.query import LONGEST_SEARCH, WORKING
from stadtkern.hub.domain.vocabulary import vocabulary
from stadtkern.hub.web.wording import name_of_choice
from stadtkern.places.domain.geometry import district_names


class StationFilter(forms.Form):
    """What stands above the list and the map."""

    suche = forms.CharField(label=_("Suchen"), required=False, max_length=LONGEST_SEARCH)
    groesse = forms.ChoiceField(label=_("Was wird gemessen?"), required=False)
    art = forms.ChoiceField(label=_("Art der Messstelle"), required=False)
    bezirk = forms.ChoiceField(label=_("Stadtbezirk"), required=False)
    nur = forms.ChoiceField(
        label=_("Welche?"), required=False, choices=[("", _("alle")), (WORKING, _("nur mit aktuellen Werten"))]
    )

    def __init__(self, *args: Any, **given: Any) -> None:
        super().__init__(*args, **given)
        choices = {
            "groesse": [(one.key, name_of_choice(one)) for one in measured()],
            "art": [(kind.key, pick(kind.words_of_many)) for kind in vocabulary().kinds.values()],
            "bezirk": sorted(district_names().items(), key=lambda pair: pair[1]),
        }
        for name, rows in choices.items():
            self.fields[name].choices = [("", _("alle")), *rows]  # type: ignore[attr-defined]
