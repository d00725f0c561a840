"""Make parts of a picture unrecognisable for good. Needs only Pillow, so that a page may do it too.

Of a face at most 4 x 4 colours remain and of a plate 3 x 1, softened afterwards: far fewer numbers than a face
or a line of letters needs, so nothing can be computed back (a mosaic fine enough to look nice can be).
"""

from __future__ import annotations

from collections.abc import Iterable

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from stadtkern.media.domain.boxes import Box, clamp, grow
from stadtkern.media.words import BoxKind

TILES = {BoxKind.FACE: (4, 4), BoxKind.PLATE: (3, 1), BoxKind.OTHER: (3, 3)}
# An ellipse around a box must be sqrt(2) times as broad as the box to contain its corners.
GROWTH = {BoxKind.FACE: 0.5, BoxKind.PLATE: 0.3, BoxKind.OTHER: 0.1}
LEAST_PIXELS = 6


def blur(picture: Image.Image, boxes: Iterable[Box]) -> Image.Image:
    """A copy in which every box is hidden, with a margin around it."""
    blurred = picture.copy()
    for box in boxes:
        _hide(blurred, box)
    return blurred


def _hide(picture: Image.Image, box: Box) -> None:
    kind = BoxKind(box.kind)
    corners = _pixels(picture, box, by=GROWTH[kind])
    if corners is None:
        return
    left, top, right, bottom = corners
    size = (right - left, bottom - top)
    mosaic = picture.crop(corners).resize(TILES[kind], Image.Resampling.BOX)
    soft = mosaic.resize(size, Image.Resampling.BICUBIC).filter(ImageFilter.GaussianBlur(max(size) / 24))
    picture.paste(soft, (left, top), _mask(picture, box, corners))


def _pixels(picture: Image.Image, box: Box, *, by: float) -> tuple[int, int, int, int] | None:
    """The grown box in whole pixels, never smaller than a few, cut at the picture's edge."""
    wide, high = picture.size
    grown = clamp(grow(box, by=by))
    if grown is None:
        return None
    left, top = int(grown.x * wide), int(grown.y * high)
    right, bottom = -int(-grown.right * wide // 1), -int(-grown.bottom * high // 1)
    right, bottom = max(right, left + LEAST_PIXELS), max(bottom, top + LEAST_PIXELS)
    return max(0, left), max(0, top), min(right, wide), min(bottom, high)


def _mask(picture: Image.Image, box: Box, corners: tuple[int, int, int, int]) -> Image.Image:
    """Opaque over the whole box; around it softly fading, as an ellipse for a face."""
    left, top, right, bottom = corners
    size = (right - left, bottom - top)
    mask = Image.new("L", size, 0)
    pen = ImageDraw.Draw(mask)
    if box.kind == BoxKind.FACE:
        pen.ellipse(_around(picture, box, corners), fill=255)
    else:
        pen.rectangle((0, 0, *size), fill=255)
        return mask
    faded = mask.filter(ImageFilter.GaussianBlur(max(1.0, min(size) / 40)))
    core = Image.new("L", size, 0)
    inner = _pixels(picture, box, by=0.0)
    if inner:
        ImageDraw.Draw(core).rectangle(
            (inner[0] - left, inner[1] - top, inner[2] - left - 1, inner[3] - top - 1), fill=255
        )
    return ImageChops.lighter(faded, core)


def _around(picture: Image.Image, box: Box, corners: tuple[int, int, int, int]) -> tuple[float, float, float, float]:
    """The grown box relative to the crop; it may stick out where the picture ends."""
    grown = grow(box, by=GROWTH[BoxKind(box.kind)])
    wide, high = picture.size
    left, top = corners[:2]
    return (
        grown.x * wide - left,
        grown.y * high - top,
        grown.right * wide - left,
        grown.bottom * high - top,
    )
