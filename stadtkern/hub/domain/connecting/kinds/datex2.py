"""Car parks in DATEX II: ParkingStatusPublication of versions 2 and 3, and the older parkingFacilityTableStatus.

Both versions use the same names of elements in other namespaces, so elements are found by their local names. The table
(names, places) may stand in the same document or under an address of its own.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from xml.etree.ElementTree import Element, ParseError  # types only; reading is defusedxml's

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stadtkern.hub.domain.connecting.addresses import HEADER_FIELDS, URL, headers_of
from stadtkern.hub.domain.connecting.documents import whole
from stadtkern.hub.domain.connecting.mapping import unit_of
from stadtkern.hub.domain.connecting.moments import zoned
from stadtkern.hub.domain.connecting.numbers import NoNumber, with_point
from stadtkern.hub.domain.connecting.port import (
    Batch,
    ConfigField,
    ConnectorKind,
    Fetching,
    Reading,
    Reject,
    SeriesFacts,
    SourceFault,
    ThingFacts,
)
from stadtkern.hub.words import ObservationType

STATUSES = ("parkingRecordStatus", "parkingFacilityStatus", "parkingAreaStatus")
RECORDS = ("parkingRecord", "parkingFacility", "parkingArea")
TIMES = ("parkingStatusOriginTime", "parkingFacilityStatusTime", "parkingAreaStatusTime")
OPEN = ("parkingSiteOpeningStatus", "openingStatus")
VACANT, TAKEN, ALL, SHARE, IS_OPEN = "vacant", "occupied", "spaces", "occupancy", "open"
NUMBERS = {
    VACANT: (
        "parkingNumberOfVacantSpaces",
        "totalNumberOfVacantParkingSpaces",
        "parkingAreaTotalNumberOfVacantParkingSpaces",
    ),
    TAKEN: ("parkingNumberOfOccupiedSpaces", "totalNumberOfOccupiedParkingSpaces", "parkingNumberOfVehicles"),
    ALL: ("parkingNumberOfSpacesOverride", "totalParkingCapacityOverride", "totalParkingCapacityShortTermOverride"),
}
LABELS = {
    VACANT: gettext_lazy("Freie Stellplätze"),
    TAKEN: gettext_lazy("Belegte Stellplätze"),
    ALL: gettext_lazy("Stellplätze"),
    SHARE: gettext_lazy("Belegung"),
    IS_OPEN: gettext_lazy("Geöffnet"),
}
COUNT = {"unit": "1", "unit_name": "Anzahl"}
PERCENT = {"unit": "%", "unit_name": "Prozent"}


def fetch(fetching: Fetching) -> Iterator[Batch]:
    """The figures of every car park in the publication."""
    document = _document(fetching, fetching.config["url"], conditional=not fetching.config.get("table_url"))
    if document is None:
        return
    places = _places(document)
    if table := fetching.config.get("table_url"):
        places |= _places(_document(fetching, table))
    published = zoned(_text(document, ("publicationTime",)))
    batch = Batch()
    for row, status in enumerate(_statuses(document), 1):
        batch.rows += 1
        _read(batch, row, status, places, published)
    if not batch.rows:
        raise SourceFault(_("Das Dokument enthält keinen Zustand von Parkplätzen."))
    yield batch


def _document(fetching: Fetching, url: str, *, conditional: bool = False) -> Element | None:
    headers = {"Accept": "application/xml"} | headers_of(fetching.config, url)
    answer = fetching.asking.get(url, headers=headers, conditional=conditional)
    if not answer.changed:
        return None
    try:
        root: Element = fromstring(whole(answer), forbid_dtd=True)
    except ParseError as error:
        raise SourceFault(_("Die Antwort ist kein lesbares XML: %(reason)s") % {"reason": error}) from error
    except DefusedXmlException as error:
        raise SourceFault(_("Die Antwort ist XML mit gefährlichen Teilen (DTD, Entitäten).")) from error
    return root


def _name(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _all(root: Element, names: Iterable[str]) -> Iterator[Element]:
    wanted = set(names)
    return (element for element in root.iter() if _name(element) in wanted)


def _text(root: Element, names: Iterable[str]) -> str:
    """The text of the first element of the first of these names that is there."""
    for name in names:
        for element in _all(root, [name]):
            if element.text and element.text.strip():
                return element.text.strip()
    return ""


def _statuses(root: Element) -> Iterator[Element]:
    """Elements with a reference inside: the older model uses the same name for a word within."""
    return (element for element in _all(root, STATUSES) if len(element) and _reference(element))


def _reference(status: Element) -> str:
    found = (element.get("id", "") for element in status if _name(element).endswith("Reference"))
    return next((id for id in found if id), "")


def _places(root: Element | None) -> dict[str, ThingFacts]:
    """Names, sizes and points of the table's records, by their ids."""
    if root is None:
        return {}
    return {record.get("id", ""): _facts(record) for record in _all(root, RECORDS) if record.get("id")}


def _facts(record: Element) -> ThingFacts:
    key = record.get("id", "")
    named = next(_all(record, ("parkingName", "parkingFacilityName", "parkingAreaName")), None)
    name = "" if named is None else (_text(named, ("value",)) or (named.text or "").strip())
    spaces = _text(record, ("parkingNumberOfSpaces", "totalParkingCapacity"))
    lon, lat = _float(_text(record, ("longitude",))), _float(_text(record, ("latitude",)))
    return ThingFacts(
        key=key, name=name or key, lon=lon, lat=lat, properties={"spaces": int(spaces)} if spaces.isdigit() else {}
    )


def _read(
    batch: Batch, row: int, status: Element, places: Mapping[str, ThingFacts], published: datetime | None
) -> None:
    key = _reference(status)
    at = zoned(_text(status, TIMES)) or published
    if at is None:
        batch.rejects.append(Reject(row, _("Zustand ohne Zeit"), key))
        return
    batch.things.append(replace(places[key], key=key) if key in places else ThingFacts(key=key, name=key))
    for name, value in _figures(status).items():
        batch.series.append(_series_facts(key, name))
        batch.readings.append(Reading(f"{key}/{name}", at, value, row))


def _figures(status: Element) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, names in NUMBERS.items():
        if (number := _float(_text(status, names))) is not None and number == int(number):
            found[name] = int(number)
    if (share := _share(status)) is not None:
        found[SHARE] = share
    words = _text(status, OPEN) or _open_word(status)
    if words in ("open", "closed"):
        found[IS_OPEN] = words == "open"
    return found


def _share(status: Element) -> float | None:
    """Percent. Version 2 and 3 tell percent in an element that has the name of its parent; the older model 0 to 1."""
    old = _float(_text(status, ("parkingFacilityOccupancy", "parkingAreaOccupancy")))
    if old is not None:
        return round(old * 100, 2)
    inner = [element for element in _all(status, ["parkingOccupancy"]) if not len(element)]
    return _float((inner[0].text or "").strip()) if inner else None


def _open_word(status: Element) -> str:
    """The older model: words of the same name as the element around them, possibly several."""
    words = [(element.text or "").strip() for element in status if _name(element) == "parkingFacilityStatus"]
    return next((word for word in words if word in ("open", "closed")), "")


def _series_facts(thing: str, name: str) -> SeriesFacts:
    kinds = {IS_OPEN: ObservationType.TRUTH, SHARE: ObservationType.MEASUREMENT}
    unit = {} if name == IS_OPEN else unit_of(PERCENT if name == SHARE else COUNT)
    return SeriesFacts(
        key=f"{thing}/{name}",
        thing=thing,
        name=str(LABELS[name]),
        property_name=str(LABELS[name]),
        sensor="DATEX II",
        unit=unit,
        observation_type=kinds.get(name, ObservationType.COUNT),
        low=None if name == IS_OPEN else 0,
    )


def _float(text: str) -> float | None:
    try:
        return with_point(text)
    except NoNumber:
        return None


DATEX2_PARKING = ConnectorKind(
    key="datex2-parking",
    label=gettext_lazy("Parkhäuser (DATEX II)"),
    explanation=gettext_lazy(
        "Freie Plätze, Belegung und Öffnung aus einer Veröffentlichung nach DATEX II, Version 2 oder 3."
    ),
    fields=(
        URL,
        *HEADER_FIELDS,
        ConfigField(
            key="table_url",
            label=gettext_lazy("Adresse der Stammdaten"),
            kind="url",
            help=gettext_lazy("Namen und Orte, wenn sie nicht im selben Dokument stehen."),
        ),
    ),
    fetch=fetch,
)
