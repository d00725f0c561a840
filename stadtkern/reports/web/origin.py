"""Forms that need no cookie: a POST must come from our own pages, and the browser itself says where it comes from.

Browsers send Sec-Fetch-Site, or at least Origin, with every POST; a page of somebody else cannot forge them.
So these forms carry no token: readers get no cookie, and a form kept offline for days can still be sent.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from stadtkern.core.problems import NotAllowed

View = Callable[..., HttpResponse]


def same_origin(view: View) -> View:
    """Refuse a POST that another site's page sent."""

    @csrf_exempt
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method == "POST" and not _is_ours(request):
            raise NotAllowed(
                _("Diese Eingabe kam von einer fremden Seite. Bitte senden Sie sie von unserer Seite aus.")
            )
        return view(request, *args, **kwargs)

    return guarded


def _is_ours(request: HttpRequest) -> bool:
    if site := request.headers.get("Sec-Fetch-Site"):
        return site in {"same-origin", "none"}
    for name in ("Origin", "Referer"):
        if given := request.headers.get(name):
            return urlsplit(given).netloc == request.get_host()
    return True  # no browser: nobody's cookies can be misused
