"""The citizens' forms: filters of the lists, the filing form, the extra questions of a category."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from stadtkern.core.city import city
from stadtkern.core.languages import pick
from stadtkern.places.domain.geometry import district_names
from stadtkern.reports.domain.catalogue import catalogue
from stadtkern.reports.domain.queries import LONGEST_SEARCH
from stadtkern.reports.models import Category
from stadtkern.reports.words import Kind

FEW = 7  # so many choices are shown as buttons, more as a list
ONLY_STREET = 0  # instead of a radius in metres
NO_ANSWER = _("Bitte beantworten Sie diese Frage.")
NOT_A_CHOICE = _("Diese Antwort steht nicht zur Wahl.")


class FilterForm(forms.Form):
    """The bar above the list; its names are the parameters of the address."""

    suche = forms.CharField(label=_("Suchen"), max_length=LONGEST_SEARCH, required=False)
    gruppe = forms.ChoiceField(label=_("Bereich"), required=False)
    bezirk = forms.ChoiceField(label=_("Stadtbezirk"), required=False)
    status = forms.CharField(widget=forms.HiddenInput, required=False)  # the chips below choose it
    kategorie = forms.CharField(widget=forms.HiddenInput, required=False)
    art = forms.CharField(widget=forms.HiddenInput, required=False)
    grund = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        everything = ("", _("Alle"))
        groups = [(group.key, pick(group.name)) for group in catalogue().groups.values()]
        districts = sorted(district_names().items(), key=lambda pair: pair[1])
        self._offer("gruppe", [everything, *groups])
        self._offer("bezirk", [everything, *districts])
        self.fields["suche"].widget.attrs["placeholder"] = _("Laterne, Straße, Nummer …")
        for name in ("status", "kategorie", "art", "grund"):
            if not self.initial.get(name):
                del self.fields[name]

    def _offer(self, name: str, choices: Sequence[tuple[str, Any]]) -> None:
        self.fields[name].choices = choices  # type: ignore[attr-defined]


class PhotosInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class PhotosField(forms.FileField):
    """Several photos; an empty or nameless part of the upload counts as none chosen, an empty file as a fault."""

    widget = PhotosInput

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        given = [file for file in (data if isinstance(data, list | tuple) else [data]) if file]
        if empty := [file.name for file in given if not file.size]:
            raise forms.ValidationError(_("%(name)s ist leer.") % {"name": empty[0]})
        return given


class Words(forms.CharField):
    """Typed words; what no keyboard types is dropped instead of scolded."""

    def to_python(self, value: Any) -> str:
        text = str(super().to_python(value) or "")
        return "".join(sign for sign in text if sign in "\n\t" or sign.isprintable())


class FilingForm(forms.Form):
    """Everything one can tell, on one form; what belongs together is judged by domain.filing."""

    lat = forms.FloatField(widget=forms.HiddenInput, required=False, min_value=-90, max_value=90)
    lon = forms.FloatField(widget=forms.HiddenInput, required=False, min_value=-180, max_value=180)
    address = Words(
        label=_("Adresse oder Ort"),
        help_text=_("Zum Beispiel: Willy-Brandt-Platz 2. Auf die Karte können Sie verzichten."),
        max_length=200,
        required=False,
    )
    place_note = Words(
        label=_("Genauer beschrieben"),
        help_text=_("Zum Beispiel: an der Haltestelle, auf der linken Seite"),
        max_length=200,
        required=False,
    )
    asset = Words(
        label=_("Nummer vom Mast, von der Haltestelle oder vom Container"),
        help_text=_("Wenn ein Schild mit einer Nummer daran ist. Dann finden wir es sofort."),
        max_length=80,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    category = forms.CharField(required=False, max_length=60)
    text = Words(label=_("Was ist los?"), required=False, widget=forms.Textarea(attrs={"rows": 5}))
    photos = PhotosField(
        label=_("Fotos"),
        help_text=_("Bis zu drei. Gesichter und Kennzeichen machen wir unkenntlich, bevor jemand das Foto sieht."),
        required=False,
    )
    email = forms.EmailField(
        label=_("E-Mail-Adresse"),
        help_text=_("Dann schreiben wir Ihnen, wenn sich etwas tut. Nur die Stadt sieht sie."),
        max_length=254,
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    helper = forms.BooleanField(
        label=_("Ich melde für jemand anderen"),
        help_text=_("Zum Beispiel für Nachbarn oder Eltern. Die Antworten kommen zu Ihnen."),
        required=False,
    )
    website = forms.CharField(label=_("Dieses Feld bitte leer lassen"), required=False, max_length=200)
    started = forms.CharField(widget=forms.HiddenInput, required=False)
    idempotency_key = forms.CharField(widget=forms.HiddenInput, required=False)
    kept = forms.CharField(widget=forms.HiddenInput, required=False)
    filed_at = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, kind: str = Kind.DEFECT, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"].widget.attrs |= {"maxlength": str(most_letters()), "data-enhance": "count-letters"}
        if kind == Kind.IDEA:
            self.fields["text"].label = _("Was ist Ihre Idee?")
        elif kind == Kind.PRAISE:
            self.fields["text"].label = _("Was gefällt Ihnen?")
        if kind != Kind.DEFECT:
            self.fields["address"].label = _("Adresse oder Ort, wenn es einen gibt")

    def clean_category(self) -> str:
        key = str(self.cleaned_data["category"])
        if not key:
            raise forms.ValidationError(_("Bitte wählen Sie, worum es geht."))
        if key not in catalogue().categories:
            raise forms.ValidationError(_("Diese Kategorie gibt es nicht."))
        return key


def most_letters() -> int:
    return int(city().facts.get("limits", {}).get("text_characters", 4000))


def most_photos() -> int:
    return int(city().facts.get("limits", {}).get("photos", 3))


class QuestionsForm(forms.Form):
    """The technician's questions of one category; the names are answers.<code>."""

    def __init__(self, category: Category, data: Mapping[str, Any] | None = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.questions = category.questions
        for question in category.questions:
            self.fields[f"answers.{question['code']}"] = _field(question)

    def answers(self) -> dict[str, Any]:
        """Code -> what was answered, as the domain checks it; nothing while the questions are only shown."""
        given = self.cleaned_data if self.is_bound else {}
        return {name.removeprefix("answers."): value for name, value in given.items()}


def _field(question: Mapping[str, Any]) -> forms.Field:
    required = bool(question.get("required"))
    label, hint = pick(question["label"]), pick(question.get("help", {}))
    messages = {"required": NO_ANSWER, "invalid_choice": NOT_A_CHOICE}
    plain = {"label": label, "help_text": hint, "required": required, "error_messages": messages}
    values = [(value["key"], pick(value["name"])) for value in question.get("values", ())]
    kind = question["type"]
    if kind == "multivaluelist":
        return forms.MultipleChoiceField(choices=values, widget=forms.CheckboxSelectMultiple, **plain)
    if kind == "singlevaluelist" and len(values) <= FEW:
        return forms.ChoiceField(choices=values, widget=forms.RadioSelect, **plain)
    if kind == "singlevaluelist":
        return forms.ChoiceField(choices=[("", _("Bitte wählen")), *values], **plain)
    if kind == "number":
        return forms.CharField(widget=forms.NumberInput(attrs={"step": "any", "inputmode": "decimal"}), **plain)
    if kind == "datetime":
        return forms.CharField(widget=forms.DateTimeInput(attrs={"type": "datetime-local"}), **plain)
    widget = forms.Textarea(attrs={"rows": 3}) if kind == "text" else forms.TextInput()
    return forms.CharField(widget=widget, max_length=2_000 if kind == "text" else 200, **plain)


class AreaForm(forms.Form):
    """Be told of what is reported around a place."""

    lat = forms.FloatField(widget=forms.HiddenInput, required=False, min_value=-90, max_value=90)
    lon = forms.FloatField(widget=forms.HiddenInput, required=False, min_value=-180, max_value=180)
    address = forms.CharField(label=_("Adresse oder Ort"), max_length=200, required=False)
    radius = forms.TypedChoiceField(
        label=_("Wie weit ringsum?"),
        coerce=int,
        choices=[
            (ONLY_STREET, _("Nur diese Straße")),
            (200, _("200 m ringsum")),
            (500, _("500 m: mein Viertel")),
            (1500, _("1,5 km: mein Stadtteil")),
        ],
        initial=500,
        widget=forms.RadioSelect,
    )
    pace = forms.ChoiceField(
        label=_("Wie oft?"),
        choices=[("now", _("Sofort")), ("daily", _("Einmal am Tag")), ("weekly", _("Einmal in der Woche"))],
        initial="weekly",
        widget=forms.RadioSelect,
    )
    email = forms.EmailField(
        label=_("E-Mail-Adresse"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        required=False,
    )
