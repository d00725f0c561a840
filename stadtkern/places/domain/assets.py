"""Numbered things of the city (lamps, stops, containers): found by the number on their sign, or by being near.

The pack's `assets.toml` names the kinds; a kind may bring a file of points (GeoJSON, EPSG:4326, property `number`).
The points of `demo.toml` count in demo mode only. All of it stays in memory, once per process.
"""

import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import shapely
from django.conf import settings
from django.utils.translation import gettext as _

from stadtkern.core.city import city, load_pack
from stadtkern.core.languages import pick
from stadtkern.core.problems import BadInput

METRES_PER_DEGREE = 111_320.0
SPACE = re.compile(r"[\s\-_./:]+")


@dataclass(frozen=True)
class AssetKind:
    """One kind of numbered thing. `number` is the pattern of what stands on its sign.

    `question` is the code of the category's question that asks for the same number.
    """

    key: str
    name: dict[str, str] = field(hash=False)
    icon: str
    number: re.Pattern[str]
    example: str
    categories: tuple[str, ...]
    question: str = ""
    owner: str = ""  # key of the organisation things of this kind belong to, unless the register says otherwise

    @property
    def label(self) -> str:
        return pick(self.name)


@dataclass(frozen=True)
class Asset:
    """One thing with its number and its point. `id` is kept with a report and read by staff: "Laterne 4711"."""

    kind: AssetKind
    number: str
    lat: float
    lon: float
    address: str = ""
    owner: str = ""  # key of the organisation it belongs to, when the register says so

    @property
    def id(self) -> str:
        return named(self.kind, self.number)

    @property
    def label(self) -> str:
        return f"{self.kind.label} {self.number}"


@dataclass(frozen=True)
class Register:
    """All that is known of one city's things."""

    kinds: tuple[AssetKind, ...]
    things: tuple[Asset, ...]
    tree: shapely.STRtree


def register() -> Register:
    """The things of this installation's city."""
    return _register(city().folder, bool(settings.DEMO))


def named(kind: AssetKind, number: str) -> str:
    """The one way a number is written, whoever typed it."""
    return f"{pick(kind.name, 'de')} {number.strip().upper()}"


def kind_for(category: str) -> AssetKind | None:
    """The kind of thing that reports of this category are about."""
    return next((kind for kind in register().kinds if category in kind.categories), None)


def find(text: str, *, category: str = "") -> Asset | None:
    """The thing somebody means by "4711", "Laterne 4711" or "lamp-4711"; None when none or several would fit."""
    wanted = _plain(text)
    if not wanted:
        return None
    fits = [thing for thing in register().things if wanted in _names(thing)]
    if len(fits) > 1 and (kind := kind_for(category)):
        fits = [thing for thing in fits if thing.kind == kind]
    return fits[0] if len(fits) == 1 else None


def kind_and_owner(id: str, *, category: str = "") -> tuple[str, str]:
    """Key of the kind and of the owning organisation of a thing as a report keeps it; "" for what is not known."""
    if thing := find(id, category=category):
        return thing.kind.key, thing.owner
    for kind in register().kinds:
        if id.casefold().startswith(f"{pick(kind.name, 'de').casefold()} "):
            return kind.key, kind.owner
    return "", ""


def identify(text: str, *, category: str = "") -> str:
    """What to keep of a typed number. BadInput when things of this category carry numbers of another form."""
    if thing := find(text, category=category):
        return thing.id
    kind = kind_for(category)
    if kind is None or not text.strip():
        return text.strip()
    number = _without_name(kind, text.strip())
    if not kind.number.fullmatch(number):
        fault = _("So sehen diese Nummern nicht aus. Zum Beispiel: %(example)s. Sie können das Feld auch leer lassen.")
        raise BadInput(fields={"asset": fault % {"example": kind.example}})
    return named(kind, number)


def number_in(text: str, kind: AssetKind) -> str:
    """The bare number of "Laterne 4711" or of a known thing; "" when it does not look like one of this kind."""
    thing = find(text)
    number = thing.number if thing else _without_name(kind, text.strip())
    return number if kind.number.fullmatch(number) else ""


def near(lat: float, lon: float, *, radius_m: float = 150, most: int = 6) -> list[tuple[Asset, int]]:
    """The nearest things with their distance in metres; on a plane, which is exact enough for a street."""
    here = register()
    squeeze = max(0.01, math.cos(math.radians(lat)))
    high = radius_m / METRES_PER_DEGREE
    wide = high / squeeze
    inside = here.tree.query(shapely.box(lon - wide, lat - high, lon + wide, lat + high))
    things = [here.things[index] for index in inside]
    measured = [
        (one, round(math.hypot(one.lat - lat, (one.lon - lon) * squeeze) * METRES_PER_DEGREE)) for one in things
    ]
    return sorted((pair for pair in measured if pair[1] <= radius_m), key=lambda pair: pair[1])[:most]


def _without_name(kind: AssetKind, text: str) -> str:
    for name in kind.name.values():
        if text.casefold().startswith(name.casefold()):
            return text[len(name) :].strip() or text
    return text


def _names(thing: Asset) -> set[str]:
    number = _plain(thing.number)
    words = {_plain(name) for name in (*thing.kind.name.values(), thing.kind.key)}
    return {number, *(word + number for word in words)}


def _plain(text: str) -> str:
    return SPACE.sub("", text).casefold()


@lru_cache(maxsize=4)
def _register(folder: Path, demo: bool) -> Register:
    pack = load_pack(folder)
    rows = pack.read("assets.toml").get("kind", [])
    kinds = {row["key"]: _kind(row) for row in rows}
    things = [thing for row in rows if row.get("file") for thing in _points(folder / row["file"], kinds[row["key"]])]
    if demo:
        things += [_demo(row, kinds) for row in pack.read("demo.toml").get("asset", [])]
    tree = shapely.STRtree([shapely.Point(thing.lon, thing.lat) for thing in things])
    return Register(tuple(kinds.values()), tuple(things), tree)


def _kind(row: dict[str, Any]) -> AssetKind:
    return AssetKind(
        key=row["key"],
        name=row["name"],
        icon=row.get("icon", "pin"),
        number=re.compile(row["number"]),
        example=row["example"],
        categories=tuple(row.get("categories", ())),
        question=row.get("question", ""),
        owner=row.get("owner", ""),
    )


def _points(path: Path, kind: AssetKind) -> Iterator[Asset]:
    for feature in json.loads(path.read_text(encoding="utf-8"))["features"]:
        lon, lat = feature["geometry"]["coordinates"][:2]
        given = feature["properties"]
        address, owner = str(given.get("address") or ""), str(given.get("owner") or kind.owner)
        yield Asset(kind, str(given["number"]), float(lat), float(lon), address, owner)


def _demo(row: dict[str, Any], kinds: dict[str, AssetKind]) -> Asset:
    kind, address = kinds[row["kind"]], row.get("address", "")
    owner = row.get("owner", kind.owner)
    return Asset(kind, str(row["number"]), float(row["lat"]), float(row["lon"]), address, owner)
