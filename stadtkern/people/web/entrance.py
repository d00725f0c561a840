"""The doors around allauth: what is closed, what leads elsewhere, and the one-tap logins of the demo."""

import logging
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.utils import perform_login
from allauth.socialaccount.providers.openid_connect import views as oidc
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST
from requests import RequestException

from stadtkern.core.city import city
from stadtkern.core.problems import NotAllowed, NotFound
from stadtkern.core.web.middleware import answer_problem
from stadtkern.people.domain import cast
from stadtkern.people.models import Person

log = logging.getLogger(__name__)
FROM_HERE = {"same-origin", "none", None}


def closed(request: HttpRequest, **given: Any) -> HttpResponse:
    """allauth's password pages: nobody here has a password."""
    raise NotFound


def to_the_login_page(request: HttpRequest) -> HttpResponse:
    """There is one page to sign in, whatever the way."""
    query = request.GET.urlencode()
    return redirect(reverse("account_login") + (f"?{query}" if query else ""))


def stale_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form without a valid token (CSRF_FAILURE_VIEW): forged, or a page that was open for too long."""
    detail = _("Die Seite war zu lange offen. Bitte gehen Sie zurück, laden Sie sie neu und senden Sie noch einmal ab.")
    return answer_problem(request, NotAllowed(detail))


@never_cache
def start_at_provider(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Leave for an OIDC provider, but only from our own pages: no other site may start a sign-in."""
    if request.headers.get("Sec-Fetch-Site") not in FROM_HERE:
        return to_the_login_page(request)
    try:
        return oidc.login(request, provider_id)
    except (RequestException, KeyError, ValueError):
        log.exception("the OIDC provider %s cannot be used", provider_id)
        return render(request, "socialaccount/authentication_error.html", status=503)


@require_POST
def demo_login(request: HttpRequest) -> HttpResponse:
    """Sign in as one of the demo's invented people; exists only in demo mode."""
    known = {member["email"].lower() for member in cast.of(city())} if settings.DEMO else set()
    email = request.POST.get("email", "").lower()
    person = Person.objects.filter(email=email, is_active=True).first() if email in known else None
    if person is None:
        raise NotFound
    if request.user.is_authenticated:
        get_adapter(request).logout(request)
    answer: HttpResponse = perform_login(request, person, email_verification="none")
    answer.set_cookie(settings.LANGUAGE_COOKIE_NAME, person.language, samesite="Lax", max_age=31_536_000)
    return answer
