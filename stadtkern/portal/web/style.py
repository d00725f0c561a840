"""The pattern book of the house: every component, for whoever builds a page."""

from datetime import timedelta
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from stadtkern.core.problems import NotAllowed
from stadtkern.core.web.context import asks
from stadtkern.core.web.icons import drawings


class PatternForm(forms.Form):
    """One of each field."""

    street = forms.CharField(label="Straße und Hausnummer", help_text="Zum Beispiel: Alleestraße 144")
    text = forms.CharField(
        label="Was ist los?",
        widget=forms.Textarea(attrs={"rows": 4, "maxlength": 4000, "data-enhance": "count-letters"}),
    )
    kind = forms.ChoiceField(
        label="Was ist kaputt?",
        widget=forms.RadioSelect,
        choices=[("lamp", "Die Laterne"), ("button", "Der Taster an der Ampel")],
    )
    tags = forms.MultipleChoiceField(
        label="Was trifft zu?",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=[("dark", "Es ist dunkel"), ("danger", "Es ist gefährlich")],
    )
    district = forms.ChoiceField(label="Stadtbezirk", choices=[("", "Bitte wählen"), ("1", "Mitte")])
    seen_on = forms.DateField(label="Gesehen am", widget=forms.DateInput(attrs={"type": "date"}))
    photo = forms.FileField(label="Foto", required=False)
    agreed = forms.BooleanField(label="Ich möchte eine Antwort per E-Mail.", required=False)


def style(request: HttpRequest) -> HttpResponse:
    if not asks.is_staff(request.user):
        raise NotAllowed
    return render(request, "portal/style.html", _examples())


def _examples() -> dict[str, Any]:
    form = PatternForm({"street": "", "text": "Die Laterne ist dunkel.", "kind": "lamp"})
    form.is_valid()
    now = timezone.now()
    return {
        "form": form,
        "icons": sorted(drawings()),
        "tones": ["calm", "info", "warn", "good", "bad", "idea"],
        "steps": [
            {"label": "Ort", "state": "done", "url": "#stepper"},
            {"label": "Anliegen", "state": "now"},
            {"label": "Absenden", "state": "next"},
        ],
        "history": [
            {"title": "Eingegangen", "at": now - timedelta(days=9), "icon": "check", "tone": "good"},
            {
                "title": "Beim Tiefbauamt",
                "at": now - timedelta(days=3),
                "icon": "forward",
                "tone": "info",
                "who": "Tiefbauamt",
                "text": "Wir sehen uns die Laterne diese Woche an.",
            },
            {"title": "Erledigt", "icon": "check-circle", "next": True},
        ],
        "rows": [["Mitte", "1 204", "6"], ["Wattenscheid", "733", "8"]],
        "head": ["Bezirk", "Meldungen", "Tage"],
        "meta": ["vor 3 Tagen", "Ehrenfeld"],
        "page": {"next": "abc", "previous": "xyz"},
        "colours": ["brand", "brand-deep", "accent", "signal", "ink", "ink-soft", "paper", "good", "warn", "bad"],
    }
