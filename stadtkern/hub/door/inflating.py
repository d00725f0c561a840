"""Content-Encoding of a request's body, never inflated beyond what a body may have."""

import zlib

from stadtkern.core.problems import BadQuery, OtherMedia, TooLarge

GZIP = zlib.MAX_WBITS | 16
MOST_MEMBERS = 64  # a gzip file may be several in a row; thousands of empty ones would only cost time


def inflate(raw: bytes, coding: str, *, most: int) -> bytes:
    """The body itself. Raises OtherMedia, TooLarge, BadQuery for gzip that is broken or cut off."""
    wanted = coding.strip().lower()
    if wanted in ("", "identity"):
        return raw
    if wanted not in ("gzip", "x-gzip"):
        raise OtherMedia(f"Content-Encoding is gzip or nothing, not {wanted[:40]!r}.")
    return _members(raw, most)


def _members(raw: bytes, most: int) -> bytes:
    parts: list[bytes] = []
    left = most
    for _ in range(MOST_MEMBERS):
        reader = zlib.decompressobj(GZIP)
        try:
            part = reader.decompress(raw, left + 1)
        except zlib.error as error:
            raise BadQuery("The body is no gzip, although Content-Encoding says so.") from error
        left -= len(part)
        if left < 0:
            raise TooLarge(f"An inflated body may have {most} bytes; send several requests.")
        parts.append(part)
        if not reader.eof:
            raise BadQuery("The gzip body ends too early.")
        raw = reader.unused_data
        if not raw:
            return b"".join(parts)
    raise BadQuery(f"The gzip body has more than {MOST_MEMBERS} members.")
