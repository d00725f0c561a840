"""How a reader likes to read: language, colours, size. Kept in cookies of theirs, nowhere else.

The switches stand on every page and need no token, so that a page is the same for everybody and a reader gets no
cookie before choosing something. What another site could do with them is change the colours; even that is refused.
"""

from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from stadtkern.core.city import city
from stadtkern.core.problems import BadInput, NotAllowed
from stadtkern.core.web.context import CHOICES

KEPT = int(timedelta(days=365).total_seconds())


def display(request: HttpRequest) -> HttpResponse:
    """All choices on one page."""
    return render(request, "portal/display.html", {"next": _way_back(request)})


@csrf_exempt  # see the top of this file
@require_POST
def set_display(request: HttpRequest) -> HttpResponse:
    """One or several of theme, text, contrast, motion; the first option of each forgets the cookie."""
    _refuse_strangers(request)
    response = HttpResponseRedirect(_way_back(request))
    for name, options in CHOICES.items():
        if name not in request.POST:
            continue
        value = request.POST[name]
        if value not in {key for key, _label, _icon in options}:
            raise BadInput(f"{name}: {value!r}", fields={name: value})
        if value == options[0][0]:
            response.delete_cookie(name, samesite="Lax")
        else:
            _keep(request, response, name, value)
    return response


@csrf_exempt  # see the top of this file
@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    _refuse_strangers(request)
    language = request.POST.get("language", "")
    if language not in city().languages:
        raise BadInput(f"language: {language!r}", fields={"language": language})
    response = HttpResponseRedirect(_way_back(request))
    _keep(request, response, settings.LANGUAGE_COOKIE_NAME, language)
    return response


def _refuse_strangers(request: HttpRequest) -> None:
    if request.headers.get("Sec-Fetch-Site") == "cross-site":
        raise NotAllowed


def _keep(request: HttpRequest, response: HttpResponse, name: str, value: str) -> None:
    response.set_cookie(name, value, max_age=KEPT, samesite="Lax", secure=request.is_secure())


def _way_back(request: HttpRequest) -> str:
    """Where the reader came from, never out of this site."""
    target = request.POST.get("next") or request.GET.get("next") or "/"
    safe = url_has_allowed_host_and_scheme(target, allowed_hosts=None) and target.startswith("/")
    return target if safe else "/"
