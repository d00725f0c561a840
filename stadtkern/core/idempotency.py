"""The same write sent twice is done once (draft-ietf-httpapi-idempotency-key-header)."""

import hashlib
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from stadtkern.core import quick
from stadtkern.core.models import RememberedRequest
from stadtkern.core.problems import BadInput, Conflict

KEEP = timedelta(days=30)
CLAIM = """insert into core_rememberedrequest (scope, key, fingerprint, at) values (%s, %s, %s, now())
    on conflict (scope, key) do nothing returning id"""
KEEP_ANSWER = "update core_rememberedrequest set answer = %s::jsonb where scope = %s and key = %s"


def fingerprint(content: Any) -> str:
    """A digest of plain content; equal content gives an equal digest."""
    return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()


def digest_of(file: UploadedFile) -> str:
    """What stands for an upload in a fingerprint; the file is read from its beginning afterwards."""
    found = hashlib.sha256()
    for chunk in file.chunks():
        found.update(chunk)
    file.seek(0)
    return found.hexdigest()


def remember(key: str, *, scope: str, fingerprint: str, run: Callable[[], Any]) -> Any:
    """Return run()'s plain answer, or the remembered one when this key was used before.

    The key is claimed first: of two requests at once the second waits until the first has committed and gets its
    answer, or takes its turn when the first has failed. Raises Conflict when the key was used for other content.
    """
    if not 8 <= len(key) <= 200:
        raise BadInput(_("Der Idempotency-Key muss 8 bis 200 Zeichen lang sein."))
    with transaction.atomic():
        if quick.rows(CLAIM, [scope, key, fingerprint]):
            answer = run()
            quick.send(KEEP_ANSWER, [json.dumps(answer), scope, key])
            return answer
    used = RememberedRequest.objects.get(scope=scope, key=key)
    if used.fingerprint != fingerprint:
        raise Conflict(_("Dieser Idempotency-Key gehört zu einer anderen Anfrage."))
    return used.answer


def forget(before: Any) -> int:
    return RememberedRequest.objects.filter(at__lt=before).delete()[0]
