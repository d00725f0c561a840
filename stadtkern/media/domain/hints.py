"""Where and when a photo was taken, as its camera says: offered to the person, never stored."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime
from typing import Any, BinaryIO

from django.utils import timezone

from stadtkern.core.problems import BadInput
from stadtkern.media.domain.containers import kind_of
from stadtkern.media.domain.decoding import opened, read_upload

GPS, EXIF = 0x8825, 0x8769
TAKEN, TAKEN_OFFSET = 0x9003, 0x9011


@dataclass(frozen=True, slots=True)
class Hint:
    """What a page may offer: "use the photo's place". Degrees in WGS 84; the moment knows its time zone."""

    lat: float | None = None
    lon: float | None = None
    taken_at: datetime | None = None


def read_hint(upload: BinaryIO | bytes) -> Hint | None:
    """The photo's own place and time, or None when it says neither or cannot be read. Changes nothing."""
    try:
        data = read_upload(upload)
        with opened(data, kind_of(data)) as picture:
            exif = picture.getexif()
            gps, details = dict(exif.get_ifd(GPS)), dict(exif.get_ifd(EXIF))
    except BadInput:
        return None
    place, taken_at = _place(gps), _moment(details)
    if place is None and taken_at is None:
        return None
    lat, lon = place or (None, None)
    return Hint(lat=lat, lon=lon, taken_at=taken_at)


def _place(gps: dict[int, Any]) -> tuple[float, float] | None:
    lat = _degrees(gps.get(2), negative=gps.get(1) == "S", most=90)
    lon = _degrees(gps.get(4), negative=gps.get(3) == "W", most=180)
    if lat is None or lon is None or (lat == 0 and lon == 0):
        return None
    return lat, lon


def _degrees(parts: Any, *, negative: bool, most: int) -> float | None:
    try:
        whole, minutes, seconds = (float(part) for part in parts)
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    value = whole + minutes / 60 + seconds / 3600
    if not math.isfinite(value) or not 0 <= value <= most:
        return None
    return round(-value if negative else value, 6)


def _moment(details: dict[int, Any]) -> datetime | None:
    """EXIF writes local time; without an offset the city's own zone is the best guess."""
    text, offset = str(details.get(TAKEN, "")).strip("\0 "), str(details.get(TAKEN_OFFSET, "")).strip("\0 ")
    try:
        moment = datetime.strptime(text, "%Y:%m:%d %H:%M:%S")
        aware = datetime.strptime(f"{text}{offset}", "%Y:%m:%d %H:%M:%S%z") if offset else None
    except ValueError:
        return None
    taken = aware or timezone.make_aware(moment)
    return taken if taken <= timezone.now() else None
