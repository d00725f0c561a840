"""Under which licence values may be used, and whose name to say."""

from dataclasses import dataclass

from stadtkern.hub.domain.stations.listing import Station

NAMES = {
    "CC0-1.0": ("CC0 1.0", "https://creativecommons.org/publicdomain/zero/1.0/deed.de"),
    "CC-BY-4.0": ("CC BY 4.0", "https://creativecommons.org/licenses/by/4.0/deed.de"),
    "dl-de-by-2-0": ("Datenlizenz Deutschland – Namensnennung – 2.0", "https://www.govdata.de/dl-de/by-2-0"),
    "dl-de-zero-2-0": ("Datenlizenz Deutschland – Zero – 2.0", "https://www.govdata.de/dl-de/zero-2-0"),
}
USUAL = "dl-de-by-2-0"  # what the city's open data has when nothing is said


@dataclass(frozen=True, slots=True)
class Licence:
    """Its name and address (may be empty), and where the values come from."""

    name: str
    url: str
    source: str
    source_url: str


def licence_of(station: Station) -> Licence:
    """As the station's properties say (`licence`, `licence_url`, `source`, `source_url`)."""
    told = station.told
    key = str(told.get("licence") or USUAL)
    name, url = NAMES.get(key, (key, str(told.get("licence_url", ""))))
    source = str(told.get("source") or told.get("attribution") or "")
    address = str(told.get("source_url", ""))
    return Licence(name, url if url.startswith("http") else "", source, address if address.startswith("http") else "")
