"""A Nominatim server (nominatim.org) as geocoder: jsonv2 answers of /search and /reverse."""

from typing import Any

from stadtkern.core.city import city
from stadtkern.places.domain.gazetteer import Hit
from stadtkern.places.domain.web_answers import get_json
from stadtkern.places.words import PlaceKind, Precision

FORMAT = {"format": "jsonv2", "addressdetails": 1, "accept-language": "de"}


class Nominatim:
    name = "nominatim"

    def __init__(self, url: str) -> None:
        self.url = url

    def search(self, text: str, *, limit: int) -> list[Hit]:
        west, south, east, north = city().bbox
        box = {"viewbox": f"{west},{north},{east},{south}", "bounded": 1}
        answer = get_json(f"{self.url}/search", {"q": text, "limit": limit, **box, **FORMAT})
        return [hit for item in answer if (hit := _hit(item))]

    def reverse(self, lat: float, lon: float) -> Hit | None:
        answer = get_json(f"{self.url}/reverse", {"lat": lat, "lon": lon, "zoom": 18, **FORMAT})
        return None if "error" in answer else _hit(answer)


def _hit(item: dict[str, Any]) -> Hit | None:
    address = item.get("address", {})
    street = address.get("road") or address.get("pedestrian") or ""
    numbered = " ".join(part for part in (street, address.get("house_number", "")) if part)
    label = item.get("name") if item.get("name") and item.get("name") != street else numbered
    label = label or numbered or str(item.get("display_name", "")).split(",")[0]
    if not label:
        return None
    kind = _kind(item, address)
    precision = Precision.STREET if kind == PlaceKind.STREET else Precision.POINT
    name = item.get("name") or street
    lat, lon = float(item["lat"]), float(item["lon"])
    return Hit(label, lat, lon, kind.value, precision.value, address.get("postcode", ""), name)


def _kind(item: dict[str, Any], address: dict[str, Any]) -> PlaceKind:
    if item.get("category") == "highway":
        return PlaceKind.STREET
    return PlaceKind.ADDRESS if address.get("house_number") and not item.get("name") else PlaceKind.SIGHT
