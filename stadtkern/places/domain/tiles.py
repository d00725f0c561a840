"""Map tiles of the one source an operator configured, fetched by us: a visitor's browser talks to nobody else.

The source is a URL with {z}/{x}/{y} or a PMTiles archive (file or URL). Tiles are kept (`tile_cache`) for KEEP;
an old one is served when the source does not answer. Only tiles around the city are fetched: we are no open relay.
"""

import hashlib
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import httpx
from django.conf import settings
from django.utils.translation import gettext as _

from stadtkern.core.city import city
from stadtkern.core.problems import BadQuery, NotFound, Problem, Unavailable
from stadtkern.places.domain import pmtiles, tile_cache
from stadtkern.places.domain.web_answers import bounded, client

KEEP = timedelta(days=7)
MOST_BYTES = 2_000_000
DEEPEST = 20
FREE_BELOW = 8  # the few tiles of the wide view may lie anywhere
AROUND = 0.35  # degrees around the city
PICTURES = {".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".webp": "image/webp"}
VECTOR = "application/vnd.mapbox-vector-tile"


@dataclass(frozen=True, slots=True)
class Tile:
    """The bytes of one tile, never compressed."""

    body: bytes
    kind: str

    @property
    def etag(self) -> str:
        return f'"{hashlib.sha256(self.body).hexdigest()[:32]}"'


def tile(z: int, x: int, y: int, *, before_fetching: Callable[[], object] = lambda: None) -> Tile:
    """One tile; NotFound when no source is configured or it has none there, Unavailable when it does not answer.

    `before_fetching` is called when the source has to be asked; it may raise to refuse that (a limit).
    """
    if not settings.TILES_URL:
        raise NotFound(_("Hier ist keine Kachelquelle eingerichtet."))
    _check(z, x, y)
    place = _folder() / f"{z}-{x}-{y}"
    if (kept := tile_cache.read(place)) and time.time() - place.stat().st_mtime < KEEP.total_seconds():
        return _tile(kept)
    try:
        before_fetching()
        body = _source()(z, x, y)
    except (OSError, ValueError, httpx.HTTPError, Problem) as error:
        if kept:
            return _tile(kept)
        if isinstance(error, Problem):
            raise
        raise Unavailable(_("Die Kachelquelle antwortet nicht."), retry_after=30) from error
    if body is None:
        raise NotFound(_("Diese Kachel gibt es nicht."))
    tile_cache.write(place, body)
    return _tile(body)


def has_pictures() -> bool:
    """Whether the configured source gives raster pictures, which need no style of their own."""
    return Path(urlsplit(settings.TILES_URL).path).suffix.lower() in PICTURES


def archive_file() -> Path | None:
    """The PMTiles file on this machine, if that is the source."""
    path = Path(settings.TILES_URL)
    local = settings.TILES_URL.endswith(".pmtiles") and "://" not in settings.TILES_URL
    return path if local and path.is_file() else None


def attribution() -> str:
    """Who made the tiles; most of the known sources show OpenStreetMap data, basemap.de says GeoBasis-DE."""
    host = urlsplit(settings.TILES_URL).hostname or ""
    return (
        "© GeoBasis-DE / BKG" if "basemap" in host or host.endswith("bkg.bund.de") else "© OpenStreetMap contributors"
    )


def _check(z: int, x: int, y: int) -> None:
    if not (0 <= z <= DEEPEST and 0 <= x < 2**z and 0 <= y < 2**z):
        raise BadQuery(_("Diese Kachel kann es nicht geben."))
    if z < FREE_BELOW:
        return
    west, south, east, north = city().bbox
    left, top = _corner(z, x, y)
    right, bottom = _corner(z, x + 1, y + 1)
    if left > east + AROUND or right < west - AROUND or bottom > north + AROUND or top < south - AROUND:
        raise NotFound(_("Diese Kachel liegt nicht bei unserer Stadt."))


def _corner(z: int, x: int, y: int) -> tuple[float, float]:
    """Longitude and latitude of a tile's upper left corner (Web Mercator)."""
    lon = x / 2**z * 360 - 180
    lat = math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * y / 2**z))))
    return lon, lat


def _source() -> Callable[[int, int, int], bytes | None]:
    url = settings.TILES_URL
    if urlsplit(url).path.endswith(".pmtiles"):
        return pmtiles.archive(url).tile
    return lambda z, x, y: _fetch(url.replace("{z}", str(z)).replace("{x}", str(x)).replace("{y}", str(y)))


def _fetch(url: str) -> bytes | None:
    with client().stream("GET", url, headers={"Accept": "*/*"}) as answer:
        if answer.status_code in {httpx.codes.NOT_FOUND, httpx.codes.NO_CONTENT}:
            return None
        if answer.status_code != httpx.codes.OK:
            raise OSError(f"answered {answer.status_code}")
        return bounded(answer, MOST_BYTES)


def _tile(body: bytes) -> Tile:
    signs = {b"\x89PNG": "image/png", b"\xff\xd8\xff": "image/jpeg", b"RIFF": "image/webp"}
    kind = next((kind for sign, kind in signs.items() if body.startswith(sign)), VECTOR)
    return Tile(body, kind)


def _folder() -> Path:
    source = hashlib.sha256(settings.TILES_URL.encode()).hexdigest()[:16]
    return tile_cache.folder() / source
