"""On the way: the crew's list for a phone; what is done is sent once, also when the network was gone."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from stadtkern.core.idempotency import digest_of, fingerprint, remember
from stadtkern.core.limits import spend
from stadtkern.core.problems import BadInput, Conflict, NotFound
from stadtkern.media.domain.storing import store_image
from stadtkern.people.rights import require
from stadtkern.reports.domain import fieldwork
from stadtkern.reports.domain.desk import visible
from stadtkern.reports.models import Photo, Report
from stadtkern.reports.web.desk_rows import rows_of
from stadtkern.reports.web.wording import answers_for_staff

MOST_PHOTOS = 4
PARTS = ("before", "after")
SHOWN_PHOTOS = 3


class DoneForm(forms.Form):
    done = forms.TypedChoiceField(
        label=gettext_lazy("Ergebnis"),
        choices=[("yes", gettext_lazy("Erledigt")), ("no", gettext_lazy("Noch nicht fertig"))],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
        initial="yes",
    )
    told = forms.CharField(
        label=gettext_lazy("Das liest die meldende Person"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    note = forms.CharField(
        label=gettext_lazy("Notiz für das Büro"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


@require_GET
@login_required
def round_trip(request: HttpRequest) -> HttpResponse:
    """The list of the day: open matters of one's organisations, one's own first."""
    require(request.user, "reports.work")
    reports = list(fieldwork.round_trip(request.user))
    photos = _photos_of(reports)
    cards = [
        {
            **row,
            "answers": answers_for_staff(report.category_id, report.answers),
            "text": report.text,
            "lat": report.lat,
            "lon": report.lon,
            "photos": photos.get(report.pk, ())[:SHOWN_PHOTOS],
            "form": DoneForm(prefix=str(report.pk)),
        }
        for report, row in zip(reports, rows_of(reports), strict=True)
    ]
    return render(request, "reports/desk/field.html", {"cards": cards, "most_photos": MOST_PHOTOS})


def _photos_of(reports: Sequence[Report]) -> dict[int, list[Photo]]:
    """What people photographed, by report, in one statement."""
    found: dict[int, list[Photo]] = {}
    for photo in Photo.objects.filter(report__in=reports).select_related("image"):
        found.setdefault(photo.report_id, []).append(photo)
    return found


@require_POST
@login_required
def done(request: HttpRequest, report_id: int) -> HttpResponse:
    """One matter's result; sent twice it counts once."""
    _is_the_same_person(request)
    report = visible(request.user).filter(pk=report_id).first()
    if report is None:
        raise NotFound(_("Diese Meldung gibt es nicht, oder sie liegt nicht bei Ihrer Stelle."))
    require(request.user, "reports.work", report.owner_id)
    form = DoneForm(request.POST, prefix=str(report_id))
    if not form.is_valid():
        raise BadInput(fields={name: str(words[0]) for name, words in form.errors.items()})
    key = request.headers.get("Idempotency-Key") or request.POST.get("idempotency_key", "")
    photos = {part: [digest_of(file) for file in _photos(request, part)] for part in PARTS}
    content = {**form.cleaned_data, **photos, "report": report_id}
    remember(key, scope="reports.field", fingerprint=fingerprint(content), run=lambda: _finish(request, report, form))
    messages.success(request, _("Meldung %(id)s ist eingetragen.") % {"id": report_id})
    return redirect("reports-desk:field")


def _is_the_same_person(request: HttpRequest) -> None:
    """What waited on a device is only sent by whom it was written."""
    written_by = request.POST.get("person", "")
    if written_by and written_by != str(request.user.pk):
        raise Conflict(_("Das hat eine andere Person auf diesem Gerät eingetragen. Nur sie kann es senden."))


def _photos(request: HttpRequest, part: str) -> list[UploadedFile]:
    return request.FILES.getlist(part)[:MOST_PHOTOS]


def _stored(file: UploadedFile) -> UUID:
    return UUID(str(store_image(file, purpose="report", redact=True).pk))


def _finish(request: HttpRequest, report: Report, form: DoneForm) -> dict[str, int]:
    spend("reports.field", str(request.user.pk), most=600, per=timedelta(hours=1))
    images = {part: [_stored(file) for file in _photos(request, part)] for part in PARTS}
    fieldwork.finish_outside(report.pk, by=request.user, **images, **form.cleaned_data)
    return {"report": report.pk}
