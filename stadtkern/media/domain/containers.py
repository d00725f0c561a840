"""What kind of file this is, by its bytes, and whether its container is whole. Reads headers, never pixels."""

from __future__ import annotations

import struct
from typing import Any

from django.utils.translation import gettext_lazy as _

from stadtkern.core.problems import BadInput

HEAD, TAIL = 4096, 65_536
HEIF_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}
AVIF_BRANDS = {b"avif", b"avis"}
FOREIGN = (
    (b"%pdf-", _("Das ist eine PDF-Datei, kein Foto. Bitte schicken Sie ein Foto.")),
    (b"<svg ", _("SVG-Zeichnungen nehmen wir nicht an. Bitte schicken Sie ein Foto.")),
    (b"<script", _("Diese Datei enthält Programmtext. Bitte schicken Sie ein Foto.")),
    (b"<!doctype html", _("Das ist eine Internetseite, kein Foto. Bitte schicken Sie ein Foto.")),
    (b"<html", _("Das ist eine Internetseite, kein Foto. Bitte schicken Sie ein Foto.")),
)
NOT_ACCEPTED = (
    (b"GIF8", "GIF"),
    (b"BM", "BMP"),
    (b"II*\0", "TIFF"),
    (b"MM\0*", "TIFF"),
    (b"PK\x03\x04", "ZIP"),
    (b"\xff\x0a", "JPEG XL"),
)
_UNKNOWN = _("Das ist kein Foto, das wir öffnen können. Möglich sind JPEG, PNG, WebP, HEIC und AVIF.")
_CUT_OFF = _("Dieses Foto ist beschädigt oder unvollständig angekommen. Bitte versuchen Sie es noch einmal.")


def kind_of(data: bytes) -> str:
    """jpeg, png, webp, heif or avif, by content; anything else raises BadInput that names what it is."""
    if data.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "webp"
    if data[4:8] == b"ftyp" and (kind := _heif_or_avif(data)):
        return kind
    raise BadInput(_reason(data))


def _heif_or_avif(data: bytes) -> str:
    size = min(max(int.from_bytes(data[:4], "big"), 16), 256)
    brands = {data[8:12], *(data[at : at + 4] for at in range(16, size, 4))}
    if brands & AVIF_BRANDS:
        return "avif"
    return "heif" if brands & HEIF_BRANDS else ""


def _reason(data: bytes) -> Any:
    start = data[:HEAD].lower()
    for sign, words in FOREIGN:
        if sign in start:
            return words
    for magic, name in NOT_ACCEPTED:
        if data.startswith(magic):
            return _("%(kind)s-Dateien nehmen wir nicht an. Möglich sind JPEG, PNG, WebP, HEIC und AVIF.") % {
                "kind": name
            }
    return _UNKNOWN


def refuse_polyglot(data: bytes) -> None:
    """Refuse a picture that is also a document: PDF, HTML or SVG before or behind the image data.

    Only where a reader of those formats would look; a phone may well append a short film to its JPEG.
    """
    for part in (data[:1024].lower(), data[-TAIL:].lower()):
        if any(sign in part for sign, _words in FOREIGN):
            raise BadInput(_("Diese Datei ist nicht nur ein Foto. Bitte schicken Sie das unveränderte Foto."))


def refuse_cut_off(data: bytes, kind: str) -> None:
    """Refuse a file that ends before its container says so. (JPEG has no length; its pixels will tell.)"""
    if kind == "png" and b"IEND" not in data[-TAIL:]:
        raise BadInput(_CUT_OFF)
    if kind == "webp" and 8 + int.from_bytes(data[4:8], "little") > len(data) + 1:
        raise BadInput(_CUT_OFF)
    if kind in {"heif", "avif"} and not _boxes_fit(data):
        raise BadInput(_CUT_OFF)


def _boxes_fit(data: bytes) -> bool:
    """ISO 14496-12: top-level boxes of (size, type) that fill the file; size 0 means up to the end."""
    at = 0
    while at + 8 <= len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        if size == 1:
            size = int.from_bytes(data[at + 8 : at + 16], "big")
        if size == 0:
            return True
        if size < 8:
            return False
        at += size
    return at == len(data)


def refuse_giant(data: bytes, kind: str, *, most: int) -> None:
    """Refuse by the dimensions in the header, before a decoder reserves memory for them."""
    for width, height in _dimensions(data, kind):
        if width * height > most:
            raise BadInput(too_many_pixels(width, height, most))


def _dimensions(data: bytes, kind: str) -> list[tuple[int, int]]:
    if kind == "png" and len(data) >= 24:
        return [struct.unpack(">II", data[16:24])]
    if kind == "webp":
        return _webp_dimensions(data)
    if kind in {"heif", "avif"}:
        return _heif_dimensions(data)
    return []


def _webp_dimensions(data: bytes) -> list[tuple[int, int]]:
    """RFC 9649: VP8X has 24-bit sizes less one, VP8L 14-bit less one, VP8 14-bit."""
    chunk, body = data[12:16], data[20:30].ljust(10, b"\0")
    if chunk == b"VP8X":
        return [(int.from_bytes(body[4:7], "little") + 1, int.from_bytes(body[7:10], "little") + 1)]
    if chunk == b"VP8L":
        bits = int.from_bytes(body[1:5], "little")
        return [((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1)]
    width, height = struct.unpack("<HH", body[6:10])
    return [(width & 0x3FFF, height & 0x3FFF)]


def _heif_dimensions(data: bytes) -> list[tuple[int, int]]:
    """Every image spatial extent (`ispe`) of the header: tiles, thumbnails and the whole picture."""
    found: list[tuple[int, int]] = []
    at = data.find(b"ispe")
    while at >= 0 and at + 16 <= len(data) and len(found) < 64:
        width, height = struct.unpack(">II", data[at + 8 : at + 16])
        if width < 1 << 20 and height < 1 << 20:
            found.append((width, height))
        at = data.find(b"ispe", at + 4)
    return found


def too_many_pixels(width: int, height: int, most: int) -> Any:
    return _("Das Foto hat %(width)s × %(height)s Bildpunkte. Möglich sind %(most)s Millionen.") % {
        "width": width,
        "height": height,
        "most": most // 1_000_000,
    }
