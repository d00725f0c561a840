"""The page of a mapping: one form for time, place and thing, a row for each column of values, some conditions."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.forms import BaseFormSet, formset_factory
from django.utils.translation import gettext_lazy

from stadtkern.hub.domain.connecting.mapping import TESTS, TYPES
from stadtkern.hub.domain.connecting.port import ConnectorKind, Look, connectors
from stadtkern.hub.models import Connector
from stadtkern.hub.web.desk_sources_forms import OF_MAPPING, field_of

OF_A_ROW = {"time", "time_2", "series", "value", "thing_key", "thing_name", "lat", "lon"}  # a column's name
HABITS = ("encoding", "separator", "header_at", "sheet", "list")  # found by the look, kept beside the mapping
COLUMNS = "spalten"  # id of the list of columns
MOST_VALUES, MOST_CONDITIONS = 40, 3
SHOWN = ("name", "unit", "type", "factor", "low", "high")
WORDS_OF_TYPES = {
    "number": gettext_lazy("Messwert"),
    "count": gettext_lazy("Anzahl"),
    "text": gettext_lazy("Wort"),
    "flag": gettext_lazy("ja oder nein"),
}
WORDS_OF_TESTS = {
    "is": gettext_lazy("ist"),
    "is not": gettext_lazy("ist nicht"),
    "contains": gettext_lazy("enthält"),
    "above": gettext_lazy("ist größer als"),
    "below": gettext_lazy("ist kleiner als"),
    "filled": gettext_lazy("ist ausgefüllt"),
}


class MappingForm(forms.Form):
    """The fields of a mapping; those that name a column offer the columns there are."""

    def __init__(self, *args: Any, kind: ConnectorKind, **given: Any) -> None:
        super().__init__(*args, **given)
        for one in kind.fields:
            if one.key in OF_MAPPING and one.kind != "list":
                self.fields[one.key] = field_of(one)
            if one.key in OF_A_ROW:
                self.fields[one.key].widget.attrs |= {"list": COLUMNS, "autocomplete": "off"}


class ValueForm(forms.Form):
    """One column of values: taken or not, and what it means."""

    taken = forms.BooleanField(label=gettext_lazy("Übernehmen"), required=False)
    source = forms.CharField(label=gettext_lazy("Spalte"), max_length=200, widget=forms.HiddenInput)
    name = forms.CharField(label=gettext_lazy("Messgröße"), max_length=120, required=False)
    unit = forms.CharField(label=gettext_lazy("Einheit (UCUM)"), max_length=40, required=False)
    type = forms.ChoiceField(
        label=gettext_lazy("Art"), choices=[(key, WORDS_OF_TYPES[key]) for key in TYPES], required=False
    )
    factor = forms.FloatField(label=gettext_lazy("Faktor"), required=False, localize=True)
    low = forms.FloatField(label=gettext_lazy("Kleinster möglicher Wert"), required=False, localize=True)
    high = forms.FloatField(label=gettext_lazy("Größter möglicher Wert"), required=False, localize=True)


class ConditionForm(forms.Form):
    source = forms.CharField(label=gettext_lazy("Spalte"), max_length=200, required=False)
    test = forms.ChoiceField(
        label=gettext_lazy("Bedingung"), choices=[(key, WORDS_OF_TESTS[key]) for key in TESTS], required=False
    )
    value = forms.CharField(label=gettext_lazy("Wert"), max_length=200, required=False)


ValueFormSet = formset_factory(ValueForm, extra=0, max_num=MOST_VALUES, absolute_max=MOST_VALUES)
ConditionFormSet = formset_factory(
    ConditionForm, extra=MOST_CONDITIONS, max_num=MOST_CONDITIONS, absolute_max=MOST_CONDITIONS
)


class MappingPage:
    """The three parts of the page, filled with what is settled, else with what the look suggests."""

    def __init__(self, source: Connector, seen: Look, sent: Any) -> None:
        self.source, self.seen, self.is_sent = source, seen, sent is not None
        settled = {name: value for name, value in source.config.items() if value not in (None, "", [])}
        self.form = MappingForm(sent, kind=connectors[source.kind], initial={**seen.suggested, **settled})
        rows = rows_of_values(source.config, seen)
        self.values = ValueFormSet(sent, initial=rows, prefix="wert")
        self.conditions = ConditionFormSet(sent, initial=source.config.get("conditions") or None, prefix="nur")
        examples = dict(seen.columns)
        for row in self.values:
            row.example = examples.get(row["source"].value(), "")

    def is_valid(self) -> bool:
        return all([part.is_valid() for part in (self.form, self.values, self.conditions)])

    @property
    def has_errors(self) -> bool:
        return self.is_sent and (bool(self.form.errors) or not self.is_valid())

    def wishes(self) -> dict[str, Any]:
        """The settings as the page says them."""
        config, suggested = self.source.config, self.seen.suggested
        habits = {name: suggested[name] for name in HABITS if name in suggested and not config.get(name)}
        lists = {"values": values_of(self.values, config), "conditions": conditions_of(self.conditions)}
        return habits | self.form.cleaned_data | lists


def rows_of_values(config: Mapping[str, Any], seen: Look) -> list[dict[str, Any]]:
    """A row for each column, those that are taken first: as settled, before that as suggested."""
    settled = {one["source"]: one for one in config.get("values") or ()}
    suggested = {one["source"]: one for one in seen.suggested.get("values", ())}
    first = settled or suggested
    names = [*first, *(name for name, _example in seen.columns if name not in first)][:MOST_VALUES]
    usual = {"type": "number"}
    return [usual | {"name": name} | first.get(name, {}) | {"source": name, "taken": name in first} for name in names]


def values_of(formset: BaseFormSet, config: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The settings of the rows that are taken; what the page does not show (key, definition ...) stays."""
    settled = {one["source"]: one for one in config.get("values") or ()}
    found = []
    for row in formset.cleaned_data:
        if row.get("taken"):
            kept = {name: row[name] for name in SHOWN if row[name] not in (None, "")}
            hidden = {name: value for name, value in settled.get(row["source"], {}).items() if name not in SHOWN}
            found.append(hidden | kept | {"source": row["source"]})
    return found


def conditions_of(formset: BaseFormSet) -> list[dict[str, str]]:
    names = ("source", "test", "value")
    return [{name: row.get(name, "") for name in names} for row in formset.cleaned_data if row.get("source")]
