"""The desk of media: see what was blurred, correct it, take a picture back."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from stadtkern.core.problems import NotAllowed, NotFound
from stadtkern.media.domain.addresses import preview_url
from stadtkern.media.domain.detecting import obstacle
from stadtkern.media.domain.publishing import withdraw
from stadtkern.media.domain.restoring import restore
from stadtkern.media.domain.reviewing import REVIEWABLE, boxes_of, picture_for_review, redo_redaction
from stadtkern.media.models import Image
from stadtkern.media.reviewers import back_url, may_review, may_review_all
from stadtkern.media.web.forms import BoxRows, WithdrawForm, rows_for
from stadtkern.media.web.serving import PRIVATE_CACHE, guarded
from stadtkern.media.words import State

MOST_LISTED = 100
View = Callable[[HttpRequest, Image], HttpResponse]


def for_reviewers(view: View) -> Callable[[HttpRequest, UUID], HttpResponse]:
    """Give the view its image, if there is one and this person may review it."""

    @never_cache
    @login_required
    @wraps(view)
    def checked(request: HttpRequest, image_id: UUID) -> HttpResponse:
        image = Image.objects.filter(pk=image_id).first()
        if image is None:
            raise NotFound(_("Dieses Bild gibt es nicht (mehr)."))
        if not may_review(request.user, image):
            raise NotAllowed(_("Ihre Rolle erlaubt das Prüfen von Bildern nicht."))
        return view(request, image)

    return checked


@for_reviewers
def review(request: HttpRequest, image: Image) -> HttpResponse:
    """See the picture with its numbered spots and change them; plain form, 422 when a number is wrong."""
    rows = BoxRows(request.POST or None, initial=rows_for(boxes_of(image)), prefix="box")
    if request.method == "POST" and rows.is_valid():
        boxes = [box for row in rows if (box := row.box())]
        redo_redaction(image.pk, boxes, by=request.user)
        messages.success(request, _("Gespeichert. Das Bild ist neu unkenntlich gemacht."))
        return redirect("media:review", image_id=image.pk)
    wrong = rows.is_bound and not rows.is_valid()
    return render(request, "media/review.html", _context(image, rows), status=422 if wrong else 200)


def _context(image: Image, rows: object) -> dict[str, object]:
    return {
        "image": image,
        "rows": rows,
        "result_url": preview_url(image, "large"),
        "can_review": State(image.state) in REVIEWABLE and bool(image.base),
        "is_withdrawn": image.state == State.WITHDRAWN,
        "withdraw_form": WithdrawForm(),
        "back_url": back_url(image),
    }


@require_safe
@for_reviewers
def numbered(request: HttpRequest, image: Image) -> HttpResponse:
    """The picture as it came, re-encoded, with its spots numbered. For reviewers only."""
    if State(image.state) not in REVIEWABLE or not image.base:
        raise NotFound(_("Von diesem Bild gibt es noch keine Ansicht."))
    response = HttpResponse(picture_for_review(image), content_type="image/webp")
    response["Cache-Control"] = PRIVATE_CACHE
    return guarded(response, f"{image.pk}.webp")


@require_POST
@for_reviewers
def take_back(request: HttpRequest, image: Image) -> HttpResponse:
    form = WithdrawForm(request.POST)
    if not form.is_valid():
        rows = BoxRows(initial=rows_for(boxes_of(image)), prefix="box")
        context = {**_context(image, rows), "withdraw_form": form}
        return render(request, "media/review.html", context, status=422)
    withdraw(image.pk, form.cleaned_data["reason"], by=request.user)
    messages.success(request, _("Das Bild ist zurückgezogen und nicht mehr öffentlich."))
    return redirect("media:review", image_id=image.pk)


@require_POST
@for_reviewers
def bring_back(request: HttpRequest, image: Image) -> HttpResponse:
    restore(image.pk, by=request.user)
    messages.success(request, _("Das Bild ist wiederhergestellt."))
    return redirect("media:review", image_id=image.pk)


@never_cache
@login_required
@require_safe
def waiting(request: HttpRequest) -> HttpResponse:
    """What waits or failed, with the reason, for those who look after the machine."""
    if not may_review_all(request.user):
        raise NotAllowed(_("Ihre Rolle erlaubt das Prüfen von Bildern nicht."))
    stuck = Image.objects.filter(state__in=[State.RECEIVED, State.REFUSED]).order_by("-created_at")
    return render(
        request, "media/waiting.html", {"images": stuck[:MOST_LISTED], "most": MOST_LISTED, "obstacle": obstacle()}
    )
