"""What the places' pages, layers and answers ask of the tables; each a bounded number of rows in one query."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from stadtkern.core.problems import NotFound
from stadtkern.places.domain import gazetteer
from stadtkern.places.models import District, Place
from stadtkern.places.words import PlaceKind

SHOWN = frozenset(PlaceKind) - {PlaceKind.ADDRESS, PlaceKind.STREET}
MOST_ON_MAP = 1_000
MOST_IN_LIST = 100
NEAR_M = 2_000


@dataclass(frozen=True, slots=True)
class Near:
    """A place and how far away it is."""

    name: str
    kind: str
    metres: int


def districts() -> list[District]:
    return list(District.objects.filter(is_active=True))


def district(key: str) -> District:
    found = District.objects.filter(key=key, is_active=True).first()
    if found is None:
        raise NotFound()
    return found


def named_places(
    *, kind: str = "", district_key: str = "", bbox: tuple[float, float, float, float] | None = None
) -> QuerySet[Place]:
    """Places people look for (no bare addresses), by name."""
    wanted = Q(is_active=True, kind__in=[kind] if kind in SHOWN else sorted(SHOWN))
    if district_key:
        wanted &= Q(district__key=district_key)
    if bbox:
        west, south, east, north = bbox
        wanted &= Q(lon__gte=west, lon__lte=east, lat__gte=south, lat__lte=north)
    return Place.objects.filter(wanted).select_related("district").defer("grams", "search").order_by("name", "id")


def page_of_places(*, kind: str, district_key: str, after: str) -> tuple[list[Place], str]:
    """One page of the list and the name after which the next begins ("" at the end)."""
    name, _, number = after.rpartition("~")
    rows = named_places(kind=kind, district_key=district_key)
    if name and number.isdigit() and len(number) < 19:
        rows = rows.filter(Q(name__gt=name) | Q(name=name, id__gt=int(number)))
    found = list(rows[: MOST_IN_LIST + 1])
    page = found[:MOST_IN_LIST]
    return page, f"{page[-1].name}~{page[-1].pk}" if len(found) > MOST_IN_LIST else ""


def near(lat: float, lon: float, *, limit: int = 4) -> Sequence[Near]:
    """Sights, parks, playgrounds and the like around a point, nearest first."""
    found = gazetteer.nearest(lat, lon, limit=60)
    return [
        Near(hit.name or hit.label, hit.kind, round(metres))
        for metres, hit in found
        if hit.kind in SHOWN and metres <= NEAR_M
    ][:limit]


def feature_of(place: Place) -> dict[str, Any]:
    """A place as GeoJSON, with the properties the map's marks show."""
    from stadtkern.places.words import icon_of

    address = " ".join(part for part in (place.street, place.house_number) if part)
    return {
        "type": "Feature",
        "id": place.key,
        "geometry": {"type": "Point", "coordinates": [place.lon, place.lat]},
        "properties": {
            "title": place.name,
            "text": address,
            "state": str(PlaceKind(place.kind).label),
            "icon": icon_of(place.kind),
            "kind": place.kind,
            "district": place.district.key if place.district else "",
            "precision": place.precision,
            "licence": place.licence,
        },
    }
