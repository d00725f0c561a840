"""Who asks: a machine with an API key, a signed-in person, or anybody."""

from base64 import b64decode
from datetime import timedelta

from django.http import HttpRequest

from stadtkern.core import apikeys, limits
from stadtkern.core.problems import NotAuthenticated
from stadtkern.hub.domain.readers import ANYBODY, Reader, reader_of, reader_with_key

MINUTE = timedelta(minutes=1)


def reader_for(request: HttpRequest) -> Reader:
    """Whose rights count. Raises NotAuthenticated for a key that is not valid (any more), TooMany."""
    text = key_text(request)
    if text is None:
        return reader_of(request.user) if request.user.is_authenticated else ANYBODY
    key = apikeys.living_key(text)
    if key is None:
        raise NotAuthenticated("This API key is not known, or not valid any more.")
    if key.per_minute:
        limits.spend("apikey", key.prefix, most=key.per_minute, per=MINUTE)
    return reader_with_key(key)


def key_text(request: HttpRequest) -> str | None:
    """The API key of a request; None when it has none.

    Many clients of SensorThings know only Basic (RFC 7617): the key is the password then, whatever the name.
    """
    if given := request.headers.get("X-Api-Key"):
        return given.strip()
    kind, _, text = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() == "basic":
        return _password(text)
    return text.strip() if kind.lower() == "bearer" else None


def _password(text: str) -> str:
    try:
        return b64decode(text, validate=True).decode().partition(":")[2]
    except ValueError:
        return ""
