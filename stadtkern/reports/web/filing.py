"""Telling the city something: the page, the sending, the thanks."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render as render_page
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from stadtkern.core.city import city
from stadtkern.core.idempotency import digest_of, fingerprint, remember
from stadtkern.core.languages import pick
from stadtkern.core.limits import spend
from stadtkern.core.problems import BadInput, Conflict, NotFound
from stadtkern.core.web.middleware import wants_json
from stadtkern.media.domain.storing import store_image
from stadtkern.people.sign_in import client_address
from stadtkern.reports.domain.duplicates import likely_duplicates
from stadtkern.reports.domain.figures import kept_times
from stadtkern.reports.domain.filing import Draft, file_report
from stadtkern.reports.domain.receipts import queue_receipt
from stadtkern.reports.domain.times import span_for
from stadtkern.reports.models import Report
from stadtkern.reports.web import kiosk, phone, wizard, wording
from stadtkern.reports.web.cards import context_of
from stadtkern.reports.web.frame import is_plain_reader, page
from stadtkern.reports.web.origin import same_origin
from stadtkern.reports.web.wizard import Filled
from stadtkern.threads.domain.conversation import contact_for
from stadtkern.threads.domain.links import absolute, qr_svg, secret_path, thread_by_token
from stadtkern.threads.models import Contact
from stadtkern.threads.words import Part

SECTION = "/melden/"
MOST_AN_HOUR, MOST_PHOTOS_AN_HOUR = 40, 120
FIELDS_OF_A_SENDING = ("category", "text", "lat", "lon", "address", "place_note", "asset_id")
SENT_TWICE = _(
    "Von dieser Seite haben Sie schon etwas gemeldet. Ist das hier etwas anderes? Dann senden Sie es bitte noch einmal."
)
HASTY = _("Das ging sehr schnell. Bitte prüfen Sie kurz Ihre Angaben und senden Sie noch einmal.")
HONEY = _("Bitte lassen Sie das versteckte Feld leer und senden Sie noch einmal.")


@require_GET
def start(request: HttpRequest) -> HttpResponse:
    """The form. `schritt` is the step a reader without JavaScript asks for; faults lead back to an earlier one."""
    filled = wizard.read(request, request.GET)
    asked = _step(request.GET.get("schritt", ""))
    if asked > 1:
        wizard.prove_place(filled, wizard.draft_of(filled, request))
    filled.keep_only(before=asked)
    step = min(asked, filled.first_wrong_step())
    if asked > 1 and len(filled.hits) > 1:
        step = 1  # several places bear that name: which one?
    return _form(request, filled, step=step, kept=wizard.kept_photos(request.GET.get("kept", "")))


def _form(
    request: HttpRequest, filled: Filled, *, step: int, kept: list[str], words: str = "", status: int = 200
) -> HttpResponse:
    signed_in = not is_plain_reader(request) and request.user.is_authenticated
    slots = wizard.render(filled, step=step, kept=kept, words=words, signed_in=signed_in)
    return (kiosk.page if filled.kiosk else page)(request, slots, section=SECTION, status=status)


def _step(text: str) -> int:
    return int(text) if text in {"1", "2", "3"} else 1


@same_origin
@require_http_methods(["GET", "POST"])
def send(request: HttpRequest) -> HttpResponse:
    """File once; the same sending again gets the same thanks. What is wrong comes back with all that was typed."""
    if request.method == "GET":  # somebody chose another language on a page with faults
        return HttpResponseRedirect(request.path.removesuffix("senden"))
    filled = wizard.read(request, request.POST, request.FILES)
    draft = wizard.draft_of(filled, request)
    photos = filled.form.cleaned_data.get("photos") or []
    kept = wizard.kept_photos(request.POST.get("kept", ""))
    if words := _suspicion(filled):
        return _again(request, filled, photos, kept, words=words)
    pictured = len(photos) + len(kept)
    unsure = filled.first_wrong_step() < 4 or pictured  # else the domain's own check, when it files, is enough
    if unsure and not wizard.prove(filled, draft, photos=pictured):
        return _again(request, filled, photos, kept)
    try:
        answer = _once(request, filled, draft, photos, kept)
    except Conflict:
        return _again(request, filled, photos, kept, words=str(SENT_TWICE), status=409)
    except BadInput as error:
        filled.add_faults(error.fields or {"text": str(error)})
        return _again(request, filled, photos, kept)
    return kiosk.thank(request, answer) if filled.kiosk else _thank(request, answer)


def _suspicion(filled: Filled) -> str:
    """What only machines do. A person who did it reads what to do, and has lost nothing."""
    if filled.form.cleaned_data.get("website"):
        return str(HONEY)
    return str(HASTY) if wizard.is_hasty(filled) else ""


def _once(
    request: HttpRequest, filled: Filled, draft: Draft, photos: list[UploadedFile], kept: list[str]
) -> dict[str, Any]:
    key = request.headers.get("Idempotency-Key") or request.POST.get("idempotency_key") or ""
    content = _content(filled, draft, photos, kept)
    return dict(
        remember(
            key,
            scope="reports.file",
            fingerprint=fingerprint(content),
            run=lambda: _file(request, filled, draft, photos, kept),
        )
    )


def _content(filled: Filled, draft: Draft, photos: Iterable[UploadedFile], kept: list[str]) -> dict[str, Any]:
    """What makes two sendings the same one."""
    given = filled.form.cleaned_data
    plain = {name: getattr(draft, name) for name in FIELDS_OF_A_SENDING}
    people = {name: given.get(name) for name in ("email", "helper", "name", "phone")}
    pictures = {"photos": [digest_of(file) for file in photos], "kept": kept}
    return plain | people | pictures | {"answers": dict(draft.answers)}


def _file(
    request: HttpRequest, filled: Filled, draft: Draft, photos: list[UploadedFile], kept: list[str]
) -> dict[str, Any]:
    """Everything in one transaction: limit, photos, contact, report, receipt."""
    _spend(request, filled)
    images = [*kept, *(_store(file) for file in photos)]
    contact = _contact(request, filled)
    part = Part.HELPER if filled.form.cleaned_data.get("helper") else Part.REPORTER
    report = file_report(replace(draft, photos=tuple(UUID(id) for id in images), contact=contact, part=part))
    if contact is not None:
        queue_receipt(report, contact)
    taken = reverse("reports-desk:taken", args=[report.pk]) if filled.by_phone else ""
    return {"id": report.pk, "thanks": taken or _thanks_path(report)}


def _spend(request: HttpRequest, filled: Filled) -> None:
    """So many an hour from one address; people at the telephone share one and have a limit of their own."""
    if filled.by_phone:
        spend("reports.phone", str(request.user.pk), most=phone.MOST_AN_HOUR, per=timedelta(hours=1))
    else:
        spend("reports.file", client_address(request), most=MOST_AN_HOUR, per=timedelta(hours=1))


def _store(file: UploadedFile) -> str:
    try:
        return str(store_image(file.file or file, purpose="report", redact=True).pk)
    except BadInput as error:
        reason = str(error)
        raise BadInput(fields={"photos": f"{file.name}: {reason}"}) from error


def _contact(request: HttpRequest, filled: Filled) -> Contact | None:
    if filled.by_phone:
        return phone.caller(filled.form)
    if request.user.is_authenticated:
        return contact_for(person=request.user)
    email = filled.form.cleaned_data.get("email")
    return contact_for(email=email, language=get_language() or "de") if email else None


def _thanks_path(report: Report) -> str:
    return reverse("reports:thanks", kwargs={"token": secret_path(report.thread).strip("/").rpartition("/")[2]})


def _thank(request: HttpRequest, answer: dict[str, Any]) -> HttpResponse:
    if wants_json(request):
        return JsonResponse(answer | {"url": f"/meldungen/{answer['id']}/"}, status=201)
    return HttpResponseRedirect(answer["thanks"])


def _again(
    request: HttpRequest,
    filled: Filled,
    photos: list[UploadedFile],
    kept: list[str],
    *,
    words: str = "",
    status: int = 422,
) -> HttpResponse:
    """The form with its faults; photos that were sound are kept, so that nobody has to choose them again."""
    kept = [*kept, *_keep_sound(request, filled, photos, room=wizard.most_photos() - len(kept))]
    if wants_json(request):
        faults = {name: str(errors[0]) for name, errors in filled.form.errors.items()}
        faults |= {
            name: str(errors[0]) for name, errors in (filled.questions.errors if filled.questions else {}).items()
        }
        raise (Conflict(words) if status == 409 else BadInput(words, fields=faults))
    step = min(3, filled.first_wrong_step())
    return _form(request, filled, step=step, kept=kept, words=words, status=status)


def _keep_sound(request: HttpRequest, filled: Filled, photos: list[UploadedFile], *, room: int) -> list[str]:
    sound = []
    for file in photos[: max(0, room)]:
        spend("reports.photos", client_address(request), most=MOST_PHOTOS_AN_HOUR, per=timedelta(hours=1))
        file.seek(0)
        try:
            sound.append(_store(file))
        except BadInput as error:
            if not filled.form.has_error("photos"):
                filled.add_faults(error.fields)
    return sound


@same_origin
@never_cache
def similar(request: HttpRequest) -> HttpResponse:
    """Likely duplicates for what is on the form so far: a fragment of the page."""
    filled = wizard.read(request, request.POST or request.GET)
    return render_page(request, "reports/_similar.html", {"similar": similar_to(filled, request)})


def similar_to(filled: Filled, request: HttpRequest) -> list[dict[str, Any]]:
    draft = wizard.draft_of(filled, request)
    category = filled.category
    if category is None or draft.lat is None or draft.lon is None:
        return []
    found = likely_duplicates(category, lat=draft.lat, lon=draft.lon, text=draft.text)
    return [context_of(likeness.row) | {"distance": likeness.distance_m} for likeness in found]


@never_cache
def thanks(request: HttpRequest, token: str) -> HttpResponse:
    """Number, secret link, QR, what happens next."""
    shows = _thanks_shows(token)
    slots = {
        "title": _("Danke"),
        "head": render_to_string("reports/_thanks_head.html", shows),
        "body": render_to_string("reports/_thanks_body.html", shows),
    }
    return page(request, slots, section=SECTION)


@never_cache
def sheet(request: HttpRequest, token: str) -> HttpResponse:
    """The same to print and to pin up: big letters, number, QR."""
    shows = _thanks_shows(token)
    slots = {
        "title": _("Zum Ausdrucken"),
        "head": render_to_string("reports/_sheet_head.html", shows),
        "body": render_to_string("reports/_sheet_body.html", shows),
    }
    return page(request, slots, section=SECTION)


def _thanks_shows(token: str) -> dict[str, Any]:
    thread = thread_by_token(token)
    report = Report.objects.select_related("thread", "owner").filter(thread=thread).first()
    if report is None:
        raise NotFound()
    path = secret_path(thread)
    span = span_for(report.category_id, report.owner_id, kept_times())
    part = thread.participants.select_related("contact").first()
    return {
        "report": report,
        "token": token,
        "path": path,
        "link": absolute(path),
        "qr": qr_svg(absolute(path)),
        "category": wording.category_name(report.category_id),
        "icon": wording.category_icon(report.category_id),
        "badge": wording.badge(report.status),
        "times": wording.honest_times(span, report.owner_id) if report.kind == "defect" else "",
        "words": pick(city().read("texts.toml").get("reports", {}).get("thanks", {})),
        "mailed": part is not None and bool(part.contact.email or part.contact.person_id),
        "confirmed": part is not None and bool(part.contact.confirmed_at or part.contact.person_id),
    }
