"""Following something, from any page of the house: a form that works alone and takes its facts from the address."""

from datetime import timedelta

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from stadtkern.core.limits import spend
from stadtkern.core.problems import BadInput
from stadtkern.core.web.client_address import client_address
from stadtkern.threads.domain import following
from stadtkern.threads.domain.confirming import ask_to_confirm
from stadtkern.threads.models import Contact
from stadtkern.threads.web.forms import Ending, Wish
from stadtkern.threads.web.parts import contact_of, contact_or_new, person_of

MOST_PER_HOUR = 60


@require_http_methods(["GET", "HEAD", "POST"])
def follow(request: HttpRequest) -> HttpResponse:
    """GET shows the wish (`?topic=area&lat=…&lon=…&label=…`), POST keeps it."""
    if request.method != "POST":
        form = Wish(initial={"pace": "now", "radius": 500} | {key: value for key, value in request.GET.items()})
        return render(request, "threads/follow.html", _context(request, form))
    form = Wish(request.POST)
    if form.is_valid():
        spend("threads.follow", client_address(request), most=MOST_PER_HOUR, per=timedelta(hours=1))
        try:
            _keep(request, form)
        except BadInput as error:
            form.add_error(None, str(next(iter(error.fields.values()), error)))
        else:
            return redirect(_back(request, "threads:settings"))
    return render(request, "threads/follow.html", _context(request, form), status=422)


def _context(request: HttpRequest, form: Wish) -> dict[str, object]:
    facts = form.data or form.initial
    return {
        "form": form.as_shown(),
        "label": facts.get("label", ""),
        "is_area": facts.get("topic") == following.AREA,
        "is_person": person_of(request) is not None,
        "next": facts.get("next", ""),
    }


@transaction.atomic
def _keep(request: HttpRequest, form: Wish) -> None:
    given = form.cleaned_data
    wish = {"value": given["value"], "label": given["label"], "pace": given["pace"]}
    if given["email"] and person_of(request) is None:
        # a typed address proves nothing: a contact of its own, until its owner confirms
        contact = Contact.objects.create(email=given["email"].lower(), language=get_language() or "de")
        following.follow(contact, given["topic"], **wish)
        ask_to_confirm(contact)
        messages.success(request, _("Fast geschafft: Bitte öffnen Sie den Link in der E-Mail, die wir Ihnen schicken."))
    else:
        following.follow(contact_or_new(request), given["topic"], **wish)
        messages.success(request, _("Sie bleiben auf dem Laufenden. Neues steht unter Mitteilungen."))


@require_POST
def unfollow(request: HttpRequest) -> HttpResponse:
    """From the page of the thing itself: topic and value as in `follow`."""
    contact, form = contact_of(request), Ending(request.POST)
    if not form.is_valid():
        raise BadInput(fields={name: reasons[0] for name, reasons in form.errors.items()})
    if contact is not None:
        following.unfollow(contact, form.cleaned_data["topic"], value=form.cleaned_data["value"])
        messages.success(request, _("Sie hören davon nichts mehr."))
    return redirect(_back(request, "threads:settings"))


def _back(request: HttpRequest, otherwise: str) -> str:
    """The page to return to, if it is one of ours."""
    wanted = request.POST.get("next", "")
    ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if wanted and ours else otherwise
