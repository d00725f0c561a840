"""Staff correct what the detectors found: other boxes, new renditions, from the kept original."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont

from stadtkern.core import audit
from stadtkern.core.clock import now
from stadtkern.core.events import emit
from stadtkern.core.problems import Conflict, NotFound
from stadtkern.media.domain import decoding, files, renditions
from stadtkern.media.domain.blurring import blur
from stadtkern.media.domain.boxes import MOST_BOXES, Box, box_from_json
from stadtkern.media.domain.publishing import locked, remove_public_files
from stadtkern.media.domain.redaction import LONGEST
from stadtkern.media.events import ImageReady
from stadtkern.media.models import Image
from stadtkern.media.words import Size, State

REVIEWABLE = {State.BLURRED, State.PUBLIC, State.WITHDRAWN}
LINE, INK = (255, 214, 0), (0, 0, 0)


def boxes_of(image: Image) -> list[Box]:
    return [box_from_json(row) for row in image.boxes]


@transaction.atomic
def redo_redaction(image_id: UUID | str, boxes: Sequence[Box], *, by: Any = None) -> Image:
    """Hide exactly these boxes. A public image stays public with its new renditions; the old files go.

    Raises Conflict when the image has no renditions yet, or when the original is gone and a box was removed.
    """
    image = locked(image_id)
    if State(image.state) not in REVIEWABLE:
        raise Conflict(_("Dieses Bild ist noch nicht fertig geprüft. Bitte versuchen Sie es gleich noch einmal."))
    if len(boxes) > MOST_BOXES:
        raise Conflict(_("Mehr als %(most)s Stellen gehen nicht.") % {"most": MOST_BOXES})
    made = renditions.encode(blur(*_ground(image, boxes)))
    _replace(image, made, boxes)
    audit.record("media.redacted", actor=by, subject=("image", image.pk), detail={"boxes": len(boxes)})
    emit(ImageReady(image_id=str(image.pk), purpose=image.purpose))
    return image


def _ground(image: Image, boxes: Sequence[Box]) -> tuple[Pillow.Image, Iterable[Box]]:
    """What to blur and where: the original if it is kept, else the renditions, on which one can only add."""
    data = files.get(files.private(), image.original) if image.original else None
    if data is not None:
        return decoding.decode(data, longest=LONGEST), boxes
    if not all(_is_covered(old, boxes) for old in boxes_of(image)):
        raise Conflict(_("Das Original ist schon gelöscht. Sie können Stellen hinzufügen, aber keine mehr freigeben."))
    return _blurred(image), boxes


def _is_covered(old: Box, boxes: Sequence[Box]) -> bool:
    """Does one of the boxes hide the old one? A form rounds to a tenth of a percent."""
    near = 0.002
    return any(
        box.x - near <= old.x
        and box.y - near <= old.y
        and box.right + near >= old.right
        and box.bottom + near >= old.bottom
        for box in boxes
    )


def _blurred(image: Image) -> Pillow.Image:
    large = files.get(files.private(), renditions.name(image.pk, image.base, Size.LARGE, "webp"))
    if large is None:
        raise NotFound(_("Von diesem Bild gibt es keine Ansicht mehr."))
    return Pillow.open(io.BytesIO(large), formats=["WEBP"]).convert("RGB")


def _replace(image: Image, made: renditions.Renditions, boxes: Sequence[Box]) -> None:
    old = image.base
    renditions.keep(image.pk, made)
    if image.state == State.PUBLIC:
        renditions.copy_to_public(image.pk, made.base)
    image.base, image.boxes, image.reviewed_at = made.base, [box.as_json() for box in boxes], now()
    image.save()
    if old != made.base:
        remove_public_files(image, old)


def picture_for_review(image: Image, *, numbered: bool = True) -> bytes:
    """A WebP for staff: the unblurred picture (the blurred one once the original is gone) with numbered boxes."""
    data = files.get(files.private(), image.original) if image.original else None
    picture = decoding.decode(data, longest=1200) if data is not None else _blurred(image)
    picture.thumbnail((1200, 1200))
    if numbered:
        _draw_numbers(picture, boxes_of(image))
    out = io.BytesIO()
    picture.save(out, "WEBP", quality=78, exif=b"", icc_profile=b"")
    return out.getvalue()


def _draw_numbers(picture: Pillow.Image, boxes: Sequence[Box]) -> None:
    pen, font = ImageDraw.Draw(picture), ImageFont.load_default(size=22)
    wide, high = picture.size
    for number, box in enumerate(boxes, start=1):
        left, top, right, bottom = box.x * wide, box.y * high, box.right * wide, box.bottom * high
        pen.rectangle((left - 2, top - 2, right + 2, bottom + 2), outline=INK, width=6)
        pen.rectangle((left, top, right, bottom), outline=LINE, width=3)
        tag = pen.textbbox((left, max(0, top - 30)), str(number), font=font)
        pen.rectangle((tag[0] - 6, tag[1] - 4, tag[2] + 6, tag[3] + 4), fill=INK)
        pen.text((left, max(0, top - 30)), str(number), font=font, fill=LINE)
