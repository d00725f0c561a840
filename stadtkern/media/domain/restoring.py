"""Undo a withdrawal."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from stadtkern.core import audit
from stadtkern.core.problems import Conflict
from stadtkern.media.domain.publishing import locked, make_public, step
from stadtkern.media.domain.redaction import redact_image
from stadtkern.media.models import Image
from stadtkern.media.words import State


@transaction.atomic
def restore(image_id: UUID | str, *, by: Any = None) -> Image:
    """What was public is public again, what waited waits again; raises Conflict when not withdrawn."""
    image = locked(image_id)
    if image.state != State.WITHDRAWN:
        raise Conflict(_("Dieses Bild ist nicht zurückgezogen."))
    if image.base:
        step(image, State.BLURRED)
        if image.wanted:
            make_public(image)
    else:
        step(image, State.RECEIVED)
        redact_image.defer(image_id=str(image.pk))
    image.withdrawn_reason, image.withdrawn_at = "", None
    image.save()
    audit.record("media.restored", actor=by, subject=("image", image.pk))
    return image
