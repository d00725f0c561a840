"""What the `type` of a problem (RFC 9457) leads to: a page for developers, the same as JSON for programs."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from stadtkern.core.problems import NotFound, Problem, every_kind


@require_safe
def problems(request: HttpRequest) -> HttpResponse:
    return _answer(request, every_kind())


@require_safe
def problem(request: HttpRequest, kind: str) -> HttpResponse:
    found = [known for known in every_kind() if known.kind == kind]
    if not found:
        raise NotFound
    return _answer(request, found)


def _answer(request: HttpRequest, kinds: list[type[Problem]]) -> HttpResponse:
    response: HttpResponse
    if "text/html" in request.headers.get("Accept", ""):
        response = render(request, "portal/problems.html", {"kinds": kinds})
    else:
        response = JsonResponse({"problems": [_said(kind) for kind in kinds]})
    response["Vary"] = "Accept"
    return response


def _said(kind: type[Problem]) -> dict[str, Any]:
    return {
        "type": kind.address(),
        "status": kind.status,
        "title": str(kind.title),
        "detail": str(kind.meaning),
    }
