"""An address once, everything answers: what every module knows about one point."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from stadtkern.core.city import city
from stadtkern.core.parts import NearHit, NearMe, near_me
from stadtkern.core.problems import BadInput, Problem

log = logging.getLogger(__name__)
MOST = 4


@dataclass(frozen=True)
class Answer:
    """What one module says about the point, nearest first."""

    key: str
    label: Any
    hits: Sequence[NearHit]


@dataclass(frozen=True)
class Spot:
    """A point with the words a person would use for it."""

    lat: float
    lon: float
    label: str


def answers_for(lat: float, lon: float) -> list[Answer]:
    """Every module's answer; one that fails is left out and logged, the others still count."""
    parts = sorted(near_me, key=lambda part: (part.order, part.key))
    answers = (_ask(part, lat, lon) for part in parts)
    return [answer for answer in answers if answer.hits]


def _ask(part: NearMe, lat: float, lon: float) -> Answer:
    try:
        hits = list(part.answer(lat, lon))[:MOST]
    except Problem:
        hits = []
    except Exception:
        log.exception("near me: %s failed", part.key)
        hits = []
    return Answer(part.key, part.label, hits)


def spot_at(lat: str, lon: str) -> tuple[float, float]:
    """Two numbers from an address line, inside the surroundings of the city, or BadInput."""
    try:
        here = float(lat), float(lon)
    except ValueError as error:
        raise BadInput(_("Der Ort ist keine Zahl."), fields={"lat": _("Der Ort ist keine Zahl.")}) from error
    west, south, east, north = city().bbox
    if not (south - 0.2 <= here[0] <= north + 0.2 and west - 0.3 <= here[1] <= east + 0.3):
        outside = _("Dieser Ort liegt nicht in %(city)s.") % {"city": city().name}
        raise BadInput(outside, fields={"lat": outside})
    return here


def find_spot(text: str) -> Spot | None:
    """The best place for a written address, or None when nobody knows it."""
    from stadtkern.places.domain import geocoding

    for hit in geocoding.search(text.strip()[:200], limit=1):
        return Spot(hit.lat, hit.lon, hit.label)
    return None
