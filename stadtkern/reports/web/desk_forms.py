"""Forms of the desk: one per action, each with the version the person saw."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from stadtkern.core.languages import pick
from stadtkern.people.models import Organisation, Person
from stadtkern.reports.domain.catalogue import catalogue
from stadtkern.reports.domain.desk import visible
from stadtkern.reports.models import Report
from stadtkern.reports.web.desk_blocks import blocks_for
from stadtkern.reports.words import Status, next_steps
from stadtkern.threads.words import ShownTo

LONG = forms.Textarea(attrs={"rows": 4})
SHORT = forms.Textarea(attrs={"rows": 2})
NOBODY = ("", "—")
BIGGEST = 2**63 - 1


class DeskForm(forms.Form):
    """A form about one report; `version` lets the second of two at once see a conflict."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    notice: Any = ""
    found: Sequence[tuple[str, Any]] = ()

    def __init__(self, *args: Any, report: Report, person: Person, **given: Any) -> None:
        super().__init__(*args, **given)
        self.report = report
        self.person = person
        self.initial.setdefault("version", report.version)
        self.prepare()

    def prepare(self) -> None:
        """Fill in choices that depend on the report."""

    def asks_more(self) -> bool:
        """True when the page must come back first, because what was chosen brings further questions."""
        return False

    def reloaded(self) -> "DeskForm":
        """The same form with everything typed, not judged yet."""
        return type(self)(initial=self.typed(), report=self.report, person=self.person, prefix=self.prefix)

    def typed(self) -> dict[str, Any]:
        return {field.name: field.value() for field in self}


class BlockSelect(forms.Select):
    """Options carry the text they stand for, so that a browser can insert it where the person is writing."""

    texts: Mapping[str, str] = {}

    def create_option(self, name: str, value: Any, *args: Any, **given: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **given)
        if value in self.texts:
            option["attrs"]["data-text"] = self.texts[value]
        return option


class WithBlocks(DeskForm):
    """A form into whose text a block can be inserted; the button for it sends the form along."""

    block = forms.ChoiceField(label=_("Textbaustein"), required=False, widget=BlockSelect)
    fills = "text"
    next_only = False

    def prepare(self) -> None:
        self.blocks = blocks_for(self.report, next_only=self.next_only)
        if not self.blocks:
            del self.fields["block"]
            return
        self.filled_id = self[self.fills].id_for_label
        self.fields["block"].choices = [NOBODY, *((key, title) for key, title, _text in self.blocks)]
        self.fields["block"].widget.texts = {key: text for key, _title, text in self.blocks}

    def typed(self) -> dict[str, Any]:
        """With the chosen block below what was written before."""
        typed = super().typed()
        chosen = typed.pop("block", "")
        text = next((text for key, _title, text in self.blocks if key == chosen), "")
        parts = (str(typed.get(self.fills) or "").rstrip(), text)
        return typed | {self.fills: "\n\n".join(part for part in parts if part)}


def houses(*, external: bool) -> list[tuple[str, str]]:
    """Organisations that can own a matter (or, external, that it can be referred to)."""
    rows = [house for house in catalogue().organisations.values() if house.is_active]
    chosen = [house for house in rows if (house.kind == "external") == external]
    return [(str(house.pk), house.name) for house in sorted(chosen, key=lambda house: house.name)]


def house_of(value: Any) -> Organisation | None:
    """The organisation a select names."""
    return catalogue().organisations.get(int(value)) if value else None


class StepForm(WithBlocks):
    fills, next_only = "told", True
    field_order = ("version", "to", "told", "block")
    to = forms.ChoiceField(label=_("Neuer Status"))
    told = forms.CharField(
        label=_("Das liest die meldende Person"),
        help_text=_("Öffentlich. Ein Satz genügt: Was passiert als Nächstes, oder warum nicht?"),
        widget=LONG,
        required=False,
        max_length=4000,
    )
    reason = forms.ChoiceField(label=_("Grund bei einem Nein"), required=False)
    referred_to = forms.TypedChoiceField(label=_("Zuständig ist"), required=False, coerce=house_of, empty_value=None)
    note = forms.CharField(label=_("Interne Notiz"), widget=SHORT, required=False, max_length=4000)

    def prepare(self) -> None:
        super().prepare()
        steps = sorted(next_steps(self.report.kind, self.report.status), key=list(Status).index)
        self.fields["to"].choices = [(step.value, step.label) for step in steps]
        reasons = [(reason.pk, reason.label) for reason in catalogue().reasons.values()]
        self.fields["reason"].choices = [NOBODY, *reasons]
        self.fields["referred_to"].choices = [NOBODY, *houses(external=True), *houses(external=False)]


class AssignForm(DeskForm):
    to = forms.ModelChoiceField(
        label=_("Wer bearbeitet das?"), queryset=Person.objects.none(), required=False, empty_label=_("niemand")
    )
    note = forms.CharField(label=_("Interne Notiz"), widget=SHORT, required=False, max_length=4000)

    def prepare(self) -> None:
        self.fields["to"].queryset = colleagues(self.report.owner)
        self.initial.setdefault("to", self.report.assignee_id)


def colleagues(owner: Organisation) -> Any:
    """People with a membership in the owner's organisation or above it in the same house."""
    line = [owner.pk]
    while owner.parent_id and (parent := catalogue().organisations.get(owner.parent_id)):
        line.append(parent.pk)
        owner = parent
    working = Person.objects.filter(is_active=True, memberships__organisation__in=line)
    return working.filter(memberships__role__in=["crew", "caseworker", "dispatcher"]).distinct().order_by("name")


class AnswerForm(WithBlocks):
    field_order = ("version", "text", "block")
    text = forms.CharField(label=_("Antwort"), widget=LONG, max_length=4000)
    shown_to = forms.ChoiceField(
        label=_("Wer liest das?"),
        choices=[
            (ShownTo.PUBLIC, _("alle, auf der öffentlichen Seite")),
            (ShownTo.PARTICIPANTS, _("nur die Beteiligten")),
        ],
    )


class QuestionForm(DeskForm):
    text = forms.CharField(
        label=_("Rückfrage"),
        help_text=_("Nur die meldende Person liest das; die Meldung wartet auf ihre Antwort."),
        widget=LONG,
        max_length=4000,
    )


class NoteForm(DeskForm):
    text = forms.CharField(label=_("Interne Notiz"), widget=LONG, max_length=4000)


class HandoverForm(DeskForm):
    to = forms.TypedChoiceField(label=_("Weitergeben an"), coerce=house_of)
    words = forms.CharField(
        label=_("Worum geht es?"), help_text=_("Liest nur die andere Stelle."), widget=SHORT, max_length=4000
    )
    told = forms.CharField(label=_("Das liest die meldende Person"), widget=SHORT, required=False, max_length=4000)

    def prepare(self) -> None:
        own = str(self.report.owner_id)
        self.fields["to"].choices = [NOBODY, *(house for house in houses(external=False) if house[0] != own)]


def category_choices(*, active: bool = True, also: str = "") -> list[tuple[str, Any]]:
    """Grouped, as a select shows them; `also` names a closed one that a report is in."""
    book = catalogue()
    return [
        (
            pick(group.name),
            [(c.key, pick(c.name)) for c in book.of_group(group.key) if c.is_active or not active or c.key == also],
        )
        for group in book.groups.values()
    ]


def seen_by(person: Person, report_id: int) -> int:
    """The number, when this person sees that report at the desk."""
    if not visible(person).filter(pk=report_id).exists():
        raise forms.ValidationError(_("Eine Meldung mit dieser Nummer sehen Sie nicht."))
    return report_id


class MergeForm(DeskForm):
    into = forms.IntegerField(label=_("Nummer der Meldung, die bleibt"), min_value=1, max_value=BIGGEST)
    told = forms.CharField(label=_("Das liest die meldende Person"), widget=SHORT, required=False, max_length=4000)

    def clean_into(self) -> int:
        return seen_by(self.person, self.cleaned_data["into"])


class LinkForm(DeskForm):
    other = forms.IntegerField(label=_("Nummer der anderen Meldung"), min_value=1, max_value=BIGGEST)

    def clean_other(self) -> int:
        return seen_by(self.person, self.cleaned_data["other"])


class TakeForm(DeskForm):
    """No words needed: I take it."""
