"""Files for the tests: sound ones in every format, and broken or hostile ones."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

from PIL import Image

LAT, LON = (51, 28, 55.2), (7, 12, 57.6)
CAMERA = "Stadtkern Testkamera 7"


def drawing(size: tuple[int, int] = (640, 480), mode: str = "RGB") -> Image.Image:
    """A picture whose corners differ: red, green, blue, white, over a smooth ground."""
    wide, high = size
    ground = Image.linear_gradient("L").resize(size)
    picture = Image.merge("RGB", (ground, ground.transpose(Image.Transpose.ROTATE_90).resize(size), ground))
    spot = (wide // 4, high // 4)
    for colour, at in (
        ((230, 20, 20), (0, 0)),
        ((20, 200, 20), (wide - spot[0], 0)),
        ((20, 20, 230), (0, high - spot[1])),
        ((250, 250, 250), (wide - spot[0], high - spot[1])),
    ):
        picture.paste(colour, (*at, at[0] + spot[0], at[1] + spot[1]))
    return picture if mode == "RGB" else picture.convert(mode)


def encoded(picture: Image.Image, kind: str, **options: Any) -> bytes:
    out = io.BytesIO()
    if kind == "HEIF":
        import pillow_heif

        pillow_heif.from_pillow(picture).save(out, **options)
    else:
        picture.save(out, kind, **options)
    return out.getvalue()


def camera_notes(orientation: int = 1, **more: Any) -> Image.Exif:
    """EXIF as a phone writes it: place, moment, maker, orientation."""
    exif = Image.Exif()
    exif[0x010F], exif[0x0112] = CAMERA, orientation
    exif.get_ifd(0x8769).update({0x9003: "2026:05:01 12:30:00", 0x9011: "+02:00"} | more.get("details", {}))
    exif.get_ifd(0x8825).update({1: "N", 2: LAT, 3: "E", 4: LON} | more.get("gps", {}))
    return exif


def jpeg(size: tuple[int, int] = (640, 480), **options: Any) -> bytes:
    return encoded(drawing(size), "JPEG", **options)


def giant_png(width: int, height: int) -> bytes:
    """A few hundred bytes that claim to be width x height pixels."""
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    pixels = zlib.compress(b"\0" * 1000)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", pixels) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def giant_webp(width: int, height: int) -> bytes:
    size = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    body = b"WEBPVP8X" + struct.pack("<I", 10) + b"\x02\0\0\0" + size
    return b"RIFF" + struct.pack("<I", len(body)) + body
