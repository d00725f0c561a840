"""The form of a review: one row of numbers per hidden spot, in percent of the picture."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from stadtkern.media.domain.boxes import MOST_BOXES, Box, clamp
from stadtkern.media.words import BOX_LABELS, BoxKind

SIDES = {
    "x": _("Von links (%)"),
    "y": _("Von oben (%)"),
    "w": _("Breite (%)"),
    "h": _("Höhe (%)"),
}


class BoxForm(forms.Form):
    """One spot. A row without any number is no spot."""

    kind = forms.ChoiceField(
        label=_("Was ist zu sehen?"),
        choices=[(kind.value, label) for kind, label in BOX_LABELS.items()],
        initial=BoxKind.PLATE.value,
        required=False,
    )

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        for side, label in SIDES.items():
            self.fields[side] = forms.FloatField(
                label=label,
                min_value=0,
                max_value=100,
                required=False,
                widget=forms.NumberInput(attrs={"step": "0.1", "inputmode": "decimal", "data-side": side}),
            )
        self.fields["remove"] = forms.BooleanField(label=_("Wieder freigeben"), required=False)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        filled = [side for side in SIDES if cleaned.get(side) is not None]
        if filled and len(filled) < len(SIDES) and not self.errors:
            missing = next(side for side in SIDES if side not in filled)
            self.add_error(missing, _("Bitte geben Sie alle vier Zahlen an, oder keine."))
        elif filled and not self.errors and self.box() is None and not cleaned.get("remove"):
            self.add_error("w", _("Diese Stelle ist leer oder liegt außerhalb des Bildes."))
        return cleaned

    def box(self) -> Box | None:
        """The spot this row means, cut at the picture's edge; None for an empty or freed row."""
        sides = [self.cleaned_data.get(side) for side in SIDES]
        if self.cleaned_data.get("remove") or None in sides:
            return None
        x, y, w, h = (float(side) / 100 for side in sides if side is not None)
        return clamp(Box(self.cleaned_data.get("kind") or BoxKind.OTHER, x, y, w, h))


BoxRows = forms.formset_factory(BoxForm, extra=3, max_num=MOST_BOXES, validate_max=True)


def rows_for(boxes: list[Box]) -> list[dict[str, Any]]:
    """What the form shows first: the boxes as they are, in percent."""
    return [{"kind": box.kind, **{side: round(getattr(box, side) * 100, 1) for side in SIDES}} for box in boxes]


class WithdrawForm(forms.Form):
    reason = forms.CharField(
        label=_("Warum wird das Bild zurückgezogen?"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Nur für die Akte, nicht öffentlich."),
    )
