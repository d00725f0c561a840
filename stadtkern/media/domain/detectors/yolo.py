"""Number plates by a model of the operator's choice: any YOLO-like ONNX file (setting STADTKERN_PLATE_MODEL).

Understood are outputs (1, 4+classes, n) and (1, n, 4+classes, not 6) with centre, sides and a score per class
(YOLOv8 and later), and end-to-end outputs (n, 7) with batch, corners, class, score or (1, n, 6) with corners,
score, class (YOLOv9/v10 end-to-end). Coordinates are pixels of the model's input.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from stadtkern.media.domain.boxes import Box, clamp, merge
from stadtkern.media.domain.detectors.port import DetectorMissing
from stadtkern.media.words import BoxKind

if TYPE_CHECKING:
    from PIL.Image import Image

LEAST_SCORE = 0.25
USUAL_SIDE = 640
GREY = (114, 114, 114)


class YoloPlates:
    """Runs the model on the letterboxed picture."""

    name = "yolo-plates"

    def __init__(self, path: Path) -> None:
        if not path.is_file():
            raise DetectorMissing(f"STADTKERN_PLATE_MODEL: there is no file {path}")
        try:
            import onnxruntime

            self._net: Any = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
        except Exception as error:
            raise DetectorMissing(f"STADTKERN_PLATE_MODEL: {path.name} does not load: {error}") from error
        self.version = path.stem

    def find(self, image: Image) -> list[Box]:
        import numpy

        wanted = self._net.get_inputs()[0]
        high, wide = (side if isinstance(side, int) and side > 0 else USUAL_SIDE for side in wanted.shape[2:4])
        fitted, scale = _letterbox(image, wide, high)
        pixels = numpy.asarray(fitted, numpy.float32).transpose(2, 0, 1)[None] / 255.0
        rows = corners_of(self._net.run(None, {wanted.name: numpy.ascontiguousarray(pixels)})[0])
        return merge(_as_boxes(rows, scale, image.size))


def _letterbox(image: Image, wide: int, high: int) -> tuple[Image, float]:
    from PIL import Image as Pillow

    scale = min(wide / image.width, high / image.height)
    small = image.resize((max(1, round(image.width * scale)), max(1, round(image.height * scale))))
    paper = Pillow.new("RGB", (wide, high), GREY)
    paper.paste(small, (0, 0))
    return paper, scale


def corners_of(output: Any) -> list[tuple[float, float, float, float, float]]:
    """Rows of left, top, right, bottom, score from any of the outputs above."""
    if output.ndim == 2 and output.shape[1] == 7:
        return [(*row[1:5], row[6]) for row in output.tolist()]
    rows = output[0]
    if rows.shape[-1] == 6 and rows.shape[0] != 6:
        return [tuple(row[:5]) for row in rows.tolist()]
    if rows.shape[0] < rows.shape[1]:
        rows = rows.T
    return [(x - w / 2, y - h / 2, x + w / 2, y + h / 2, max(scores)) for x, y, w, h, *scores in rows.tolist()]


def _as_boxes(rows: list[tuple[float, float, float, float, float]], scale: float, size: tuple[int, int]) -> list[Box]:
    wide, high = size[0] * scale, size[1] * scale
    boxes = (
        Box(BoxKind.PLATE, left / wide, top / high, (right - left) / wide, (bottom - top) / high, score)
        for left, top, right, bottom, score in rows
        if score >= LEAST_SCORE
    )
    return [inside for box in boxes if (inside := clamp(box))]
