"""What the law wants said: accessibility with a way to complain, imprint, privacy from what is configured."""

from datetime import timedelta

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _

from stadtkern.core import limits, mail
from stadtkern.core.city import city
from stadtkern.core.parts import processors, retention_rules
from stadtkern.core.web.client_address import client_address
from stadtkern.portal.web.cookies import cookies


class BarrierForm(forms.Form):
    """Feedback about a barrier (BITV 2.0 § 7, BGG NRW § 10b)."""

    text = forms.CharField(
        label=_("Was klappt nicht?"),
        help_text=_("Zum Beispiel: „Ich kann den Knopf nicht mit der Tastatur erreichen.“"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 5, "data-enhance": "count-letters"}),
    )
    page = forms.CharField(label=_("Auf welcher Seite?"), max_length=300, required=False)
    email = forms.EmailField(
        label=_("Ihre E-Mail-Adresse"),
        help_text=_("Nur wenn Sie eine Antwort möchten."),
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )


def accessibility(request: HttpRequest) -> HttpResponse:
    """The statement, and the form below it."""
    form = BarrierForm(request.POST or None, initial={"page": request.GET.get("seite", "")})
    if request.method == "POST" and form.is_valid():
        limits.spend("barrier", client_address(request), most=5, per=timedelta(hours=1))
        mail.send("portal/mail/barrier", to=city().facts["accessibility"]["email"], context=form.cleaned_data)
        messages.success(request, _("Danke! Ihre Rückmeldung ist bei uns. Wir kümmern uns darum."))
        return redirect("portal:accessibility")
    facts = city().facts.get("accessibility", {})
    status = 422 if form.errors else 200
    return render(request, "portal/accessibility.html", {"form": form, "facts": facts}, status=status)


def imprint(request: HttpRequest) -> HttpResponse:
    return render(request, "portal/imprint.html", {"facts": city().facts.get("imprint", {})})


def privacy(request: HttpRequest) -> HttpResponse:
    """Written from the rules and processors this installation really has."""
    shown = {
        "facts": city().facts.get("privacy", {}),
        "rules": sorted(retention_rules, key=lambda rule: rule.keep),
        "processors": [(part, where) for part in processors if (where := part.where())],
        "cookies": list(cookies()),
    }
    return render(request, "portal/privacy.html", shown)
