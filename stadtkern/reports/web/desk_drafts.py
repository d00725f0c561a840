"""Nothing typed at the desk is lost when a session ends: the text waits behind the sign-in.

What comes from a browser without a session is kept in its new, anonymous session (which signing in keeps), for an
hour and never acted on: after signing in the person sees the form again, filled in, and sends it.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import reverse

from stadtkern.core.limits import spend
from stadtkern.people.sign_in import client_address

View = Callable[..., HttpResponse]
KEY = "reports.unsent"
KEPT_SECONDS = 3600
MOST_LETTERS = 60_000
MOST_AN_HOUR = 60


@dataclass(frozen=True, slots=True)
class Unsent:
    """What somebody wanted to send: to which view, with which typed values."""

    view: str
    kwargs: dict[str, Any]
    typed: QueryDict


def keeps_typed(view: View) -> View:
    """For views that take a POST of staff: without a session, sign in first and find everything typed again."""

    @wraps(view)
    def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.user.is_authenticated:
            if request.method == "POST" and KEY in request.session:
                del request.session[KEY]
            return view(request, *args, **kwargs)
        if request.method != "POST":
            return redirect_to_login(request.get_full_path())
        _keep(request)
        return redirect_to_login(reverse("reports-desk:unsent"))

    return inner


def _keep(request: HttpRequest) -> None:
    spend("reports.unsent", client_address(request), most=MOST_AN_HOUR, per=timedelta(hours=1))
    typed = request.POST.copy()
    typed.pop("csrfmiddlewaretoken", None)
    match = request.resolver_match
    text = typed.urlencode()
    if match is None or len(text) > MOST_LETTERS:
        return
    request.session[KEY] = {"view": match.url_name, "kwargs": match.kwargs, "typed": text, "at": time.time()}


def unsent(request: HttpRequest) -> Unsent | None:
    """What waits in this session; it stays until something is sent, so that reloading the page loses nothing."""
    kept = request.session.get(KEY)
    if not kept or time.time() - kept["at"] > KEPT_SECONDS:
        request.session.pop(KEY, None)
        return None
    return Unsent(view=kept["view"], kwargs=kept["kwargs"], typed=QueryDict(kept["typed"]))
