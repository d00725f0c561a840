"""Which detectors look at a photo, and what is missing when they cannot.

Heavy wheels (OpenCV, onnxruntime) are imported on first use, in the worker; a web process never gets here.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings

from stadtkern.media.domain.boxes import Box, merge
from stadtkern.media.domain.detectors.port import Detector, DetectorMissing

if TYPE_CHECKING:
    from PIL.Image import Image


def detectors() -> tuple[Detector, ...]:
    """Faces and plates, loaded once per process; raises DetectorMissing: no model, no public photo."""
    return _load(str(getattr(settings, "PLATE_MODEL", "") or ""))


@lru_cache(maxsize=2)
def _load(plate_model: str) -> tuple[Detector, ...]:
    from stadtkern.media.domain.detectors.faces import CenterFaces

    return (CenterFaces(), *_plates(plate_model))


def _plates(plate_model: str) -> tuple[Detector, ...]:
    """An own model replaces the text model; the classical second look always stays, and is never enough alone."""
    from stadtkern.media.domain.detectors.edges import EdgePlates
    from stadtkern.media.domain.detectors.texts import TextPlates
    from stadtkern.media.domain.detectors.yolo import YoloPlates

    if plate_model:
        return YoloPlates(Path(plate_model)), EdgePlates()
    return TextPlates(), EdgePlates()


def obstacle() -> str:
    """Why no photo can become public, for operators; empty when nothing stands in the way. Loads no model."""
    from stadtkern.media.domain.detectors.texts import model_path

    own = str(getattr(settings, "PLATE_MODEL", "") or "")
    if own:
        return "" if Path(own).is_file() else f"there is no file {own} (STADTKERN_PLATE_MODEL)"
    try:
        model_path()
    except DetectorMissing as missing:
        return str(missing)
    return ""


def find_all(image: Image) -> list[Box]:
    """Everything to hide in this picture, of all detectors, joined where they agree."""
    return merge(box for detector in detectors() for box in detector.find(image))


def names() -> str:
    """The detectors with their versions, as written beside each image."""
    return ", ".join(f"{detector.name} {detector.version}" for detector in detectors())
