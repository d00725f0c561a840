"""The page of figures: what the nightly job worked out."""

from django.http import HttpRequest, HttpResponse


def figures(request: HttpRequest) -> HttpResponse:
    raise NotImplementedError


def table(request: HttpRequest, key: str, form: str) -> HttpResponse:
    raise NotImplementedError
