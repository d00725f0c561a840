"""Open an upload that may be hostile: judge by content, refuse by named reason, decode into a small clean picture.

Nothing of a file but its pixels leaves this module: no metadata, no profile, no second frame, no alpha.
Order matters: length, container, dimensions and frames are checked before any pixel is decoded.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO

from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageCms, ImageFile, ImageOps

from stadtkern.core.problems import BadInput
from stadtkern.media.domain import containers

MOST_BYTES = 15 * 1024 * 1024
MOST_PIXELS = 60_000_000
MOST_FRAMES = 300
MOST_SCANS = 100
LEAST_SIDE = 8
# A form must answer at once and in little memory; larger ones than this are decoded in the worker only.
MOST_PIXELS_IN_A_FORM = 25_000_000


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a sound upload: its kind, and its size in pixels as it stands upright."""

    kind: str
    width: int
    height: int
    bytes: int


def read_upload(upload: BinaryIO | bytes) -> bytes:
    """The upload's bytes, never more than allowed; raises BadInput when empty or too long."""
    if isinstance(upload, bytes):
        data = upload[: MOST_BYTES + 1]
    else:
        upload.seek(0)
        data = upload.read(MOST_BYTES + 1)
    if not data:
        raise BadInput(_("Die Datei ist leer. Bitte wählen Sie das Foto noch einmal aus."))
    if len(data) > MOST_BYTES:
        raise BadInput(
            _("Das Foto ist größer als %(most)s MB. Bitte wählen Sie ein kleineres.")
            % {"most": MOST_BYTES // 1024 // 1024}
        )
    return data


def inspect(data: bytes) -> Facts:
    """Check an upload as a form does: quick, in little memory. Raises BadInput with the reason."""
    kind = containers.kind_of(data)
    containers.refuse_polyglot(data)
    containers.refuse_cut_off(data, kind)
    if kind == "jpeg" and data.count(b"\xff\xda") > MOST_SCANS:
        raise BadInput(
            _("Dieses Foto ist ungewöhnlich aufgebaut. Bitte speichern Sie es neu und versuchen Sie es noch einmal.")
        )
    with opened(data, kind) as picture:
        width, height = _upright_size(picture)
        _prove_pixels(picture, kind)
    return Facts(kind=kind, width=width, height=height, bytes=len(data))


def decode(data: bytes, *, longest: int) -> Image.Image:
    """The first picture of a checked upload: upright, sRGB, opaque, no side longer than `longest` pixels."""
    kind = containers.kind_of(data)
    with opened(data, kind) as picture:
        if kind == "jpeg":
            picture.draft("RGB" if picture.mode in {"RGB", "YCbCr"} else None, (longest, longest))
        picture.load()
        profile, turned = picture.info.get("icc_profile"), picture.getexif().get(0x0112, 1)
        small = _eight_bits(picture)
        small.thumbnail((longest, longest), Image.Resampling.LANCZOS)
        clean = _as_srgb(_opaque(small), profile)
    return _turned(clean, turned)


@contextmanager
def opened(data: bytes, kind: str) -> Iterator[ImageFile.ImageFile]:
    """Pillow's view of the file with its dimensions checked; whatever a decoder raises becomes BadInput."""
    containers.refuse_giant(data, kind, most=MOST_PIXELS)
    try:
        with _open(data, kind) as picture:
            _refuse_by_header(picture)
            yield picture
    except BadInput:
        raise
    except Exception as error:  # a hostile file makes a decoder raise anything at all
        raise BadInput(_DAMAGED) from error


def _open(data: bytes, kind: str) -> ImageFile.ImageFile:
    if kind == "heif":
        import pillow_heif

        return pillow_heif.HeifImageFile(io.BytesIO(data))
    return Image.open(io.BytesIO(data), formats=[kind.upper()])


def _refuse_by_header(picture: ImageFile.ImageFile) -> None:
    width, height = picture.size
    if width * height > MOST_PIXELS:
        raise BadInput(containers.too_many_pixels(width, height, MOST_PIXELS))
    if min(width, height) < LEAST_SIDE:
        raise BadInput(_("Dieses Bild ist zu klein, um etwas zu erkennen."))
    if getattr(picture, "n_frames", 1) > MOST_FRAMES:
        raise BadInput(_("Das ist ein Film mit sehr vielen Bildern. Bitte schicken Sie ein einzelnes Foto."))


def _prove_pixels(picture: ImageFile.ImageFile, kind: str) -> None:
    """Decode once, as small as the format allows, so that damage is found while the person is still there."""
    progressive = bool(picture.info.get("progressive"))
    if kind == "jpeg" and not progressive:
        picture.draft(None, (160, 160))
    elif picture.width * picture.height > MOST_PIXELS_IN_A_FORM:
        return
    picture.load()


def _upright_size(picture: Image.Image) -> tuple[int, int]:
    wide, high = picture.size
    return (high, wide) if picture.getexif().get(0x0112, 1) in {5, 6, 7, 8} else (wide, high)


def _eight_bits(picture: Image.Image) -> Image.Image:
    """16-bit greys hold 0..65535, and Pillow would cut off instead of scaling."""
    if picture.mode.startswith("I;16") or picture.mode == "I":
        return picture.convert("I").point(lambda value: value / 257).convert("L")
    if picture.mode == "P":
        return picture.convert("RGBA" if "transparency" in picture.info else "RGB")
    return picture.convert("L") if picture.mode == "1" else picture.copy()


def _opaque(picture: Image.Image) -> Image.Image:
    """Transparent parts become white, as paper is."""
    if picture.mode == "RGB" and "transparency" in picture.info:
        picture = picture.convert("RGBA")
    if picture.mode not in {"RGBA", "LA", "PA", "RGBa", "La"}:
        return picture
    ink = picture.convert("RGBA")
    paper = Image.new("RGBA", ink.size, (255, 255, 255, 255))
    return Image.alpha_composite(paper, ink).convert("RGB")


def _as_srgb(picture: Image.Image, profile: bytes | None) -> Image.Image:
    if profile:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            target = ImageCms.createProfile("sRGB")
            changed = ImageCms.profileToProfile(picture, source, target, outputMode="RGB")
            return _only_pixels(changed or picture)
        except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
            pass  # a broken or foreign profile: the plain numbers are the best guess
    return _only_pixels(picture.convert("RGB"))


def _only_pixels(picture: Image.Image) -> Image.Image:
    """A new picture with the same pixels and nothing else, so that nothing can slip into a rendition."""
    clean = Image.new("RGB", picture.size)
    clean.paste(picture)
    return clean


def _turned(picture: Image.Image, orientation: object) -> Image.Image:
    if orientation in {2, 3, 4, 5, 6, 7, 8}:
        picture.getexif()[0x0112] = orientation
        ImageOps.exif_transpose(picture, in_place=True)
    return _only_pixels(picture)


_DAMAGED = _("Dieses Foto ist beschädigt oder unvollständig angekommen. Bitte versuchen Sie es noch einmal.")
