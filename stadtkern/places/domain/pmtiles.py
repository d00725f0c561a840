"""A reader of PMTiles archives, version 3 (github.com/protomaps/PMTiles, spec/v3): file or URL with range requests."""

import gzip
import struct
import zlib
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import httpx

from stadtkern.places.domain.web_answers import bounded, client

HEADER = struct.Struct("<7sB11Q6B")
FIRST_BYTES = 127
MOST_DIRECTORY = 16_000_000
MOST_TILE = 4_000_000
DEEPEST_DIRECTORY = 4
NONE, GZIP = 1, 2
Reader = Callable[[int, int], bytes]


@dataclass(frozen=True, slots=True)
class Entry:
    """A run of tiles, or (run 0) a leaf directory."""

    tile_id: int
    offset: int
    length: int
    run: int


class Archive:
    """Tiles by z/x/y. Broken archives raise ValueError, an unreachable one OSError."""

    def __init__(self, read: Reader) -> None:
        self._read = read
        header = read(0, FIRST_BYTES)
        if len(header) < FIRST_BYTES:
            raise ValueError("this is no PMTiles archive: too short")
        fields = HEADER.unpack_from(header)
        if fields[0] != b"PMTiles" or fields[1] != 3:
            raise ValueError("this is no PMTiles archive of version 3")
        self._root = fields[2:4]
        self._leaves_at, self._data_at = fields[6], fields[8]
        self._directory_packing, self._tile_packing = fields[14], fields[15]
        self.least_zoom, self.most_zoom = fields[17], fields[18]
        self._directory = lru_cache(maxsize=64)(self._read_directory)

    def tile(self, z: int, x: int, y: int) -> bytes | None:
        """The unpacked tile, or None when the archive has none there."""
        wanted, (offset, length) = tile_number(z, x, y), self._root
        for _depth in range(DEEPEST_DIRECTORY):
            entry = _find(self._directory(offset, length), wanted)
            if entry is None:
                return None
            if entry.run:
                return self._unpack(
                    self._bytes(self._data_at + entry.offset, entry.length, MOST_TILE), self._tile_packing
                )
            offset, length = self._leaves_at + entry.offset, entry.length
        raise ValueError("the directories of this archive run too deep")

    def _read_directory(self, offset: int, length: int) -> list[Entry]:
        return directory(self._unpack(self._bytes(offset, length, MOST_DIRECTORY), self._directory_packing))

    def _bytes(self, offset: int, length: int, most: int) -> bytes:
        if length > most:
            raise ValueError("a part of this archive is too large")
        body = self._read(offset, length)
        if len(body) != length:
            raise ValueError("this archive is cut off")
        return body

    @staticmethod
    def _unpack(body: bytes, packing: int) -> bytes:
        if packing not in {NONE, GZIP}:
            raise ValueError("this archive is packed in a way we cannot read (only none and gzip)")
        try:
            return gzip.decompress(body) if packing == GZIP else body
        except (OSError, EOFError, zlib.error) as error:
            raise ValueError("a part of this archive is broken") from error


def tile_number(z: int, x: int, y: int) -> int:
    """The tile's place on the Hilbert curve, counted over all smaller zooms first."""
    number, size = ((1 << (2 * z)) - 1) // 3, 1 << z
    half = size >> 1
    while half:
        right, low = int(bool(x & half)), int(bool(y & half))
        number += half * half * ((3 * right) ^ low)
        if not low:
            if right:
                x, y = size - 1 - x, size - 1 - y
            x, y = y, x
        half >>= 1
    return number


def directory(body: bytes) -> list[Entry]:
    """Entries of an unpacked directory: ids as differences, then runs, lengths, offsets (0 = right behind)."""
    numbers = _varints(body)
    count = next(numbers)
    if count > len(body):
        raise ValueError("a directory of this archive is broken")
    ids, last = [], 0
    for _ in range(count):
        last += next(numbers)
        ids.append(last)
    runs = [next(numbers) for _ in range(count)]
    lengths = [next(numbers) for _ in range(count)]
    offsets: list[int] = []
    for at in range(count):
        given = next(numbers)
        offsets.append(offsets[-1] + lengths[at - 1] if given == 0 and at else given - 1)
    return [Entry(*row) for row in zip(ids, offsets, lengths, runs, strict=True)]


def _varints(body: bytes):  # type: ignore[no-untyped-def]
    value = shift = 0
    for byte in body:
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            yield value
            value = shift = 0
    while True:
        raise ValueError("a directory of this archive is cut off")


def _find(entries: list[Entry], wanted: int) -> Entry | None:
    at = bisect_right(entries, wanted, key=lambda entry: entry.tile_id) - 1
    if at < 0:
        return None
    entry = entries[at]
    return entry if entry.run == 0 or wanted < entry.tile_id + entry.run else None


@lru_cache(maxsize=2)
def archive(place: str) -> Archive:
    """An archive by path or URL, opened once per process."""
    return Archive(_remote(place) if "://" in place else _local(Path(place)))


def _local(path: Path) -> Reader:
    def read(offset: int, length: int) -> bytes:
        with path.open("rb") as file:
            file.seek(offset)
            return file.read(length)

    return read


def _remote(url: str) -> Reader:
    def read(offset: int, length: int) -> bytes:
        wanted = {"Range": f"bytes={offset}-{offset + length - 1}"}
        with client().stream("GET", url, headers=wanted) as answer:
            if answer.status_code != httpx.codes.PARTIAL_CONTENT:
                raise OSError(f"answered {answer.status_code} to a range request")
            return bounded(answer, length)

    return read
