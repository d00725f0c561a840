"""A Photon server (github.com/komoot/photon) as geocoder: GeoJSON answers of /api and /reverse."""

from typing import Any

from stadtkern.core.city import city
from stadtkern.places.domain.gazetteer import Hit
from stadtkern.places.domain.web_answers import get_json
from stadtkern.places.words import PlaceKind, Precision

KINDS = {"house": PlaceKind.ADDRESS, "street": PlaceKind.STREET}


class Photon:
    name = "photon"

    def __init__(self, url: str) -> None:
        self.url = url

    def search(self, text: str, *, limit: int) -> list[Hit]:
        lon, lat = city().center
        box = ",".join(str(side) for side in city().bbox)
        given = {"q": text, "limit": limit, "lat": lat, "lon": lon, "bbox": box, "lang": "de"}
        return _hits(get_json(f"{self.url}/api", given))

    def reverse(self, lat: float, lon: float) -> Hit | None:
        found = _hits(get_json(f"{self.url}/reverse", {"lat": lat, "lon": lon, "limit": 1, "lang": "de"}))
        return found[0] if found else None


def _hits(answer: Any) -> list[Hit]:
    return [hit for feature in answer["features"] if (hit := _hit(feature))]


def _hit(feature: dict[str, Any]) -> Hit | None:
    given = feature.get("properties", {})
    lon, lat = feature["geometry"]["coordinates"][:2]
    street = given.get("street") or (given.get("name", "") if given.get("type") == "street" else "")
    address = " ".join(part for part in (street, given.get("housenumber", "")) if part)
    label = given.get("name") if given.get("name") and given.get("type") not in {"house", "street"} else address
    label = label or address or given.get("name") or ""
    if not label:
        return None
    kind = KINDS.get(given.get("type", ""), PlaceKind.SIGHT)
    precision = Precision.STREET if kind == PlaceKind.STREET else Precision.POINT
    name = given.get("name") or street
    return Hit(label, float(lat), float(lon), kind.value, precision.value, given.get("postcode", ""), name)
