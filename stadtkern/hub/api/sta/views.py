"""SensorThings on the wire: one address, methods told apart here; reading and writing do the rest."""

import logging
import secrets
from collections.abc import Iterator
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.views.decorators.csrf import csrf_exempt

from stadtkern.hub.api.sta import grammar
from stadtkern.hub.api.sta.answering import answer
from stadtkern.hub.api.sta.asking import reader_for
from stadtkern.hub.api.sta.errors import answer_error
from stadtkern.hub.api.sta.nodes import Request
from stadtkern.hub.api.sta.pieces import Head, Piece
from stadtkern.hub.api.sta.root import root_document

log = logging.getLogger(__name__)

READ = ("GET", "HEAD")
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
AT_ONCE = 65_536  # bytes; a longer answer is streamed
SERVICE = "/sta/v1.1"
ALLOWED_HEADERS = "Authorization, Content-Type, X-Api-Key, Prefer, Idempotency-Key"


@csrf_exempt  # a key needs no token; writing_views asks for one where a session writes
def service(request: HttpRequest, rest: str = "") -> HttpResponseBase:
    """Every address below the service root. Whatever happens, the answer is SensorThings'."""
    try:
        response = _answered(request, rest)
    except Exception as error:
        response = answer_error(error)
    _share(request, response)
    return response


def _answered(request: HttpRequest, rest: str) -> HttpResponseBase:
    if request.method == "OPTIONS":
        return HttpResponse(status=204, headers={"Allow": ", ".join(METHODS)})
    if request.method in READ:
        return _read(request, rest)
    from stadtkern.hub.api.sta import writing_views  # what only writes is loaded when somebody does

    return writing_views.write(request, rest)


def _read(request: HttpRequest, rest: str) -> HttpResponseBase:
    reader = reader_for(request)
    asked = request_of(request, rest)
    if not asked.path:
        return root_document(service_root(request))
    return _streamed(answer(asked, reader, service_root(request)))


def request_of(request: HttpRequest, rest: str) -> Request:
    """The address, parsed. WSGI hands out the path decoded, so it is encoded again. Raises SyntaxProblem."""
    return grammar.parse(quote(rest), request.META.get("QUERY_STRING", ""))


def service_root(request: HttpRequest) -> str:
    """The address of the service, without a slash at its end."""
    return request.build_absolute_uri(SERVICE)


def _streamed(pieces: Iterator[Piece]) -> HttpResponseBase:
    head = next(pieces)
    assert isinstance(head, Head)  # noqa: S101 (`answer` begins with it)
    held, size = [], 0
    for piece in pieces:
        held.append(piece)
        size += len(piece)
        if size > AT_ONCE:
            return StreamingHttpResponse(_rest(held, pieces), content_type=head.content_type, status=head.status)
    return HttpResponse(b"".join(held), content_type=head.content_type, status=head.status)


def _rest(held: list[bytes], pieces: Iterator[Piece]) -> Iterator[Piece]:
    """The body. An error now can only break the connection off; it must not end like a whole answer."""
    yield from held
    try:
        yield from pieces
    except Exception:
        log.exception("SensorThings: an answer broke off, number %s", secrets.token_hex(4))
        raise


def _share(request: HttpRequest, response: HttpResponseBase) -> None:
    """Pages of the whole web may read with a script; without Allow-Credentials no session of theirs counts here."""
    response["Access-Control-Allow-Origin"] = "*"
    if request.method == "OPTIONS":
        response["Access-Control-Allow-Methods"] = ", ".join(READ)
        response["Access-Control-Allow-Headers"] = ALLOWED_HEADERS
    response["Cache-Control"] = "no-cache"
    response["Vary"] = "Authorization, X-Api-Key, Cookie"
