"""The writing half of the service on the wire: who writes, the body, once only, the answer."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware

from stadtkern.core import idempotency
from stadtkern.core.problems import NotAllowed, NotAuthenticated
from stadtkern.hub.api.sta import batch_json, batch_multipart
from stadtkern.hub.api.sta.answers import Answer
from stadtkern.hub.api.sta.asking import key_text, reader_for
from stadtkern.hub.api.sta.batching import Batch, Part
from stadtkern.hub.api.sta.json_body import body_of
from stadtkern.hub.api.sta.writer import ORGANISATION_HEADER, VISIBILITY_HEADER
from stadtkern.hub.api.sta.writes import Asked, done, done_or_told
from stadtkern.hub.domain.readers import Reader

SERVICE = "/sta/v1.1"
BATCH = "$batch"
KEY_HEADER = "Idempotency-Key"


class _Token(CsrfViewMiddleware):
    """Django's own check, with the reason instead of a page."""

    def _reject(self, request: HttpRequest, reason: str) -> Any:
        return reason


def write(request: HttpRequest, rest: str) -> HttpResponse:
    """Answer a POST, PATCH, PUT or DELETE. `rest`: the decoded path below the service root. Raises Problems."""
    reader = reader_for(request)
    is_batch = request.method == "POST" and rest.strip("/") == BATCH
    if reader.is_anonymous and not is_batch:
        raise NotAuthenticated("Writing needs an API key, or a signed-in member of staff.")
    _check_token(request, reader)
    asked = Asked(
        method=request.method or "",
        path=quote(rest),
        query=request.META.get("QUERY_STRING", ""),
        reader=reader,
        root=request.build_absolute_uri(SERVICE),
        headers=request.headers,
        raw=body_of(request),
    )
    return _once(asked, is_batch).as_response()


def _once(asked: Asked, is_batch: bool) -> Answer:
    """With an Idempotency-Key a POST is done once, and its answer told again."""
    do = _batch if is_batch else done
    key = asked.headers.get(KEY_HEADER, "")
    if not key or asked.method != "POST" or asked.reader.is_anonymous:
        return do(asked)
    whose = asked.reader.key_prefix or f"person {asked.reader.person_id}"
    content = [asked.path, asked.query, hashlib.sha256(asked.raw).hexdigest()]
    plain = idempotency.remember(
        key, scope=f"sta {whose}", fingerprint=idempotency.fingerprint(content), run=lambda: do(asked).as_plain()
    )
    return Answer.from_plain(plain)


def _batch(asked: Asked) -> Answer:
    """A batch may also hold reads only: whoever may read may send it."""
    kind = asked.headers.get("Content-Type", "")
    if kind.partition(";")[0].strip().lower() == batch_multipart.MULTIPART:
        parts = batch_multipart.parts_of(kind, asked.raw, asked.root)
        return batch_multipart.batch_answer(parts, _answers(asked, parts))
    parts = batch_json.parts_of(asked.json, asked.root)
    return batch_json.batch_answer(parts, _answers(asked, parts))


def _answers(asked: Asked, parts: Sequence[Part]) -> list[Answer]:
    """In whose name, and who sees it, may be said once for all requests of a batch."""
    around = {name: asked.headers[name] for name in (VISIBILITY_HEADER, ORGANISATION_HEADER) if name in asked.headers}

    def do(part: Part) -> Answer:
        path, _, query = part.path.lstrip("/").partition("?")
        one = replace(asked, method=part.method, path=path, query=query, raw=b"", content=part.body)
        return done_or_told(replace(one, headers=around | dict(part.headers)))

    return Batch(do).run(parts)


def _check_token(request: HttpRequest, reader: Reader) -> None:
    """A browser's session writes only with the page's token; a key needs none. Raises NotAllowed."""
    if key_text(request) is not None or reader.is_anonymous:
        return
    check = _Token(lambda _request: HttpResponse())
    check.process_request(request)
    if reason := check.process_view(request, None, (), {}):
        raise NotAllowed(f"A signed-in person writes with the page's token in X-CSRFToken. {reason}")
