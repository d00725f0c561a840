"""Secret links: derived from the secret key, so the database holds no secret and a link can be told again.

A token is `<id in base 36>-<26 letters>`; the letters are an HMAC over purpose, id and the row's nonce.
A new nonce ends every link told before; Django's SECRET_KEY_FALLBACKS keep old links alive after a key change.
"""

import base64
import hashlib
import hmac
import secrets

from django.conf import settings
from django.utils.http import base36_to_int, int_to_base36

LETTERS = 26


def new_nonce() -> str:
    return secrets.token_hex(8)


def token(purpose: str, id: int, nonce: str) -> str:
    """The secret part of a link to row `id`."""
    return f"{int_to_base36(id)}-{_letters(settings.SECRET_KEY, purpose, id, nonce)}"


def id_in(text: str) -> int | None:
    """The row a token speaks of, unchecked; None when it cannot be a token."""
    number, _dash, letters = text.partition("-")
    if len(letters) != LETTERS:
        return None
    try:
        return base36_to_int(number)
    except ValueError:
        return None


def matches(text: str, *, purpose: str, id: int, nonce: str) -> bool:
    keys = map(str, [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS])
    letters = text.partition("-")[2].encode()
    return any(hmac.compare_digest(letters, _letters(key, purpose, id, nonce).encode()) for key in keys)


def _letters(key: str, purpose: str, id: int, nonce: str) -> str:
    raw = hmac.digest(key.encode(), f"{purpose}:{id}:{nonce}".encode(), hashlib.sha256)
    return base64.b32encode(raw).decode().lower()[:LETTERS]
