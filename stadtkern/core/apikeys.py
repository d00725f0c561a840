"""Keys of machines outside: told once when they are issued, kept only as a digest, ended by one command.

A key reads `sk_<prefix>_<secret>`. The prefix finds the row and may stand in logs and in the audit; the secret
is 160 bits of chance, so a plain SHA-256 keeps it (nothing can be guessed that a slow hash would protect).
"""

import hashlib
import hmac
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone

from stadtkern.core import audit
from stadtkern.core.models import ApiKey
from stadtkern.core.parts import api_scopes

NOTE_USE = timedelta(hours=1)


def issue(
    name: str,
    *,
    scopes: Iterable[str],
    organisation: str = "",
    expires_at: datetime | None = None,
    per_minute: int | None = None,
) -> tuple[ApiKey, str]:
    """Make a key; the second value is the secret text, which can never be read again.

    `per_minute`: requests it may send in a minute, where the interface counts. Raises ValueError for an unknown scope.
    """
    wanted = sorted(set(scopes))
    if strange := {scope for scope in wanted if scope not in api_scopes}:
        raise ValueError(f"unknown scope: {', '.join(sorted(strange))}")
    prefix = secrets.token_hex(5)
    text = f"sk_{prefix}_{secrets.token_hex(20)}"
    key = ApiKey.objects.create(
        name=name,
        organisation=organisation,
        prefix=prefix,
        digest=_digest(text),
        scopes=wanted,
        expires_at=expires_at,
        per_minute=per_minute,
    )
    audit.record("apikey.issued", subject=("apikey", prefix), detail={"name": name, "scopes": wanted})
    return key, text


def key_for(text: str, *, scope: str) -> ApiKey | None:
    """The living key that this text is, when it may do what `scope` says; else None."""
    key = living_key(text)
    return key if key and scope in key.scopes else None


def living_key(text: str) -> ApiKey | None:
    """The key that this text is, unless it is revoked or has expired."""
    parts = text.split("_")
    if len(parts) != 3 or parts[0] != "sk" or not parts[1].isascii() or not parts[1].isalnum():
        return None
    key = ApiKey.objects.filter(prefix=parts[1][:12], revoked_at=None).first()
    if key is None or not hmac.compare_digest(key.digest, _digest(text)):
        return None
    if key.expires_at and key.expires_at <= timezone.now():
        return None
    _note_use(key)
    return key


def revoke(prefix: str) -> bool:
    """End a key at once; False when there is none that lives."""
    done = ApiKey.objects.filter(prefix=prefix, revoked_at=None).update(revoked_at=timezone.now())
    if done:
        audit.record("apikey.revoked", subject=("apikey", prefix))
    return bool(done)


def _note_use(key: ApiKey) -> None:
    """At most one write an hour: a busy client must not make every read a write."""
    now = timezone.now()
    stale = Q(last_used_at=None) | Q(last_used_at__lt=now - NOTE_USE)
    if key.last_used_at is None or key.last_used_at < now - NOTE_USE:
        ApiKey.objects.filter(stale, pk=key.pk).update(last_used_at=now)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
