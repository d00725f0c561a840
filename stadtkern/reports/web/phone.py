"""Staff take a report for somebody on the phone: the citizens' form, but the caller is the one who is told.

`/melden/?quelle=telefon` asks for it; without the right (reports.file_for) it is an ordinary filing.
"""

from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from stadtkern.core.problems import NotFound
from stadtkern.people.rights import may, require
from stadtkern.reports.domain.desk import visible
from stadtkern.reports.models import Report
from stadtkern.reports.web import wording
from stadtkern.reports.web.forms import FilingForm, Words
from stadtkern.reports.web.frame import is_plain_reader
from stadtkern.reports.words import Source
from stadtkern.threads.domain.conversation import contact_for
from stadtkern.threads.models import Contact

ASKED = "telefon"
MOST_AN_HOUR = 200
UNKEPT = {"data-no-draft": "", "autocomplete": "off"}  # a caller's data stay on no device


class PhoneForm(FilingForm):
    """The filing form with the caller instead of the person who types."""

    name = Words(label=gettext_lazy("Name"), max_length=120, required=False)
    phone = Words(label=gettext_lazy("Telefonnummer"), max_length=40, required=False, widget=forms.TelInput)

    def __init__(self, *args: Any, **given: Any) -> None:
        super().__init__(*args, **given)
        self.fields["email"].help_text = _("Dorthin geht die Bestätigung mit dem Link zur Meldung.")
        for name in ("name", "phone", "email"):
            self.fields[name].widget.attrs |= UNKEPT


def is_by_phone(request: HttpRequest) -> bool:
    """Does somebody take this report for a caller, and may they?"""
    asked = request.POST.get("quelle") or request.GET.get("quelle")
    return asked == ASKED and not is_plain_reader(request) and may(request.user, "reports.file_for")


def caller(form: FilingForm) -> Contact | None:
    """Whoever called, as far as they said who they are."""
    told = {name: str(form.cleaned_data.get(name) or "") for name in ("email", "name", "phone")}
    return contact_for(**told) if any(told.values()) else None


@require_GET
@login_required
def taken(request: HttpRequest, report_id: int) -> HttpResponse:
    """What to tell the caller: the number, who has it, until when."""
    require(request.user, "reports.file_for")
    mine = Report.objects.filter(pk=report_id, source=Source.PHONE, thread__entries__person=request.user)
    report = mine.select_related("thread", "owner").first()
    if report is None:
        raise NotFound(_("Diese Meldung gibt es nicht."))
    part = report.thread.participants.select_related("contact").first()
    context = {
        "report": report,
        "category": wording.category_name(report.category_id),
        "is_mine": visible(request.user).filter(pk=report_id).exists(),
        "mailed": part is not None and bool(part.contact.email),
    }
    return render(request, "reports/desk/taken.html", context)
