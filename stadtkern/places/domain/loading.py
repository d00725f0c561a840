"""The pack's share of places: districts and gazetteer. Loading again changes only what the pack changed."""

from typing import Any

from django.db import transaction

from stadtkern.core.city import CityPack
from stadtkern.places.domain import geometry, spelling
from stadtkern.places.models import District, Place
from stadtkern.places.words import PlaceKind

OF_THE_PACK = "pack"
FIELDS = ("kind", "name", "street", "house_number", "postcode", "category", "lat", "lon", "district_id",
          "precision", "origin", "source", "licence", "search", "grams", "is_active")  # fmt: skip
BATCH = 500


@transaction.atomic
def load(pack: CityPack, demo: bool) -> str:
    """Districts first, then places; what is gone from the pack is switched off, never deleted."""
    outlines = geometry.read_districts(pack.folder)
    districts = {outline.key: _district(outline) for outline in outlines}
    District.objects.exclude(key__in=districts).update(is_active=False)
    rows = pack.read("gazetteer.toml").get("place", [])
    places = [place_from(row, origin=OF_THE_PACK, districts=districts, outlines=outlines) for row in rows]
    write(places)
    Place.objects.filter(origin=OF_THE_PACK).exclude(key__in=[place.key for place in places]).update(is_active=False)
    return f"{len(outlines)} districts, {len(places)} places"


def write(places: list[Place]) -> None:
    """Insert or correct places by key."""
    Place.objects.bulk_create(
        places, batch_size=BATCH, update_conflicts=True, unique_fields=["key"], update_fields=FIELDS
    )


def place_from(
    row: dict[str, Any],
    *,
    origin: str,
    districts: dict[str, District],
    outlines: tuple[geometry.Outline, ...],
) -> Place:
    """A row of the pack or of an import as a Place, with its district and its words for the search."""
    from shapely.geometry import Point

    lat, lon = float(row["lat"]), float(row["lon"])
    home = next((outline.key for outline in outlines if outline.shape.covers(Point(lon, lat))), "")
    words = [row.get("name", ""), row.get("street", ""), *row.get("aliases", [])]
    number = row.get("house_number", "")
    named = row["kind"] != PlaceKind.ADDRESS
    return Place(
        key=row["key"],
        kind=row["kind"],
        name=row.get("name", ""),
        street=row.get("street", ""),
        house_number=number,
        postcode=row.get("postcode", ""),
        category=row.get("category", ""),
        lat=lat,
        lon=lon,
        district=districts.get(home),
        precision=row.get("precision", "point"),
        origin=origin,
        source=row.get("source", ""),
        licence=row.get("licence", ""),
        search=f"{spelling.all_words(*words)} {spelling.house_number(number)}".strip(),
        grams=spelling.grams(" ".join([row.get("name", ""), *row.get("aliases", [])])) if named else [],
    )


def _district(outline: geometry.Outline) -> District:
    west, south, east, north = outline.shape.bounds
    given = {
        "name": outline.name,
        "ref": outline.ref,
        "geometry": outline.geometry,
        "min_lon": west,
        "min_lat": south,
        "max_lon": east,
        "max_lat": north,
        "area_km2": round(geometry.metric(outline.shape).area / 1e6, 2),
        "population": outline.population,
        "is_active": True,
    }
    district, _made = District.objects.update_or_create(key=outline.key, defaults=given)
    return district
