"""The interfaces, tried out on the page: an example or a question of one's own, its real answer, and code for it.

The question goes to the very view that answers machines, as nobody in particular: what stands here is public.
"""

import json
from collections.abc import Mapping
from datetime import timedelta
from io import BytesIO
from itertools import islice
from typing import Any
from urllib.parse import unquote, urlsplit

from django.contrib.auth.models import AnonymousUser
from django.core.handlers.wsgi import WSGIRequest
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import resolve, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from stadtkern.core import clock
from stadtkern.core.city import city
from stadtkern.core.limits import spend
from stadtkern.core.web.client_address import client_address
from stadtkern.hub.domain.readers import ANYBODY
from stadtkern.hub.domain.stations.listing import list_stations
from stadtkern.hub.domain.stations.query import StationQuery
from stadtkern.hub.web.addresses import absolute
from stadtkern.hub.web.examples import EXAMPLES

ROOT = "/sta/v1.1/"
MOST_PER_MINUTE = 30
NOTHING: dict[str, Any] = {"status": 404, "body": "", "type": "", "cut": False}
LONGEST_QUESTION, SHOWN_BYTES, PIECES = 1_000, 12_000, 200


@require_safe
def explore(request: HttpRequest) -> HttpResponse:
    """?beispiel=… or ?anfrage=…; without one of them only what there is."""
    examples = _filled()
    chosen = next((one for one in examples if one["key"] == request.GET.get("beispiel")), None)
    typed = request.GET.get("anfrage", "").strip()[:LONGEST_QUESTION]
    question = typed.removeprefix(ROOT) if typed else (chosen["question"] if chosen else None)
    shows: dict[str, Any] = {
        "examples": examples,
        "chosen": chosen,
        "root": ROOT,
        "address": absolute(ROOT),
        "question": question if question is not None else "",
        "contact": city().facts.get("contact", {}),
        "interfaces": _interfaces(),
    }
    if question is not None:
        spend("hub.explorer", client_address(request), most=MOST_PER_MINUTE, per=timedelta(minutes=1))
        shows |= {"answer": ask(request, question), "snippets": snippets(absolute(f"{ROOT}{question}"))}
    return render(request, "hub/explorer.html", shows)


def _filled() -> list[dict[str, Any]]:
    """The examples with numbers of the first public station that has values."""
    page = list_stations(StationQuery(working=True), reader=ANYBODY, limit=1)
    page = page if page.items else list_stations(StationQuery(), reader=ANYBODY, limit=1)
    station = next(iter(page.items), None)
    known = {
        "{thing}": str(station.id if station else 1),
        "{datastream}": str(station.series[0].id if station else 1),
        "{week}": (clock.now() - timedelta(days=7)).date().isoformat(),
    }
    return [
        {"key": one.key, "title": one.title, "text": one.text, "question": _with(one.question, known)}
        for one in EXAMPLES
    ]


def _with(question: str, known: Mapping[str, str]) -> str:
    for name, value in known.items():
        question = question.replace(name, value)
    return question


def ask(request: HttpRequest, question: str) -> dict[str, Any]:
    """The answer as it goes over the wire, cut where it gets long for a page."""
    try:
        parts = urlsplit(question)
        path = ROOT + unquote(parts.path).lstrip("/")
        view = resolve(path)
    except (Http404, ValueError):
        return NOTHING
    if view.namespace != "sta" or parts.scheme or parts.netloc:
        return NOTHING
    response = view.func(_request_like(request, path, parts.query), *view.args, **view.kwargs)
    body, cut = _body(response)
    kind = response.get("Content-Type", "")
    return {"status": response.status_code, "body": _pretty(body, kind, cut), "type": kind, "cut": cut}


def _request_like(request: HttpRequest, path: str, query: str) -> WSGIRequest:
    """A GET of nobody in particular at another address of ours."""
    kept = ("SERVER_NAME", "SERVER_PORT", "HTTP_HOST", "SERVER_PROTOCOL", "wsgi.url_scheme", "HTTP_X_FORWARDED_PROTO")
    environ = {name: request.META[name] for name in kept if name in request.META}
    environ |= {"REQUEST_METHOD": "GET", "PATH_INFO": path, "QUERY_STRING": query, "wsgi.input": BytesIO()}
    environ.setdefault("wsgi.url_scheme", request.scheme or "http")
    asked = WSGIRequest(environ)
    asked.user = AnonymousUser()
    return asked


def _body(response: HttpResponseBase) -> tuple[str, bool]:
    """The first part of an answer; a longer one is not read to its end.

    It is dropped, not closed: closing tells Django that the request is over, and its connection would go.
    """
    held = b""
    for piece in islice(response, PIECES):  # type: ignore[call-overload]
        held += piece if isinstance(piece, bytes) else str(piece).encode()
        if len(held) > 4 * SHOWN_BYTES:
            break
    return held[: 4 * SHOWN_BYTES].decode(errors="ignore"), len(held) > 4 * SHOWN_BYTES


def _pretty(body: str, kind: str, cut: bool) -> str:
    if "json" in kind and not cut:
        try:
            body = json.dumps(json.loads(body), ensure_ascii=False, indent=2)
        except ValueError:
            return body[:SHOWN_BYTES]
    return body[:SHOWN_BYTES] + ("\n…" if len(body) > SHOWN_BYTES else "")


def snippets(address: str) -> list[tuple[str, str, str]]:
    """(key, name, code): the same question from a command line, from Python and from R."""
    encoded = address.replace(" ", "%20").replace("'", "%27")
    return [
        ("curl", "curl", f"curl '{encoded}'"),
        (
            "python",
            "Python",
            "import json\nfrom urllib.request import urlopen\n\n"
            f'with urlopen("{encoded}") as answer:\n    data = json.load(answer)\nprint(data)',
        ),
        ("r", "R", f'library(jsonlite)\n\ndata <- fromJSON("{encoded}")\nstr(data)'),
    ]


def _interfaces() -> list[dict[str, Any]]:
    return [
        {
            "name": "OGC SensorThings API 1.1",
            "text": _("Messstellen und Messwerte, mit Filtern, Rechnen und Karten."),
            "url": ROOT,
        },
        {
            "name": "GeoJSON",
            "text": _("Alle Messstellen mit ihren neuesten Werten, für Karten."),
            "url": reverse("hub:stations-geojson"),
        },
        {
            "name": "CSV, JSON",
            "text": _("Die Werte jeder Messreihe, auf der Seite der Messstelle."),
            "url": reverse("hub:stations"),
        },
        {"name": "OpenAPI", "text": _("Unsere eigene Schnittstelle für Meldungen."), "url": "/api/v1/docs"},
    ]
