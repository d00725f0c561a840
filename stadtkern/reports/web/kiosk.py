"""The form on a public screen: big print, no way out, nothing left behind for whoever comes next."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from stadtkern.core.city import city
from stadtkern.reports.models import Report
from stadtkern.reports.web import wording
from stadtkern.reports.web.frame import Slots
from stadtkern.threads.domain.links import absolute, qr_svg, secret_path

IDLE_SECONDS = 90  # then the screen asks whether somebody is still there
ASKING_SECONDS = 20
THANKS_SECONDS = 60


def page(request: HttpRequest, slots: Slots, *, section: str, status: int = 200) -> HttpResponse:
    """The same slots in a frame without menus, links and memory."""
    return _shown(request, "reports/kiosk.html", dict(slots) | {"idle": IDLE_SECONDS}, status=status)


def thank(request: HttpRequest, answer: dict[str, Any]) -> HttpResponse:
    """Number and QR code. It answers the sending itself, so that no secret link stands in the screen's history."""
    report = Report.objects.select_related("thread").get(pk=answer["id"])
    shows = {
        "report": report,
        "category": wording.category_name(report.category_id),
        "qr": qr_svg(absolute(secret_path(report.thread))),
        "idle": THANKS_SECONDS,
    }
    return _shown(request, "reports/kiosk_thanks.html", shows, status=201)


@require_GET
def afresh(request: HttpRequest) -> HttpResponse:
    """Back to the start, with everything forgotten that the browser may have kept."""
    response = HttpResponseRedirect(reverse("reports:kiosk"))
    for name in request.COOKIES:
        response.delete_cookie(name, samesite="Lax")
    response["Clear-Site-Data"] = '"cookies", "storage"'
    return response


@never_cache
def _shown(request: HttpRequest, template: str, shows: dict[str, Any], *, status: int) -> HttpResponse:
    shows |= {"city": city(), "asking": ASKING_SECONDS, "next_person": reverse("reports:kiosk-afresh")}
    return render(request, template, shows, status=status)
