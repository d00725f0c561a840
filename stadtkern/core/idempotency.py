"""The same write sent twice is done once (draft-ietf-httpapi-idempotency-key-header)."""

import hashlib
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from stadtkern.core.models import RememberedRequest
from stadtkern.core.problems import BadInput, Conflict

KEEP = timedelta(days=30)


def fingerprint(content: Any) -> str:
    """A digest of plain content; equal content gives an equal digest."""
    return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()


@transaction.atomic
def remember(key: str, *, scope: str, fingerprint: str, run: Callable[[], Any]) -> Any:
    """Return run()'s plain answer, or the remembered one when this key was used before.

    The row is locked first: of two requests at once the second waits and gets the first one's answer.
    Raises Conflict when the key was used for other content.
    """
    if not 8 <= len(key) <= 200:
        raise BadInput(_("Der Idempotency-Key muss 8 bis 200 Zeichen lang sein."))
    RememberedRequest.objects.bulk_create(
        [RememberedRequest(scope=scope, key=key, fingerprint=fingerprint)], ignore_conflicts=True
    )
    row = RememberedRequest.objects.select_for_update().get(scope=scope, key=key)
    if row.fingerprint != fingerprint:
        raise Conflict(_("Dieser Idempotency-Key gehört zu einer anderen Anfrage."))
    if row.answer is None:
        row.answer = run()
        row.save(update_fields=["answer"])
    return row.answer


def forget(before: Any) -> int:
    return RememberedRequest.objects.filter(at__lt=before).delete()[0]
