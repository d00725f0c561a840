"""Forms in which staff choose a category: they ask the questions of the chosen one.

Without JavaScript another category is chosen by sending the form: the page comes back with its questions and with
everything typed, and only the next send does something. Staff may leave every question open.
"""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from stadtkern.people.rights import may
from stadtkern.reports.domain.catalogue import catalogue
from stadtkern.reports.models import Category
from stadtkern.reports.web.desk_forms import LONG, NOBODY, DeskForm, category_choices
from stadtkern.reports.web.forms import QuestionsForm

ANSWER = "answers."


class WithQuestions(DeskForm):
    """`questions_of` says whose questions are on the page."""

    questions_of = forms.CharField(widget=forms.HiddenInput, required=False)

    def prepare(self) -> None:
        category = self.chosen()
        self.initial["questions_of"] = category.key if category else ""
        if category:
            asked = QuestionsForm(category).fields
            for name, field in asked.items():
                field.required = False
                self.fields[name] = field
            self.order_fields(["version", "category", *asked])
            if self.asks_more():
                self.notice = _("Bitte beantworten Sie, was Sie wissen, und senden Sie dann noch einmal.")

    def chosen(self) -> Category | None:
        return catalogue().categories.get(str(self["category"].value() or ""))

    def asks_more(self) -> bool:
        category = self.chosen()
        return bool(self.is_bound and category and category.questions) and (
            self["questions_of"].value() != self["category"].value()
        )

    def reloaded(self) -> DeskForm:
        again = super().reloaded()
        again.notice = getattr(self, "notice", "")
        return again


def answers_in(data: dict[str, Any]) -> dict[str, Any]:
    """Code -> what was answered; what was left open is not there."""
    given = {name.removeprefix(ANSWER): value for name, value in data.items() if name.startswith(ANSWER)}
    return {code: value for code, value in given.items() if value not in (None, "", [])}


class CorrectForm(WithQuestions):
    category = forms.ChoiceField(label=_("Kategorie"))
    address = forms.CharField(label=_("Adresse"), required=False, max_length=200)
    lat = forms.FloatField(label=_("Breite"), required=False)
    lon = forms.FloatField(label=_("Länge"), required=False)
    public_text = forms.CharField(
        label=_("Öffentlicher Text"),
        help_text=_("Leer: der Text, wie er gemeldet wurde. Nehmen Sie Namen, Nummern und Kennzeichen heraus."),
        widget=LONG,
        required=False,
        max_length=4000,
    )

    reroute = forms.BooleanField(
        label=_("Gleich weitergeben, wenn danach eine andere Stelle zuständig ist"),
        help_text=_("Sonst steht nur im Verlauf, wer es wäre."),
        required=False,
    )

    def prepare(self) -> None:
        if not may(self.person, "reports.hand_over", self.report.owner_id):
            del self.fields["reroute"]
        self.fields["category"].choices = category_choices(also=self.report.category_id)
        for name in ("address", "lat", "lon", "public_text"):
            self.initial.setdefault(name, getattr(self.report, name))
        self.initial.setdefault("category", self.report.category_id)
        for code, given in self.report.answers.items():
            self.initial.setdefault(f"{ANSWER}{code}", given)
        super().prepare()


class SplitForm(WithQuestions):
    category = forms.ChoiceField(label=_("Kategorie des neuen Teils"))
    text = forms.CharField(label=_("Text des neuen Teils"), widget=LONG, max_length=4000)

    def prepare(self) -> None:
        self.fields["category"].choices = [NOBODY, *category_choices()]
        super().prepare()
