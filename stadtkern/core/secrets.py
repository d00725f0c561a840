"""Secret links: derived from the secret key, so the database holds no secret and a link can be told again.

A token is `<id in base 36>-<26 letters>`; the letters are an HMAC over purpose, id and the row's nonce.
A new nonce ends every link told before; Django's SECRET_KEY_FALLBACKS keep old links alive after a key change.
`box` closes what has to be kept but must not be read in the database: each purpose has a key of its own.
"""

import base64
import hashlib
import hmac
import secrets

from cryptography.fernet import Fernet, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
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
    letters = text.partition("-")[2].encode()
    return any(hmac.compare_digest(letters, _letters(key, purpose, id, nonce).encode()) for key in _keys())


def box(purpose: str) -> MultiFernet:
    """Encrypts for this purpose; what was closed before a key change still opens by SECRET_KEY_FALLBACKS."""
    return MultiFernet([Fernet(base64.urlsafe_b64encode(_derived(key, purpose))) for key in _keys()])


def digest(purpose: str, text: str) -> str:
    """The same letters for the same text, and no way back without the secret key."""
    return hmac.new(_derived(settings.SECRET_KEY, purpose), text.encode(), hashlib.sha256).hexdigest()[:LETTERS]


def _keys() -> list[str]:
    return [str(key) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]


def _derived(key: str, purpose: str) -> bytes:
    """32 bytes of an own key (HKDF, RFC 5869); the secret key is long and random, so nothing has to be slow."""
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose.encode()).derive(key.encode())


def _letters(key: str, purpose: str, id: int, nonce: str) -> str:
    raw = hmac.digest(key.encode(), f"{purpose}:{id}:{nonce}".encode(), hashlib.sha256)
    return base64.b32encode(raw).decode().lower()[:LETTERS]
