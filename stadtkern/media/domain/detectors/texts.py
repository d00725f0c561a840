"""Number plates by their writing: a text detector finds lines, plain rules keep those that may be a plate.

The network is PP-OCR's text detector (DBNet, Apache-2.0), whose ONNX model ships inside the wheel `rapidocr`.
Nothing is read: only where writing stands is asked, never what it says.
"""

from __future__ import annotations

from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stadtkern.media.domain.boxes import Box, clamp, merge
from stadtkern.media.domain.detectors.light import brightened
from stadtkern.media.domain.detectors.port import DetectorMissing
from stadtkern.media.words import BoxKind

if TYPE_CHECKING:
    from PIL.Image import Image

LONGEST_SIDE = 1600
INK = 0.25
LEAST_SCORE = 0.4
LEAST_HEIGHT_PX = 5
SLIMMEST, FLATTEST = 1.1, 12.0
# DBNet draws the ink of a line shrunken; this grows it back (1.6 times area over circumference on each side).
UNCLIP = 1.6
# Plates lie; writing that is much higher than broad is something else.
STANDING = 0.8


def model_path() -> Path:
    """The text model of the installed wheel; raises DetectorMissing when there is none."""
    found = find_spec("rapidocr")
    folder = Path(found.origin).parent / "models" if found and found.origin else None
    models = sorted(folder.glob("*_det_*.onnx")) if folder else []
    if not models:
        raise DetectorMissing("the wheel rapidocr with its text detection model is not installed")
    return models[0]


class TextPlates:
    """Every line of writing that is broad enough to be a plate."""

    name = "text-plates"

    def __init__(self, path: Path | None = None) -> None:
        path = path or model_path()
        try:
            import onnxruntime

            options = onnxruntime.SessionOptions()
            options.enable_cpu_mem_arena = False
            options.intra_op_num_threads = 2
            self._net: Any = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        except Exception as error:
            raise DetectorMissing(f"the text model {path.name} does not load: {error}") from error
        self.version = f"{path.stem} ({version('rapidocr')})"

    def find(self, image: Image) -> list[Box]:
        small = brightened(_fit(image))
        ink = self._net.run(None, {self._net.get_inputs()[0].name: _as_input(small)})[0][0, 0]
        return merge(_lines(ink))


def _fit(image: Image) -> Image:
    scale = min(1.0, LONGEST_SIDE / max(image.size))
    wide, high = (max(32, round(side * scale / 32) * 32) for side in image.size)
    return image.resize((wide, high))


def _as_input(image: Image) -> Any:
    import numpy

    pixels = numpy.asarray(image, numpy.float32)[:, :, ::-1] / 127.5 - 1.0
    return numpy.ascontiguousarray(pixels.transpose(2, 0, 1)[None])


def _lines(ink: Any) -> list[Box]:
    """Upright boxes around every slanted rectangle of ink."""
    import cv2
    import numpy

    mask = (ink > INK).astype(numpy.uint8)
    outlines, _ = cv2.findContours(mask, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    return [box for outline in outlines if (box := _line(ink, mask, outline))]


def _line(ink: Any, mask: Any, outline: Any) -> Box | None:
    """One line of writing, or None when it is too faint, too small, too slim or stands on end."""
    import cv2

    x, y, w, h = cv2.boundingRect(outline)
    score = float(ink[y : y + h, x : x + w][mask[y : y + h, x : x + w] > 0].mean())
    centre, sides, angle = cv2.minAreaRect(outline)
    long, short = max(sides), min(sides)
    if score < LEAST_SCORE or short < 2:
        return None
    more = long * short * UNCLIP / (long + short)
    if short + more < LEAST_HEIGHT_PX or not SLIMMEST <= (long + more) / (short + more) <= FLATTEST:
        return None
    corners = cv2.boxPoints((centre, (sides[0] + more, sides[1] + more), angle))
    return _upright(corners, ink.shape, score)


def _upright(corners: Any, shape: tuple[int, int], score: float) -> Box | None:
    (left, top), (right, bottom) = corners.min(axis=0).tolist(), corners.max(axis=0).tolist()
    if right - left < (bottom - top) * STANDING:
        return None
    high, wide = shape
    box = Box(BoxKind.PLATE, left / wide, top / high, (right - left) / wide, (bottom - top) / high, score)
    return clamp(box)
