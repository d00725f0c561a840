"""Pages that may hold something of one reader are kept by nobody: no proxy, no browser, no service worker."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

NOT_KEPT = "private, no-store"
MESSAGES = "messages"  # a cookie of django.contrib.messages: what this one page tells this one reader


class OwnPages:
    """Marks every answer to a browser that has (or is given) a session, unless the view said something itself.

    A view whose page may be kept on the reader's own device says so by a Cache-Control of its own.
    Mounted in front of SessionMiddleware; reads cookies only, so that it costs no query.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not response.has_header("Cache-Control") and _is_somebodys(request, response):
            response["Cache-Control"] = NOT_KEPT
        return response


def _is_somebodys(request: HttpRequest, response: HttpResponse) -> bool:
    return any(
        name in cookies
        for name in (settings.SESSION_COOKIE_NAME, MESSAGES)
        for cookies in (request.COOKIES, response.cookies)
    )
