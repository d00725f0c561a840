"""Forms of moderation: what screening found, a proposal without it, and the reason to hide or to show again."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from stadtkern.reports.domain.screening import Finding, findings, masked
from stadtkern.reports.web.desk_forms import LONG, DeskForm
from stadtkern.reports.words import Visibility

FOUND = {
    Finding.EMAIL: _("E-Mail-Adresse"),
    Finding.PHONE: _("Telefonnummer"),
    Finding.PLATE: _("Kennzeichen"),
    Finding.IBAN: _("Kontonummer"),
    Finding.PERSON: _("Name"),
    Finding.LINK: _("Link"),
}


class HideForm(DeskForm):
    because = forms.CharField(label=_("Grund"), max_length=200)


class PublishForm(DeskForm):
    """Release a text; after hiding also a reason. Screening warns, people decide."""

    because = forms.CharField(
        label=_("Warum wieder zeigen?"), help_text=_("Steht als interne Notiz im Verlauf."), max_length=200
    )
    public_text = forms.CharField(label=_("Öffentlicher Text"), widget=LONG, required=False, max_length=4000)

    def prepare(self) -> None:
        if self.report.visibility != Visibility.HIDDEN:
            del self.fields["because"]
        now = self.report.shown_text
        self.found = [(now[one.start : one.end], FOUND[one.finding]) for one in findings(now)]
        if self.found:
            self.notice = _("Bitte lesen Sie genau. Das sieht nach persönlichen Angaben aus:")
            self.fields["public_text"].help_text = _("Ein Vorschlag ohne diese Stellen. Ändern Sie ihn, wie es passt.")
        self.initial.setdefault("public_text", masked(now))

    def clean_public_text(self) -> Any:
        """Empty means "as it was told": that is no way to publish what screening warns of."""
        text = self.cleaned_data["public_text"].strip()
        if not text and findings(self.report.text):
            raise forms.ValidationError(_("Bitte schreiben Sie, was öffentlich stehen soll."))
        return text
