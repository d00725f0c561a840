"""GeoReport v2 on the wire: each view parses, asks, renders; `_door` holds what all of them share."""

import logging
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from functools import wraps
from hashlib import blake2b
from typing import Any
from urllib.parse import unquote_to_bytes
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from stadtkern.core import apikeys, clock
from stadtkern.core.city import city
from stadtkern.core.models import ApiKey
from stadtkern.reports.api.open311 import answer, catalogue, rows, store, writing
from stadtkern.reports.api.open311.errors import Refused, as_refused
from stadtkern.reports.api.open311.grammar import FORMATS, Given, RequestsQuery, UpdatesQuery, check_jurisdiction
from stadtkern.reports.api.open311.sending import NewRequest, NewUpdate
from stadtkern.reports.domain.catalogue import catalogue as read_catalogue

log = logging.getLogger(__name__)

Tree = Mapping[str, Any] | list[answer.Request]
View = Callable[..., Tree]
READ = ("GET", "HEAD", "OPTIONS")
FRESH = {"discovery": 3600, "services": 300, "definition": 300}


def _door(*, also: tuple[str, ...] = ()) -> Callable[[View], Callable[..., HttpResponse]]:
    """Format, method, jurisdiction, language, errors, caching and CORS, the same for every view."""

    def wrap(view: View) -> Callable[..., HttpResponse]:
        methods = (*READ, *also)

        @csrf_exempt  # no cookie counts here: writing needs an api_key
        @wraps(view)
        def answered(request: HttpRequest, form: str | None = None, **given: str) -> HttpResponse:
            if request.method == "OPTIONS":
                return _preflight(methods)
            try:
                return _grant(request, view, form or "", methods, given)
            except Exception as error:
                return _refuse(request, form or "", error, methods)

        return answered

    return wrap


def _grant(
    request: HttpRequest, view: View, form: str, methods: tuple[str, ...], rest: Mapping[str, str]
) -> HttpResponse:
    if form not in FORMATS:
        raise Refused(400, _("Dieses Format gibt es nicht. Bitte enden Sie die Adresse mit .xml oder .json."))
    if request.method not in methods:
        raise Refused(405, _("Diese Methode gibt es hier nicht."))
    given = Given(_sent(request) | _key_in_header(request))
    check_jurisdiction(given, catalogue.served())
    with _speaking(given):
        tree = view(request, given, **rest)
        body = rows.render(tree, form) if isinstance(tree, list) else answer.render(tree, form)
    response = HttpResponse(body, content_type=answer.TYPES[form])
    return _shared(request, response, view.__name__, private=bool(given.one("api_key")))


def _sent(request: HttpRequest) -> dict[str, list[str]]:
    """Query and form together; what is not UTF-8 raises."""
    unquote_to_bytes(request.META.get("QUERY_STRING", "")).decode("utf-8")
    lists = {name: list(values) for name, values in request.GET.lists()}
    if request.method == "POST":
        if request.content_type not in {"application/x-www-form-urlencoded", "multipart/form-data"}:
            raise Refused(400, _("Bitte senden Sie ein Formular (application/x-www-form-urlencoded)."))
        for name, values in request.POST.lists():
            lists.setdefault(name, []).extend(values)
    return lists


def _key_in_header(request: HttpRequest) -> dict[str, list[str]]:
    """A key may also come as X-Api-Key (extension), so that no address, and no log of addresses, holds it."""
    text = request.headers.get("X-Api-Key", "")
    return {"api_key": [text]} if text else {}


def _speaking(given: Given) -> AbstractContextManager[Any]:
    """The caller's `locale` (extension), else what the browser prefers."""
    wanted = given.one("locale")
    return override(wanted) if wanted in city().languages else nullcontext()


def _shared(request: HttpRequest, response: HttpResponse, name: str, *, private: bool) -> HttpResponse:
    """CORS and caching: everything public may be kept for a moment and asked for again with its ETag."""
    response["Access-Control-Allow-Origin"] = "*"
    if request.method == "POST" or private:
        response["Cache-Control"] = "private, no-store"
        return response
    response["Cache-Control"] = f"public, max-age={FRESH.get(name, 30)}"
    response["ETag"] = f'"{blake2b(response.content, digest_size=12).hexdigest()}"'
    patch_vary_headers(response, ["Accept-Language"])
    kept = get_conditional_response(request, etag=response["ETag"], response=response)
    if kept is not None and kept.status_code == 304:
        kept["Access-Control-Allow-Origin"] = "*"
        return kept
    return response


def _refuse(request: HttpRequest, form: str, error: Exception, methods: tuple[str, ...]) -> HttpResponse:
    refused = as_refused(error)
    if refused is None:
        log.exception("open311: %s %s failed", request.method, request.path)
        refused = Refused(500, _("Da ist etwas schiefgegangen. Bitte versuchen Sie es später noch einmal."))
    form = form if form in FORMATS else "xml"
    body = answer.render(answer.errors(refused.faults), form)
    response = HttpResponse(body, status=refused.status, content_type=answer.TYPES[form])
    response["Access-Control-Allow-Origin"] = "*"
    response["Cache-Control"] = "no-store"
    if refused.retry_after:
        response["Retry-After"] = str(refused.retry_after)
    if refused.status == 405:
        response["Allow"] = ", ".join(methods)
    return response


def _preflight(methods: tuple[str, ...]) -> HttpResponse:
    """Pages of other sites may read; writing with a key is for servers and apps, not for browsers elsewhere."""
    response = HttpResponse(status=204)
    response["Allow"] = ", ".join(methods)
    response["Access-Control-Allow-Origin"] = "*"
    response["Access-Control-Allow-Methods"] = "GET, HEAD, OPTIONS"
    response["Access-Control-Max-Age"] = "86400"
    return response


def _key(given: Given, scope: str) -> ApiKey:
    """The key a write needs."""
    if not (text := given.one("api_key")):
        raise Refused(403, _("api_key fehlt."))
    key = apikeys.key_for(text, scope=scope)
    if key is None:
        raise Refused(403, _("Dieser api_key gilt hier nicht."))
    return key


def _reader(given: Given) -> ApiKey | None:
    """The key of somebody who wants to see the requests it filed; reading needs none."""
    return _key(given, "open311.file") if given.one("api_key") else None


def _zone() -> ZoneInfo:
    return ZoneInfo(city().timezone)


@_door()
def discovery(request: HttpRequest, given: Given) -> Tree:
    return catalogue.discovery()


@_door()
def services(request: HttpRequest, given: Given) -> Tree:
    return catalogue.services(read_catalogue(), get_language() or "de")


@_door()
def definition(request: HttpRequest, given: Given, *, code: str) -> Tree:
    category = read_catalogue().categories.get(code)
    if category is None:
        raise Refused(404, _("service_code %(code)s gibt es nicht.") % {"code": code[:60]})
    return catalogue.definition(category, get_language() or "de")


@_door(also=("POST",))
def requests(request: HttpRequest, given: Given) -> Tree:
    if request.method == "POST":
        return _file(request, given)
    query = RequestsQuery.parse(given, now=clock.now(), zone=_zone())
    found = store.requests(query, language=get_language() or "de", key=_reader(given))
    return answer.requests(found) if query.extensions else found


def _file(request: HttpRequest, given: Given) -> Tree:
    key = _key(given, "open311.file")
    new = NewRequest.parse(given)
    photos = [file for name in ("media", "media[]") for file in request.FILES.getlist(name)]
    once = request.headers.get("Idempotency-Key", "")
    number, category = writing.file(new, photos, key=key, once=once, language=get_language() or "de")
    later = "respond-async" in request.headers.get("Prefer", "")
    notice = writing.notice(category)
    return answer.filed(None if later else number, writing.token_of(number) if later else None, notice)


@_door()
def one_request(request: HttpRequest, given: Given, *, id: str) -> Tree:
    query = RequestsQuery(ids=(id,), extensions=given.yes("extensions"))
    found = store.requests(query, language=get_language() or "de", key=_reader(given))
    if not found:
        raise Refused(404, _("service_request_id %(id)s gibt es nicht.") % {"id": id[:40]})
    return answer.requests(found)


@_door()
def token(request: HttpRequest, given: Given, *, token: str) -> Tree:
    number = writing.request_of(token)
    if number is None:
        raise Refused(404, _("Dieses token gibt es nicht."))
    return answer.resolved(number, token)


@_door(also=("POST",))
def updates(request: HttpRequest, given: Given) -> Tree:
    if request.method == "POST":
        key = _key(given, "open311.update")
        new = NewUpdate.parse(given, now=clock.now(), zone=_zone())
        return answer.noted(writing.update(new, key=key, once=request.headers.get("Idempotency-Key", "")))
    query = UpdatesQuery.parse(given, now=clock.now(), zone=_zone())
    return answer.updates(store.updates(query, language=get_language() or "de", key=_reader(given)))


@csrf_exempt
def nothing(request: HttpRequest, form: str | None = None) -> HttpResponse:
    """Every other address below /open311/."""
    return _refuse(request, form or "", Refused(404, _("Diese Adresse gibt es nicht.")), READ)
