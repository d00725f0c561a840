"""What citizens do on a report's page: me too, a message, "was it solved?", taking it back."""

import secrets
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from stadtkern.core.limits import spend
from stadtkern.core.problems import BadInput, NotAllowed, Problem
from stadtkern.core.web.middleware import wants_json
from stadtkern.people.sign_in import client_address
from stadtkern.reports.domain import reading, talking
from stadtkern.reports.domain.supporting import support_report, withdraw_report
from stadtkern.reports.models import Report
from stadtkern.reports.web.origin import same_origin
from stadtkern.reports.web.public import Typed, show, takes_part
from stadtkern.threads.domain.conversation import insiders, join
from stadtkern.threads.models import Contact
from stadtkern.threads.web.parts import contact_of, contact_or_new
from stadtkern.threads.words import Part

DEVICE = "device"
DEVICE_SECONDS = 400 * 24 * 3600  # the longest that browsers keep a cookie
AN_HOUR = timedelta(hours=1)
MOST_SUPPORTS, MOST_MESSAGES = 60, 30
Action = Callable[[HttpRequest, int], HttpResponse]


@same_origin
@require_POST
def support(request: HttpRequest, report_id: int) -> HttpResponse:
    """One tap; the device is known by a random number that it keeps from this moment on."""
    spend("reports.support", client_address(request), most=MOST_SUPPORTS, per=AN_HOUR)
    device = request.COOKIES.get(DEVICE, "")
    device = device if 20 <= len(device) <= 60 else secrets.token_urlsafe(24)
    contact = contact_of(request) if request.user.is_authenticated else None
    counted = support_report(report_id, device=device, contact=contact)
    response = _answer(request, report_id, "mich-auch" if counted else "schon-gezaehlt", {"counted": counted})
    response.set_cookie(
        DEVICE, device, max_age=DEVICE_SECONDS, httponly=True, samesite="Lax", secure=request.is_secure()
    )
    return response


def _for_participants(act: Action) -> Action:
    """Only whoever takes part; what was refused comes back on the page with what was typed."""

    @same_origin
    @require_POST
    @wraps(act)
    def guarded(request: HttpRequest, report_id: int) -> HttpResponse:
        found = reading.facts(report_id)
        if found is None or not takes_part(request, found):
            raise NotAllowed()
        spend("reports.say", client_address(request), most=MOST_MESSAGES, per=AN_HOUR)
        try:
            return act(request, report_id)
        except (BadInput, NotAllowed) as problem:
            if wants_json(request):
                raise
            return show(request, report_id, typed=_typed(request, problem), status=problem.status)

    return guarded


def _typed(request: HttpRequest, problem: Problem) -> Typed:
    values = {name: value for name, value in request.POST.items() if isinstance(value, str)}
    faults = {name: str(reason) for name, reason in problem.fields.items()}
    if "words" in values and "text" in faults:  # the verdict's words are checked as a message's text
        faults["words"] = faults.pop("text")
    return Typed(values=values, faults=faults, words="" if faults else str(problem))


@_for_participants
def say(request: HttpRequest, report_id: int) -> HttpResponse:
    talking.citizen_says(report_id, text=request.POST.get("text", ""), contact=_contact(request, report_id))
    return _answer(request, report_id, "nachricht", {})


@_for_participants
def confirm(request: HttpRequest, report_id: int) -> HttpResponse:
    """ "Was it solved?" A no opens the report again."""
    solved = request.POST.get("solved") == "yes"
    talking.confirm_solution(
        report_id, solved=solved, words=request.POST.get("words", ""), contact=_contact(request, report_id)
    )
    return _answer(request, report_id, "bestaetigt" if solved else "wieder-offen", {"solved": solved})


@_for_participants
def withdraw(request: HttpRequest, report_id: int) -> HttpResponse:
    withdraw_report(report_id)
    return _answer(request, report_id, "", {"withdrawn": True})


def _contact(request: HttpRequest, report_id: int) -> Contact:
    """The contact in front of us; by secret link alone it is the one who reported, or one for this browser."""
    if (contact := contact_of(request)) is not None:
        return contact
    thread = Report.objects.select_related("thread").get(pk=report_id).thread
    mine = insiders(thread)
    return mine[0] if mine else join(thread, contact_or_new(request), Part.REPORTER).contact


def _answer(request: HttpRequest, report_id: int, note: str, told: dict[str, Any]) -> HttpResponse:
    if wants_json(request):
        return JsonResponse({"id": report_id} | told)
    url = reverse("reports:report", kwargs={"report_id": report_id})
    return HttpResponseRedirect(f"{url}?danke={note}" if note else url)
