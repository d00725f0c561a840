"""The folder of fetched tiles: written whole or not at all, never larger than STADTKERN_TILES_CACHE_MB.

The oldest go first, of whatever source they are. Every process looks after the folder while it writes, the worker
once a night: web processes may stand on other machines than the worker.
"""

import itertools
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from django.conf import settings

from stadtkern.core.jobs import nightly

DRAFT = "draft-"
LOST_DRAFT_SECONDS = 3600
TRIM_EVERY = 2_000  # tiles written by one process
LEFT = 0.9  # of the bound, so that the next tile does not begin it again
_written = itertools.count(1)


def folder() -> Path:
    return Path(settings.DATA) / "tiles"


def read(place: Path) -> bytes | None:
    try:
        return place.read_bytes()
    except OSError:
        return None


def write(place: Path, body: bytes) -> None:
    """Whole or not at all; a full disk only means that the tile is not kept."""
    draft = None
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=place.parent, prefix=DRAFT, delete=False) as file:
            draft = Path(file.name)
            file.write(body)
        os.replace(draft, place)  # noqa: PTH105  atomic
    except OSError:
        if draft:
            draft.unlink(missing_ok=True)
        return
    if next(_written) % TRIM_EVERY == 0:
        trim()


def trim() -> int:
    """Delete lost drafts, then the oldest tiles until the folder is inside its bound; returns how many files went."""
    lost = time.time() - LOST_DRAFT_SECONDS
    files = sorted(_files())
    drafts = [path for changed, _size, path in files if path.name.startswith(DRAFT) and changed < lost]
    too_much = sum(size for _changed, size, _path in files) - settings.TILES_CACHE_MB * 1_000_000
    old = list(_oldest(files, too_much + settings.TILES_CACHE_MB * 1_000_000 * (1 - LEFT))) if too_much > 0 else []
    for path in {*drafts, *old}:
        path.unlink(missing_ok=True)
    return len({*drafts, *old})


def _files() -> Iterator[tuple[float, int, Path]]:
    """Changed at, bytes and path of every file; what vanishes meanwhile is left out."""
    for path in folder().glob("*/*"):
        with suppress(OSError):
            told = path.stat()
            yield told.st_mtime, told.st_size, path


def _oldest(files: list[tuple[float, int, Path]], wanted: float) -> Iterator[Path]:
    """The first files that make up the wanted bytes together."""
    for _changed, size, path in files:
        if wanted <= 0:
            return
        wanted -= size
        yield path


@nightly("places.tiles")
def nightly_trim() -> None:
    trim()
