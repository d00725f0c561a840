"""The search page."""

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from stadtkern.core.limits import spend
from stadtkern.core.parts import search_sources
from stadtkern.core.web.client_address import client_address
from stadtkern.portal.domain import searching

MOST_PER_MINUTE = 120  # a page that searches while somebody types


def search(request: HttpRequest) -> HttpResponse:
    text = request.GET.get("q", "").strip()[: searching.LONGEST]
    only = request.GET.get("in", "")
    if text:
        spend("portal.search", client_address(request), most=MOST_PER_MINUTE, per=timedelta(minutes=1))
    found = searching.look(text, person=request.user, only=only) if text else searching.Found([])
    shown = {
        "text": text,
        "only": only,
        "groups": found.groups,
        "meant": found.meant,
        "instead": found.instead,
        "sources": sorted(search_sources, key=lambda source: (source.order, source.key)),
        "count": sum(len(group.hits) for group in found.groups),
        "too_short": 0 < len(text) < searching.SHORTEST,
    }
    template = "portal/_search_hits.html" if request.headers.get("HX-Request") else "portal/search.html"
    response = render(request, template, shown)
    response["Vary"] = "HX-Request"
    return response
