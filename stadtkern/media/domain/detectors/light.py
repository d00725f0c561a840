"""Even out the light before a detector looks: photos at dusk are brightened, the picture itself stays as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image

BRIGHT = 225
MOST_GAIN = 3.0


def brightened(image: Image) -> Image:
    """The picture with its brightest twentieth lifted to near white; a well lit one comes back unchanged."""
    counts = image.convert("L").histogram()
    left, level = sum(counts) * 0.05, 255
    while level > 0 and left > counts[level]:
        left -= counts[level]
        level -= 1
    gain = min(max(BRIGHT / max(level, 1), 1.0), MOST_GAIN)
    return image if gain < 1.1 else image.point(lambda value: min(255, round(value * gain)))
