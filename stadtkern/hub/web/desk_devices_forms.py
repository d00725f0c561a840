"""Forms of the desk's devices; which field of a message goes where has a row for each."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.forms import formset_factory
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stadtkern.hub.domain.connecting.stewarding import houses_of
from stadtkern.hub.domain.decoders.trying import Trial
from stadtkern.hub.domain.stations.caring import things_of
from stadtkern.hub.models import Datastream, Decoder, Device, Thing
from stadtkern.hub.rights import MANAGE
from stadtkern.hub.web.wording import unit_words
from stadtkern.people.models import Organisation, Person
from stadtkern.people.rights import reach

THINGS = "stationen"  # id of the list of things that a browser offers
MOST_THINGS, MOST_ROWS, FREE_ROWS = 500, 100, 2
NUMBER = re.compile(r"\s*(\d{1,18})\b")
NOT_KEPT = "none"


class DeviceFilter(forms.Form):
    q = forms.CharField(label=gettext_lazy("Gerät oder Station"), required=False, max_length=80)
    stand = forms.ChoiceField(
        label=gettext_lazy("Zustand"),
        required=False,
        choices=[
            ("", gettext_lazy("alle")),
            ("silent", gettext_lazy("stumm")),
            ("new", gettext_lazy("noch nie gehört")),
            ("off", gettext_lazy("abgeschaltet")),
        ],
    )


class DeviceForm(forms.Form):
    """What can be changed of a device at any time."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=120)
    decoder = forms.ModelChoiceField(
        label=gettext_lazy("Dekodierer"),
        help_text=gettext_lazy("Er macht aus den Bytes des Geräts Werte."),
        queryset=Decoder.objects.order_by("name"),
        required=False,
        empty_label=gettext_lazy("keiner: das Netz dekodiert selbst"),
    )
    thing = forms.CharField(
        label=gettext_lazy("Station"),
        help_text=gettext_lazy("Nummer der Station, an der das Gerät misst."),
        required=False,
        max_length=300,
        widget=forms.TextInput(attrs={"list": THINGS, "autocomplete": "off"}),
    )

    def __init__(self, *args: Any, person: Person, **given: Any) -> None:
        super().__init__(*args, **given)
        self.person = person
        self.fields["decoder"].label_from_instance = lambda one: one.name

    @property
    def offered(self) -> Iterable[Thing]:
        """The things a browser suggests."""
        return things_of(self.person).only("name").select_related(None).order_by("name", "pk")[:MOST_THINGS]

    def clean_thing(self) -> Thing | None:
        typed = self.cleaned_data.get("thing", "").strip()
        if not typed:
            return None
        number = NUMBER.match(typed)
        found = things_of(self.person).filter(pk=int(number.group(1))).first() if number else None
        if found is None and (named := list(things_of(self.person).filter(name__iexact=typed)[:2])):
            found = named[0] if len(named) == 1 else None
        if found is None:
            raise forms.ValidationError(_("Keine Ihrer Stationen hat diese Nummer."))
        return found


class NewDeviceForm(DeviceForm):
    """A device by hand: also what it is and whose it is."""

    network = forms.ChoiceField(
        label=gettext_lazy("Wie sendet es?"),
        choices=Device.Network.choices,
        initial=Device.Network.LORAWAN,
        widget=forms.RadioSelect,
    )
    key = forms.CharField(
        label=gettext_lazy("DevEUI oder MQTT-Thema"),
        help_text=gettext_lazy("Die DevEUI steht auf dem Gerät: 16 Zeichen wie A84041FFFF1834AB."),
        max_length=200,
    )
    organisation = forms.ModelChoiceField(
        label=gettext_lazy("Wem gehört das Gerät?"), queryset=Organisation.objects.none()
    )
    field_order = ("network", "key", "name", "organisation", "decoder", "thing")

    def __init__(self, *args: Any, person: Person, **given: Any) -> None:
        super().__init__(*args, person=person, **given)
        self.fields["organisation"].queryset = houses_of(person)
        if reach(person, MANAGE).all:
            self.fields["organisation"].required = False
            self.fields["organisation"].empty_label = _("der ganzen Stadt")


class FieldForm(forms.Form):
    """One field of the messages and where it goes."""

    path = forms.CharField(label=gettext_lazy("Feld"), max_length=120, required=False)
    target = forms.ChoiceField(label=gettext_lazy("Messreihe"), required=False)
    factor = forms.DecimalField(label=gettext_lazy("mal"), required=False, localize=True, max_digits=18)
    offset = forms.DecimalField(label=gettext_lazy("plus"), required=False, localize=True, max_digits=18)

    def __init__(self, *args: Any, choices: Iterable[tuple[str, str]], **given: Any) -> None:
        super().__init__(*args, **given)
        self.fields["target"].choices = choices

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("target") and not data.get("path", "").strip():
            self.add_error("path", _("Welches Feld ist gemeint?"))
        return data

    def kept(self) -> Any:
        """The field's target as the table keeps it."""
        data = self.cleaned_data
        if data["target"] == NOT_KEPT:
            return None
        number = int(data["target"])
        scale = {name: float(data[name]) for name in ("factor", "offset") if data[name] is not None}
        return {"datastream": number, **scale} if scale else number


FieldFormSet = formset_factory(FieldForm, extra=FREE_ROWS, max_num=MOST_ROWS, absolute_max=MOST_ROWS)


class PathsForm(forms.Form):
    time_field = forms.CharField(
        label=gettext_lazy("Feld mit der Uhrzeit"),
        help_text=gettext_lazy("Leer: es gilt, wann das Netz die Nachricht bekommen hat."),
        max_length=120,
        required=False,
    )
    battery_field = forms.CharField(
        label=gettext_lazy("Feld mit der Batterie"),
        help_text=gettext_lazy("Leer: es gilt, was das Netz darüber sagt."),
        max_length=120,
        required=False,
    )


class FieldsPage:
    """The rows and the two paths: as they are kept, and what else the newest message has."""

    def __init__(self, device: Device, targets: Iterable[Datastream], seen: Trial | None, sent: Any) -> None:
        streams = [(str(one.pk), target_label(one)) for one in targets]
        choices = [("", _("– noch nicht zugeordnet –")), *streams, (NOT_KEPT, _("bekannt, nicht speichern"))]
        self.has_targets = bool(streams)
        paths = {"time_field": device.time_field, "battery_field": device.battery_field}
        self.paths = PathsForm(sent, initial=paths)
        examples = dict(seen.values) if seen else {}
        self.rows = FieldFormSet(
            sent, initial=_rows(device.fields, examples), prefix="feld", form_kwargs={"choices": choices}
        )
        for row in self.rows:
            row.example = examples.get(row["path"].value(), "")
            row.is_free = not row.initial.get("path")

    def is_valid(self) -> bool:
        return all([self.paths.is_valid(), self.rows.is_valid()])

    @property
    def has_errors(self) -> bool:
        return bool(self.paths.errors or any(self.rows.errors))

    def wishes(self) -> dict[str, Any]:
        """The arguments of `map_fields`; a row without a target is no field."""
        chosen = [row for row in self.rows if row.cleaned_data.get("target")]
        fields = {row.cleaned_data["path"].strip(): row.kept() for row in chosen}
        return {"fields": fields, **self.paths.cleaned_data}


def target_label(stream: Datastream) -> str:
    """Name, unit and number: names are not unique."""
    property_name = stream.observed_property.name if stream.observed_property else ""
    unit = unit_words(stream.unit.get("symbol", "")) if isinstance(stream.unit, dict) else ""
    name = " ".join(part for part in (stream.name or property_name, f"({unit})" if unit else "") if part)
    return _("%(name)s, %(thing)s, Nr. %(id)s") % {"name": name, "thing": stream.thing.name, "id": stream.pk}


def _rows(fields: Mapping[str, Any], examples: Mapping[str, Any]) -> list[dict[str, Any]]:
    found = []
    for path, given in fields.items():
        parts = given if isinstance(given, dict) else {"datastream": NOT_KEPT if given is None else given}
        scale = {name: parts.get(name) for name in ("factor", "offset")}
        found.append({"path": path, "target": str(parts.get("datastream", "")), **scale})
    return found + [{"path": path} for path in examples if path not in fields][: MOST_ROWS - FREE_ROWS - len(found)]
