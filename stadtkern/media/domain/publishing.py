"""Who sees an image: publish, withdraw, forget."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from stadtkern.core import audit
from stadtkern.core.clock import now
from stadtkern.core.events import emit
from stadtkern.core.jobs import job
from stadtkern.core.problems import Conflict, NotFound
from stadtkern.media.domain import files, renditions
from stadtkern.media.events import ImagePublished, ImageWithdrawn
from stadtkern.media.models import Image
from stadtkern.media.words import NEXT, STATE_LABELS, State


def locked(image_id: UUID | str) -> Image:
    """The image, held until the transaction ends; raises NotFound."""
    try:
        return Image.objects.select_for_update().get(pk=image_id)
    except (Image.DoesNotExist, ValidationError) as error:
        raise NotFound(_("Dieses Bild gibt es nicht (mehr).")) from error


def step(image: Image, to: State) -> None:
    """The one place where an image changes its state."""
    if to not in NEXT[State(image.state)]:
        raise Conflict(
            _("Ein Bild mit dem Stand „%(old)s“ kann nicht „%(new)s“ werden.")
            % {"old": image.state_label, "new": STATE_LABELS[to]}
        )
    image.state = to


@transaction.atomic
def publish(image_id: UUID | str) -> Image:
    """Show the image to everybody; before its renditions are made, remember the wish. Twice is once."""
    image = locked(image_id)
    if image.state == State.PUBLIC:
        return image
    image.wanted = True
    if image.state != State.RECEIVED:
        make_public(image)
    image.save()
    return image


def make_public(image: Image) -> None:
    """Copy the renditions out, then say so (the files first: a public row never lacks its files)."""
    step(image, State.PUBLIC)
    if not renditions.copy_to_public(image.pk, image.base):
        raise Conflict(_("Von diesem Bild gibt es keine Ansicht mehr."))
    image.public_at = image.public_at or now()
    emit(ImagePublished(image_id=str(image.pk), purpose=image.purpose))


@transaction.atomic
def withdraw(image_id: UUID | str, reason: str = "", *, by: Any = None) -> Image:
    """Take the image back; its public files are removed at once. Twice is once."""
    image = locked(image_id)
    if image.state == State.WITHDRAWN:
        return image
    step(image, State.WITHDRAWN)
    image.withdrawn_reason, image.withdrawn_at = reason[:500], now()
    image.save()
    audit.record("media.withdrawn", actor=by, subject=("image", image.pk))
    emit(ImageWithdrawn(image_id=str(image.pk), purpose=image.purpose))
    remove_public_files(image)
    return image


def remove_public_files(image: Image, base: str = "") -> None:
    """At once after the commit; and by a job as well, for the day the storage does not answer."""
    base = base or image.base
    sweep_public.defer(image_id=str(image.pk), base=base)
    transaction.on_commit(partial(renditions.remove_public, image.pk, base), robust=True)


@job("media.sweep_public", retry=8)
def sweep_public(image_id: str, base: str) -> None:
    """Remove the public files of renditions that nobody may see (any more)."""
    if not Image.objects.filter(pk=image_id, base=base, state=State.PUBLIC).exists():
        renditions.remove_public(UUID(image_id), base)


@transaction.atomic
def forget(image_id: UUID | str) -> None:
    """Remove the image with all its files, for owners whose own rule says so. A gone one is fine."""
    image = Image.objects.select_for_update().filter(pk=image_id).first()
    if image is None:
        return
    key, original, base = image.pk, image.original, image.base
    image.delete()
    transaction.on_commit(partial(remove_files, key, original, base), robust=True)


def remove_files(image_id: UUID, original: str, base: str) -> None:
    files.drop(files.private(), original)
    renditions.remove_all(image_id, base)
