"""A Problem raised anywhere becomes one answer: a page for people, RFC 9457 JSON for machines."""

import logging
from collections.abc import Callable

from django.core.exceptions import PermissionDenied, RequestDataTooBig, TooManyFilesSent
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import translation

from stadtkern.core.city import city
from stadtkern.core.problems import NotAllowed, NotFound, Problem, TooLarge
from stadtkern.core.web.context import direction_of

log = logging.getLogger(__name__)

Answer = Callable[[HttpRequest], HttpResponse]
KNOWN: dict[type[Exception], type[Problem]] = {
    Http404: NotFound,
    PermissionDenied: NotAllowed,
    RequestDataTooBig: TooLarge,
    TooManyFilesSent: TooLarge,
}


class ProblemMiddleware:
    """Renders problems; anything unexpected is logged and shown without details."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        problem = as_problem(error)
        return answer_problem(request, problem) if problem else None


def as_problem(error: Exception) -> Problem | None:
    if isinstance(error, Problem):
        return error
    for kind, problem in KNOWN.items():
        if isinstance(error, kind):
            return problem()
    return None


def answer_problem(request: HttpRequest, problem: Problem) -> HttpResponse:
    """The one mapping from Problem to HTTP (standards such as Open311 have their own beside it)."""
    response: HttpResponse
    if wants_json(request):
        response = JsonResponse(problem.as_json(), status=problem.status, content_type="application/problem+json")
    else:
        response = render(request, "core/problem.html", {"problem": problem}, status=problem.status)
    for name, text in problem.headers.items():
        response[name] = text
    return response


def wants_json(request: HttpRequest) -> bool:
    if request.path.startswith("/api/"):
        return True
    accepted = request.headers.get("Accept", "")
    return "json" in accepted and "text/html" not in accepted


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return answer_problem(request, NotFound())


def not_allowed(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return answer_problem(request, NotAllowed())


def broken(request: HttpRequest) -> HttpResponse:
    """Something failed that nobody foresaw, perhaps the database: this page needs neither it nor who is signed in."""
    if wants_json(request):
        return answer_problem(request, Problem())
    with translation.override(translation.get_language_from_request(request)):
        language = translation.get_language() or "de"
        again = request.get_full_path() if request.method == "GET" else "/"
        shown = {"city": city(), "language": language, "direction": direction_of(language), "again": again}
        return HttpResponse(render_to_string("core/broken.html", shown), status=Problem.status)
