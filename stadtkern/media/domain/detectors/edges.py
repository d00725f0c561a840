"""Number plates by classical image processing: dark strokes side by side on a bright, broad ground.

No model and no training, so it is a second look beside the text model, never the only one where that exists.
Black-hat morphology brings out the strokes, a broad closing joins them to a strip, plain rules judge the strip.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from stadtkern.media.domain.boxes import Box, clamp, merge
from stadtkern.media.domain.detectors.light import brightened
from stadtkern.media.words import BoxKind

if TYPE_CHECKING:
    from PIL.Image import Image

LONGEST_SIDE = 1280
STROKE_SIZES = (7, 15, 31)
SLIMMEST, FLATTEST = 1.8, 7.5
LEAST_BRIGHTNESS = 90
LEAST_CONTRAST = 45
LEAST_STROKES, MOST_STROKES = 4, 14
LEAST_INK, MOST_INK = 0.12, 0.7
LEAST_APART = 52
MOST_STRIPS = 8


class EdgePlates:
    """Strips that look like writing on a plate at one of three sizes; the surest few of a picture."""

    name = "edge-plates"
    version = "1"

    def find(self, image: Image) -> list[Box]:
        import numpy

        scale = min(1.0, LONGEST_SIDE / max(image.size))
        small = image.resize([max(16, round(side * scale)) for side in image.size])
        grey = numpy.asarray(brightened(small).convert("L"))
        found = [box for size in STROKE_SIZES for box in _strips(grey, size)]
        surest = sorted(merge(found), key=lambda box: box.score, reverse=True)
        return surest[:MOST_STRIPS]


def _strips(grey: Any, size: int) -> Iterator[Box]:
    import cv2

    high, wide = grey.shape
    rectangle = cv2.getStructuringElement(cv2.MORPH_RECT, (size * 2 - 1, size))
    dark = cv2.morphologyEx(grey, cv2.MORPH_BLACKHAT, rectangle)
    _, strokes = cv2.threshold(dark, LEAST_CONTRAST, 255, cv2.THRESH_BINARY)
    joined = cv2.morphologyEx(strokes, cv2.MORPH_CLOSE, cv2.getStructuringElement(cv2.MORPH_RECT, (size * 2, 1)))
    joined = cv2.morphologyEx(
        joined, cv2.MORPH_OPEN, cv2.getStructuringElement(cv2.MORPH_RECT, (size, max(3, size // 3)))
    )
    outlines, _ = cv2.findContours(joined, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    for outline in outlines:
        if score := _likeness(grey, strokes, outline, size):
            x, y, w, h = cv2.boundingRect(outline)
            box = Box(BoxKind.PLATE, (x - h / 2) / wide, (y - h / 4) / high, (w + h) / wide, h * 1.5 / high, score)
            if inside := clamp(box):
                yield inside


def _likeness(grey: Any, strokes: Any, outline: Any, size: int) -> float:
    """0 when the strip cannot be a plate, else a belief up to 1."""
    import cv2

    x, y, w, h = cv2.boundingRect(outline)
    _, sides, _ = cv2.minAreaRect(outline)
    long, short = max(sides), max(min(sides), 1.0)
    if not (size * 0.5 <= short <= size * 3.2 and SLIMMEST <= long / short <= FLATTEST):
        return 0.0
    count = _strokes_in(strokes[y : y + h, x : x + w])
    if not LEAST_STROKES <= count <= MOST_STROKES:
        return 0.0
    return _contrast(grey[y : y + h, x : x + w], strokes[y : y + h, x : x + w] > 0)


def _contrast(patch: Any, strokes: Any) -> float:
    """How far the strokes stand out of a bright, even ground: 0 when too little, else up to 1."""
    ground, ink = patch[~strokes], patch[strokes]
    share = ink.size / patch.size
    if not LEAST_INK <= share <= MOST_INK or float(ground.mean()) < LEAST_BRIGHTNESS:
        return 0.0
    apart = float(ground.mean()) - float(ink.mean())
    return 0.0 if apart < LEAST_APART else min(apart / 160.0, 1.0)


def _strokes_in(patch: Any) -> int:
    """How many dark strokes the middle line of the strip crosses, the median of five lines."""
    import numpy

    rows = [patch[int(patch.shape[0] * part)] > 0 for part in (0.3, 0.4, 0.5, 0.6, 0.7)]
    return int(numpy.median([numpy.count_nonzero(row[1:] & ~row[:-1]) for row in rows]))
