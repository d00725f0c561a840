"""The job that turns an upload into renditions: decode, find faces and plates, blur, encode, keep.

No model, no public photo: when a detector cannot load, the image stays private with the reason written beside
it (`trouble`), the job fails where operators look, and a watch tries again until the machine is put right.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from uuid import UUID

from django.db import transaction

from stadtkern.core.clock import now
from stadtkern.core.events import emit
from stadtkern.core.jobs import every, job
from stadtkern.core.problems import BadInput
from stadtkern.media.domain import decoding, detecting, files, renditions
from stadtkern.media.domain.blurring import blur
from stadtkern.media.domain.boxes import Box
from stadtkern.media.domain.detectors.port import DetectorMissing
from stadtkern.media.domain.publishing import locked, make_public, step
from stadtkern.media.events import ImageReady, ImageRefused
from stadtkern.media.models import Image
from stadtkern.media.words import LONGEST_SIDE, Size, State

log = logging.getLogger(__name__)

LONGEST = LONGEST_SIDE[Size.LARGE]
WAITED_LONG = timedelta(minutes=15)
GONE = "the original is gone"


@job("media.redact", retry=4)
def redact_image(image_id: str) -> None:
    """Make the renditions of a received image; doing it twice changes nothing."""
    image = Image.objects.filter(pk=image_id, state=State.RECEIVED).first()
    if image is None:
        return
    data = files.get(files.private(), image.original) if image.original else None
    if data is None:
        refuse(image_id, GONE)
        return
    try:
        picture = decoding.decode(data, longest=LONGEST)
        boxes = detecting.find_all(picture) if image.redact else []
    except BadInput as problem:
        refuse(image_id, str(problem))
    except DetectorMissing as missing:
        Image.objects.filter(pk=image_id).update(trouble=str(missing)[:500])
        raise
    else:
        made = renditions.encode(blur(picture, boxes))
        renditions.keep(image.pk, made)
        _ready(image_id, made.base, boxes, detecting.names() if image.redact else "")


@transaction.atomic
def _ready(image_id: str, base: str, boxes: list[Box], detector: str) -> None:
    image = locked(image_id)
    if image.state != State.RECEIVED:
        return
    step(image, State.BLURRED)
    image.base, image.boxes, image.detector, image.trouble = base, [box.as_json() for box in boxes], detector, ""
    emit(ImageReady(image_id=str(image.pk), purpose=image.purpose))
    if image.wanted:
        make_public(image)
    image.save()


@transaction.atomic
def refuse(image_id: UUID | str, reason: str) -> None:
    """Nothing can be shown of this upload; the owner is told."""
    image = locked(image_id)
    if image.state != State.RECEIVED:
        return
    step(image, State.REFUSED)
    image.refused_reason = reason[:500]
    image.save()
    emit(ImageRefused(image_id=str(image.pk), purpose=image.purpose))


@every("*/15 * * * *", "media.watch")
def watch() -> None:
    catch_up()


def catch_up() -> int:
    """Queue images again that have waited long; returns how many. Nothing while no detector loads."""
    waiting = Image.objects.filter(state=State.RECEIVED, created_at__lt=now() - WAITED_LONG)
    if not waiting.exists():
        return 0
    try:
        detecting.detectors()
    except DetectorMissing as missing:
        log.error("photos stay private: %s", missing)
        return 0
    ids = [str(pk) for pk in waiting.order_by("created_at").values_list("pk", flat=True)[:500]]
    for image_id in ids:
        redact_image.defer(image_id=image_id)
    return len(ids)


def trouble() -> str:
    """Why photos stay private just now, in an operator's words; empty when all is well."""
    stuck = Image.objects.filter(state=State.RECEIVED).exclude(trouble="").order_by("-created_at")
    return stuck.values_list("trouble", flat=True).first() or ""
