"""The sizes in which an image is shown: WebP always, AVIF where the encoder is there. Named by content."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from PIL import Image as Pillow
from PIL import features

from stadtkern.media.domain import files
from stadtkern.media.words import LONGEST_SIDE, Size

WEBP_QUALITY, AVIF_QUALITY = 80, 60
TYPES = {"avif": "image/avif", "webp": "image/webp"}


@dataclass(frozen=True, slots=True)
class Renditions:
    """Encoded files of one image, by (size, format), under one name made of their content."""

    base: str
    files: dict[tuple[str, str], bytes]


def encode(picture: Pillow.Image) -> Renditions:
    """Encode a clean RGB picture in every size and format; carries no metadata whatsoever."""
    made: dict[tuple[str, str], bytes] = {}
    for size in Size:
        small = picture.copy()
        small.thumbnail((LONGEST_SIDE[size], LONGEST_SIDE[size]), Pillow.Resampling.LANCZOS)
        for kind in formats():
            made[size.value, kind] = _as_file(small, kind)
    return Renditions(base=hashlib.sha256(made[Size.LARGE, "webp"]).hexdigest()[:24], files=made)


def formats() -> tuple[str, ...]:
    return ("avif", "webp") if features.check("avif") else ("webp",)


def _as_file(picture: Pillow.Image, kind: str) -> bytes:
    out = io.BytesIO()
    if kind == "avif":
        picture.save(out, "AVIF", quality=AVIF_QUALITY, speed=8, exif=b"", icc_profile=b"")
    else:
        picture.save(out, "WEBP", quality=WEBP_QUALITY, method=4, exif=b"", icc_profile=b"")
    return out.getvalue()


def name(image_id: UUID, base: str, size: str, kind: str) -> str:
    text = image_id.hex
    return f"renditions/{text[:2]}/{text}/{base}-{size}.{kind}"


def names(image_id: UUID, base: str) -> Iterator[str]:
    """Every file a set of renditions may consist of (an AVIF may be missing)."""
    if base:
        yield from (name(image_id, base, size, kind) for size in Size for kind in TYPES)


def keep(image_id: UUID, made: Renditions) -> None:
    """Put the files into the private storage; `publish` copies them from there."""
    for (size, kind), data in made.files.items():
        files.put(files.private(), name(image_id, made.base, size, kind), data)


def copy_to_public(image_id: UUID, base: str) -> bool:
    """Make the renditions public; False when there are none to copy."""
    copied = False
    for each in names(image_id, base):
        data = files.get(files.private(), each)
        if data is not None:
            files.put(files.public(), each, data)
            copied = True
    return copied


def remove_public(image_id: UUID, base: str) -> None:
    for each in names(image_id, base):
        files.drop(files.public(), each)


def remove_all(image_id: UUID, base: str) -> None:
    remove_public(image_id, base)
    for each in names(image_id, base):
        files.drop(files.private(), each)
