"""Words to places and back. The port is `Geocoder`; STADTKERN_GEOCODER picks the dock:

empty: the built-in gazetteer; `photon:https://…` or `nominatim:https://…`: that server, and the gazetteer when it
does not answer. After a failure the server is left alone for REST_SECONDS, so that typing never waits for it.
"""

import logging
import time
from collections.abc import Callable
from functools import lru_cache
from typing import Protocol, TypeVar

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from stadtkern.core.city import city
from stadtkern.places.domain.gazetteer import Gazetteer, Hit
from stadtkern.places.domain.nominatim import Nominatim
from stadtkern.places.domain.photon import Photon
from stadtkern.places.domain.projection import checked

__all__ = ["Geocoder", "Hit", "geocoder", "reverse", "search"]

log = logging.getLogger(__name__)
REST_SECONDS = 30.0
MOST = 20
T = TypeVar("T")
DOCKS: dict[str, Callable[[str], "Geocoder"]] = {"photon": Photon, "nominatim": Nominatim}


class Geocoder(Protocol):
    """Anything that finds places by words and words for places. Failures raise OSError or ValueError."""

    name: str

    def search(self, text: str, *, limit: int) -> list[Hit]: ...

    def reverse(self, lat: float, lon: float) -> Hit | None: ...


class WithFallback:
    """A server outside; the gazetteer answers when it fails or finds nothing."""

    def __init__(self, first: Geocoder, then: Geocoder) -> None:
        self.name = f"{first.name}, then {then.name}"
        self.first, self.then = first, then
        self.rests_until = 0.0

    def search(self, text: str, *, limit: int) -> list[Hit]:
        found = self._try(lambda: self.first.search(text, limit=limit))
        return found or self.then.search(text, limit=limit)

    def reverse(self, lat: float, lon: float) -> Hit | None:
        return self._try(lambda: self.first.reverse(lat, lon)) or self.then.reverse(lat, lon)

    def _try(self, ask: Callable[[], T]) -> T | None:
        if time.monotonic() < self.rests_until:
            return None
        try:
            return ask()
        except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:  # down, or of another shape
            self.rests_until = time.monotonic() + REST_SECONDS
            log.warning("geocoder %s does not answer: %s", self.first.name, type(error).__name__)
            return None


def search(text: str, limit: int = 8) -> list[Hit]:
    """Places that fit what was typed, best first; only places in and around the city."""
    text = " ".join(text.replace("\x00", "").split())[:200]
    limit = max(1, min(limit, MOST))
    if len(text) < 2:
        return []
    return [hit for hit in geocoder().search(text, limit=limit) if _near_the_city(hit)][:limit]


def reverse(lat: float, lon: float) -> Hit | None:
    """The best words for a point, None where nothing is known. Impossible numbers raise BadInput."""
    lat, lon = checked(lat, lon)
    return geocoder().reverse(lat, lon)


def geocoder() -> Geocoder:
    return _made(settings.GEOCODER)


@lru_cache(maxsize=8)
def _made(choice: str) -> Geocoder:
    if not choice:
        return Gazetteer()
    kind, _, url = choice.partition(":")
    if kind not in DOCKS or not url.startswith(("http://", "https://")):
        known = " or ".join(f"{name}:https://…" for name in sorted(DOCKS))
        raise ImproperlyConfigured(f"STADTKERN_GEOCODER is not usable: say {known}, or leave it empty.")
    return WithFallback(DOCKS[kind](url.rstrip("/")), Gazetteer())


def _near_the_city(hit: Hit) -> bool:
    west, south, east, north = city().bbox
    return south - 0.05 <= hit.lat <= north + 0.05 and west - 0.08 <= hit.lon <= east + 0.08
