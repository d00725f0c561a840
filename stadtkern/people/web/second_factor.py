"""Without a second factor a staff session is a citizen's, and no page of the desk opens."""

from collections.abc import Callable
from functools import partial
from typing import Any

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.contrib.auth.middleware import get_user
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.http import urlencode

from stadtkern.people.domain import second_factor
from stadtkern.people.models import Person
from stadtkern.people.rights import all_memberships

DESK = "/desk/"


class SecondFactor:
    """Mounted after AuthenticationMiddleware and allauth's AccountMiddleware."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.STAFF_SECOND_FACTOR:
            request.user = SimpleLazyObject(partial(_as_far_as_proven, request))
            if request.path.startswith(DESK) and (page := _page_to_prove(request)):
                return redirect(f"{page}?{urlencode({'next': request.get_full_path()})}")
        return self.get_response(request)


def _as_far_as_proven(request: HttpRequest) -> Any:
    person = get_user(request)
    return second_factor.hold_back_unproven(person, request.session) if isinstance(person, Person) else person


def _page_to_prove(request: HttpRequest) -> str:
    """Where a member of staff goes first; empty for everybody who may pass on (views check the rights)."""
    person = request.user
    if not isinstance(person, Person) or not getattr(person, "held_back", False):
        return ""
    if not person.is_active or not all_memberships(person):
        return ""
    methods = get_adapter().get_reauthentication_methods(person)
    return str(methods[0]["url"]) if methods else reverse("mfa_index")
