"""Forms of the desk's decoders, with the box to try one out."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from stadtkern.core.problems import BadInput
from stadtkern.hub.domain.decoders.sandbox import MOST_SCRIPT
from stadtkern.hub.domain.decoders.trying import BASE64, HEX, typed_bytes
from stadtkern.hub.models import Decoder
from stadtkern.hub.web.desk_rules_forms import blame

CODE = forms.Textarea(attrs={"rows": 18, "spellcheck": "false", "autocapitalize": "off", "class": "mono", "dir": "ltr"})


class DecoderFilter(forms.Form):
    q = forms.CharField(label=gettext_lazy("Name"), required=False, max_length=80)


class DecoderForm(forms.Form):
    """`seen`: the version that was on the page, so that nobody overwrites what he has not seen."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=120)
    text = forms.CharField(max_length=MOST_SCRIPT, widget=CODE, strip=False)
    seen = forms.CharField(required=False, max_length=20, widget=forms.HiddenInput)

    def __init__(self, *args: Any, language: str, **given: Any) -> None:
        super().__init__(*args, **given)
        self.fields["text"].label = Decoder.Language(language).label


class TrialForm(forms.Form):
    """One message as a person has copied it."""

    payload = forms.CharField(
        label=gettext_lazy("Nachricht"),
        help_text=gettext_lazy("Die Bytes, zum Beispiel 03 67 01 10 oder A2cBEA==."),
        max_length=4_000,
        widget=forms.Textarea(attrs={"rows": 2, "spellcheck": "false", "autocapitalize": "off", "dir": "ltr"}),
    )
    coding = forms.ChoiceField(
        label=gettext_lazy("Schreibweise"),
        required=False,
        choices=[("", gettext_lazy("selbst erkennen")), (HEX, gettext_lazy("Hex")), (BASE64, gettext_lazy("Base64"))],
    )
    port = forms.IntegerField(label=gettext_lazy("Port (fPort)"), min_value=0, max_value=255, initial=1, required=False)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if "payload" in data:
            try:
                data["data"] = typed_bytes(data["payload"], data.get("coding", ""))
            except BadInput as error:
                blame(self, error)
        return data
