"""The own JSON API at /api/v1: each module brings a router."""

from importlib import import_module
from importlib.util import find_spec

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from stadtkern.core.problems import BadInput, BadQuery, Problem
from stadtkern.core.web.middleware import answer_problem

MODULES = ("people", "places", "media", "threads", "reports")

api = NinjaAPI(
    title="Stadtkern",
    version="1",
    description="Open data and services of the city. Errors are RFC 9457 problems.",
    urls_namespace="api",
    docs_url=None,
)


@api.exception_handler(Problem)
def as_problem(request: HttpRequest, error: Problem) -> HttpResponse:
    return answer_problem(request, error)


@api.exception_handler(HttpError)
def as_bad_query(request: HttpRequest, error: HttpError) -> HttpResponse:
    return answer_problem(request, BadQuery(str(error)))


@api.exception_handler(ValidationError)
def as_bad_input(request: HttpRequest, error: ValidationError) -> HttpResponse:
    fields = {".".join(str(step) for step in item["loc"][1:]): item["msg"] for item in error.errors}
    return answer_problem(request, BadInput(fields=fields))


for module in MODULES:
    if find_spec(f"stadtkern.{module}.api") and find_spec(f"stadtkern.{module}.api.json"):
        api.add_router("", import_module(f"stadtkern.{module}.api.json").router)
