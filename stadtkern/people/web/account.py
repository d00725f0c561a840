"""My account: who I am here, how I sign in, where I am signed in."""

from typing import Any

from allauth.mfa.models import Authenticator
from allauth.socialaccount.adapter import get_adapter as social_adapter
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from stadtkern.core import audit
from stadtkern.people.domain import sessions
from stadtkern.people.domain.belonging import home_of
from stadtkern.people.models import Person
from stadtkern.people.web.forms import AboutMe

YEAR = 31_536_000


@never_cache
@login_required
def account(request: HttpRequest) -> HttpResponse:
    person = _me(request)
    form = AboutMe(request.POST or None, instance=Person.objects.get(pk=person.pk))
    if request.method == "POST" and form.is_valid():
        saved = form.save()
        messages.success(request, _("Gespeichert."))
        answer = redirect("people:account")
        answer.set_cookie(settings.LANGUAGE_COOKIE_NAME, saved.language, max_age=YEAR, samesite="Lax")
        return answer
    page = {"form": form} | _overview(request, person)
    return render(request, "people/account.html", page, status=422 if form.errors else 200)


def _overview(request: HttpRequest, person: Person) -> dict[str, Any]:
    kinds = list(Authenticator.objects.filter(user_id=person.pk).values_list("type", flat=True))
    return {
        "passkeys": kinds.count(Authenticator.Type.WEBAUTHN),
        "has_app": Authenticator.Type.TOTP in kinds,
        "sessions_open": len(sessions.of(person)),
        "memberships": list(person.memberships.select_related("organisation").order_by("-home", "pk")),
        "home": home_of(person),
        "providers": social_adapter().list_providers(request),
    }


@never_cache
@login_required
def open_sessions(request: HttpRequest) -> HttpResponse:
    person = _me(request)
    here = request.session.session_key
    rows = [(one, sessions.device(one.user_agent), one.session_key == here) for one in sessions.of(person)]
    return render(request, "people/sessions.html", {"rows": rows})


@require_POST
@login_required
def end_session(request: HttpRequest, session_id: int) -> HttpResponse:
    if sessions.end(_me(request), session_id):
        messages.success(request, _("Die Anmeldung ist beendet."))
    return redirect("people:sessions")


@require_POST
@login_required
def end_other_sessions(request: HttpRequest) -> HttpResponse:
    """Sign out everywhere but here."""
    person = Person.objects.get(pk=_me(request).pk)
    UserSession.objects.filter(session_key=request.session.session_key).delete()
    sessions.end_all(person)
    update_session_auth_hash(request, person)
    UserSession.objects.create_from_request(request)
    audit.record("people.signed_out_everywhere", actor=person, subject=("person", person.pk))
    messages.success(request, _("Sie sind nur noch hier angemeldet."))
    return redirect("people:sessions")


def _me(request: HttpRequest) -> Person:
    assert isinstance(request.user, Person)  # noqa: S101  login_required stands in front
    return request.user
