"""The built-in geocoder: places and addresses in our own table; word beginnings first, then likeness by trigrams."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import connection

from stadtkern.core.city import city
from stadtkern.places.domain import geometry, spelling
from stadtkern.places.domain.projection import checked, distance_m
from stadtkern.places.words import PlaceKind, Precision

AT_THE_DOOR_M = 40
IN_THE_STREET_M = 250
LIKE_ENOUGH = 0.45
CANDIDATES = 24
COLUMNS = "kind, name, street, house_number, postcode, lat, lon, precision"

BY_WORDS = f"""
select {COLUMNS} from places_place
where is_active and search_vector @@ %s::tsquery
order by kind = 'address', search not like %s, kind <> 'street',
  length(name || street || house_number), name, id limit %s
"""  # noqa: S608  a constant
BY_LIKENESS = f"""
select {COLUMNS} from (
  select *, (select count(*) from unnest(grams) g where g = any(%s)) as shared, cardinality(grams) as size
  from places_place where is_active and kind <> 'address' and grams && %s::varchar[]
) near
where shared >= %s
order by shared - 0.3 * abs(size - %s) desc, kind <> 'street', name, id limit %s
"""  # noqa: S608  a constant
NUMBERED = f"""
select {COLUMNS} from places_place
where is_active and kind = 'address' and street = any(%s) and house_number = %s order by id limit %s
"""  # noqa: S608  a constant
NEAREST = f"""
select {COLUMNS} from places_place where is_active
order by at <-> point(%s * 0.62, %s) limit %s
"""  # noqa: S608  a constant


@dataclass(frozen=True, slots=True)
class Hit:
    """A place found: what to show, where it is, how exact that is."""

    label: str
    lat: float
    lon: float
    kind: str
    precision: str = Precision.POINT.value
    postcode: str = ""
    name: str = ""


class Gazetteer:
    """The pack's own places and whatever an operator imported. Needs no network."""

    name = "gazetteer"

    def search(self, text: str, *, limit: int) -> list[Hit]:
        wish = spelling.understand(text, town=city().name)
        if not wish.words:
            return []
        hits = _hits(_rows(BY_WORDS, [_question(wish), f"{wish.words[0]}%", CANDIDATES]))
        if len(hits) < limit:
            hits += [hit for hit in _alike(wish) if hit not in hits]
        return _distinct(_with_number(hits, wish), limit)

    def reverse(self, lat: float, lon: float) -> Hit | None:
        label = address_near(lat, lon)
        return Hit(label, lat, lon, PlaceKind.ADDRESS.value) if label else None


def address_near(lat: float, lon: float) -> str:
    """The best words for a point: an address at the door, else the street or sight nearby, else the district."""
    lat, lon = checked(lat, lon)
    for metres, hit in nearest(lat, lon, limit=4):
        numbered = hit.kind == PlaceKind.ADDRESS
        if metres <= AT_THE_DOOR_M or (not numbered and metres <= IN_THE_STREET_M):
            return hit.label
        if numbered and metres <= IN_THE_STREET_M:
            return spelling.split_address(hit.label)[0]
    district = geometry.district_at(lat, lon)
    return f"{city().name}-{district.name}" if district and district.name != city().name else ""


def nearest(lat: float, lon: float, *, limit: int) -> list[tuple[float, Hit]]:
    """Places by true distance in metres; the index knows degrees only, so a few more are asked for."""
    rows = _rows(NEAREST, [lon, lat, limit * 4 + 8])
    found = [(distance_m(lat, lon, hit.lat, hit.lon), hit) for hit in _hits(rows)]
    return sorted(found, key=lambda pair: pair[0])[:limit]


def _question(wish: spelling.Wish) -> str:
    return " & ".join(f"'{word}':*" for word in wish.words)


def _alike(wish: spelling.Wish) -> list[Hit]:
    """Places whose trigrams overlap with what was typed, in spite of typing mistakes."""
    asked = spelling.grams(wish.text)
    if len(asked) < 3:
        return []
    least = max(2, round(len(asked) * LIKE_ENOUGH))
    return _hits(_rows(BY_LIKENESS, [asked, asked, least, len(asked), CANDIDATES]))


def _with_number(hits: list[Hit], wish: spelling.Wish) -> list[Hit]:
    """Known house numbers of the streets found; an unknown one keeps the street's point and says so."""
    if not wish.number:
        return hits
    streets = [hit for hit in hits if hit.kind == PlaceKind.STREET]
    names = list(dict.fromkeys(hit.name for hit in streets))
    known = _hits(_rows(NUMBERED, [names, wish.number, CANDIDATES])) if names else []
    labels = {hit.label for hit in known}
    rough = [_numbered(hit, wish.number) for hit in streets if f"{hit.name} {wish.number}" not in labels]
    others = [hit for hit in hits if hit.kind != PlaceKind.STREET]
    exact = [hit for hit in others if hit.label.casefold().endswith(f" {wish.number}")]
    return known + exact + rough + [hit for hit in others if hit not in exact]


def _numbered(hit: Hit, number: str) -> Hit:
    return Hit(f"{hit.name} {number}", hit.lat, hit.lon, PlaceKind.ADDRESS.value, Precision.STREET.value)


def _distinct(hits: Iterable[Hit], limit: int) -> list[Hit]:
    by_label: dict[str, Hit] = {}
    for hit in hits:
        by_label.setdefault(hit.label.casefold(), hit)
    return list(by_label.values())[:limit]


def _rows(sql: str, parameters: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


def _hits(rows: list[tuple[Any, ...]]) -> list[Hit]:
    return [_hit(row) for row in rows]


def _hit(row: tuple[Any, ...]) -> Hit:
    kind, name, street, number, postcode, lat, lon, precision = row
    address = f"{street} {number}".strip()
    label = address if kind in {PlaceKind.ADDRESS, PlaceKind.STREET} else name
    return Hit(label or address or name, lat, lon, kind, precision, postcode, name or street)
