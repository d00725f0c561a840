"""The port behind which anything that finds faces or number plates may stand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from stadtkern.media.domain.boxes import Box

if TYPE_CHECKING:
    from PIL.Image import Image


class Detector(Protocol):
    """Finds what must be hidden. Loading it may be slow and may raise `DetectorMissing`."""

    name: str
    version: str

    def find(self, image: Image) -> list[Box]:
        """Boxes, in fractions of the upright RGB picture; none when there is nothing to hide."""
        ...


class DetectorMissing(RuntimeError):
    """A detector cannot work on this machine; the text says to an operator what is missing."""
