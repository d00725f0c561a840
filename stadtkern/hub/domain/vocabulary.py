"""The city's words for what is measured and where: quantities and kinds of stations, from the pack.

Whatever brings the data (a connector, the API, the demo), pages find the words by the definition or the name of the
observed property. What the pack does not know keeps the name it has.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from stadtkern.core.city import CityPack, city
from stadtkern.core.languages import Words

LAST = 1_000  # the order of what the pack does not know


@dataclass(frozen=True, slots=True)
class Quantity:
    """Something that is measured. `unit` is shown to people, `ucum` is its code; `place`: the order on pages."""

    key: str
    words: Words = field(hash=False)
    icon: str
    family: str
    unit: str
    ucum: str
    decimals: int
    definitions: tuple[str, ...]
    names: tuple[str, ...]
    place: int


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of station. `needs`: the quantity that makes a thing one of this kind when it does not say so itself.

    `is_cared_for`: people may adopt it and water it.
    """

    key: str
    words: Words = field(hash=False)
    words_of_many: Words = field(hash=False)
    icon: str
    sensor: str
    owner: str
    needs: str
    is_cared_for: bool
    place: int


@dataclass(frozen=True)
class Vocabulary:
    """Everything the pack says, ready to be looked up. `stations`: rows of the pack by the key of the station."""

    quantities: Mapping[str, Quantity]
    kinds: Mapping[str, Kind]
    stations: Mapping[str, Mapping[str, Any]]
    by_definition: Mapping[str, Quantity]
    by_name: Mapping[str, Quantity]


def vocabulary(pack: CityPack | None = None) -> Vocabulary:
    return _read((pack or city()).folder)


def quantity_of(definition: str, *names: str) -> Quantity | None:
    """By the definition, else by the first name that is known; None when the pack has no word for it."""
    known = vocabulary()
    if found := known.by_definition.get(_plain(definition)):
        return found
    return next((found for name in names if (found := known.by_name.get(name.casefold().strip()))), None)


def told_of(source_key: str, properties: Mapping[str, Any]) -> Mapping[str, Any]:
    """What is known of a station: its own properties, and what the pack says of a station of this key."""
    return {**vocabulary().stations.get(source_key, {}), **properties}


def kind_of(properties: Mapping[str, Any], measured: Iterable[str]) -> Kind | None:
    """What a thing is: as its properties say, else as what is measured at it makes it."""
    kinds = vocabulary().kinds
    if found := kinds.get(str(properties.get("kind", ""))):
        return found
    keys = set(measured)
    return next((kind for kind in kinds.values() if kind.needs in keys), None)


@lru_cache(4)
def _read(folder: Path) -> Vocabulary:
    from stadtkern.core.city import load_pack

    pack = load_pack(folder)
    quantities = [_quantity(row, place) for place, row in enumerate(_rows(pack, "quantities", "quantity"))]
    kinds = [_kind(row, place) for place, row in enumerate(_rows(pack, "stations", "kind"))]
    return Vocabulary(
        quantities={one.key: one for one in quantities},
        kinds={one.key: one for one in kinds},
        stations={row["key"]: row for row in _rows(pack, "stations", "station")},
        by_definition={_plain(text): one for one in reversed(quantities) for text in one.definitions},
        by_name={name.casefold(): one for one in reversed(quantities) for name in (*one.names, one.words["de"])},
    )


def _rows(pack: CityPack, file: str, name: str) -> Sequence[Mapping[str, Any]]:
    return pack.read(f"hub/words/{file}.toml").get(name, [])  # type: ignore[no-any-return]


def _quantity(row: Mapping[str, Any], place: int) -> Quantity:
    return Quantity(
        key=row["key"],
        words=row["name"],
        icon=row.get("icon", "chart"),
        family=row.get("family", ""),
        unit=row.get("unit", ""),
        ucum=row.get("ucum", ""),
        decimals=row.get("decimals", 1),
        definitions=tuple(row.get("definitions", ())),
        names=tuple(row.get("names", ())),
        place=place,
    )


def _kind(row: Mapping[str, Any], place: int) -> Kind:
    return Kind(
        key=row["key"],
        words=row["name"],
        words_of_many=row.get("names", row["name"]),
        icon=row.get("icon", "pin"),
        sensor=row.get("sensor", ""),
        owner=row.get("owner", ""),
        needs=row.get("needs", ""),
        is_cared_for=row.get("cared_for", False),
        place=place,
    )


def _plain(definition: str) -> str:
    """Definitions are the same with http and https, with and without a slash at the end."""
    return definition.strip().removeprefix("https:").removeprefix("http:").rstrip("/")
