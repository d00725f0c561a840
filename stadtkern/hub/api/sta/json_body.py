"""The JSON of a request, read once within bounds: size, depth, only what PostgreSQL can keep."""

from typing import Any

import orjson
from django.http import HttpRequest

from stadtkern.core.problems import BadQuery, TooLarge

MOST_BYTES = 10_000_000
MOST_DEPTH = 100


def body_of(request: HttpRequest) -> bytes:
    """The bytes of the body. Raises TooLarge (413) beyond MOST_BYTES, also when no length was told."""
    told = request.headers.get("Content-Length") or "0"
    if told.isdigit() and int(told) > MOST_BYTES:
        raise TooLarge(f"a body has at most {MOST_BYTES} bytes")
    raw: bytes = request.read(MOST_BYTES + 1)
    if len(raw) > MOST_BYTES:
        raise TooLarge(f"a body has at most {MOST_BYTES} bytes")
    return raw


def json_of(raw: bytes) -> Any:
    """The value. Raises BadQuery (400): no JSON, NaN or Infinity, bad UTF-8, nested too deeply, a NUL in a text."""
    try:
        found = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise BadQuery(f"the body is no JSON: {str(error)[:200]}") from None
    if b"\\u0000" in raw or raw.count(b"[") + raw.count(b"{") > MOST_DEPTH:
        _check(found)
    return found


def _check(found: Any) -> None:
    level, depth = [found], 0
    while level:
        depth += 1
        inner: list[Any] = []
        for one in level:
            inner += _inside(one)
        if depth > MOST_DEPTH and any(isinstance(one, dict | list) for one in inner):
            raise BadQuery(f"JSON is nested at most {MOST_DEPTH} levels deep")
        level = inner


def _inside(one: Any) -> list[Any]:
    if isinstance(one, str) and "\0" in one:
        raise BadQuery("a text may not contain the character U+0000")
    if isinstance(one, dict):
        return [*one.keys(), *one.values()]
    return one if isinstance(one, list) else []
