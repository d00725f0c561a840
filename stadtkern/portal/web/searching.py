"""The search page."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from stadtkern.core.parts import search_sources
from stadtkern.portal.domain import searching


def search(request: HttpRequest) -> HttpResponse:
    text = request.GET.get("q", "").strip()[: searching.LONGEST]
    only = request.GET.get("in", "")
    groups = searching.search(text, person=request.user, only=only) if text else []
    shown = {
        "text": text,
        "only": only,
        "groups": groups,
        "sources": sorted(search_sources, key=lambda source: (source.order, source.key)),
        "count": sum(len(group.hits) for group in groups),
        "too_short": 0 < len(text) < searching.SHORTEST,
    }
    template = "portal/_search_hits.html" if request.headers.get("HX-Request") else "portal/search.html"
    response = render(request, template, shown)
    response["Vary"] = "HX-Request"
    return response
