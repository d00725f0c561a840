"""More places from files an operator has (imports.toml of the pack says how to read them). Nothing is fetched."""

import csv
import io
import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from stadtkern.core.city import CityPack, city
from stadtkern.core.problems import BadInput
from stadtkern.places.domain import gazetteer, geometry, loading, spelling
from stadtkern.places.domain.projection import from_crs
from stadtkern.places.models import District, Place

MOST_BYTES = 100_000_000
Row = dict[str, str]


@dataclass(frozen=True, slots=True)
class Reject:
    """A row that was not taken, and why."""

    line: int
    reason: str
    words: str


@dataclass
class Outcome:
    """What an import did or, dry, would do."""

    key: str
    rows: int = 0
    places: int = 0
    addresses: int = 0
    rejects: list[Reject] = field(default_factory=list)

    @property
    def reasons(self) -> Counter[str]:
        return Counter(reject.reason for reject in self.rejects)


def import_places(
    folder: Path, *, only: str = "", dry_run: bool = False, pack: CityPack | None = None
) -> list[Outcome]:
    """Run the pack's imports over the files below `folder`; a second run corrects, never doubles."""
    chosen = pack or city()
    plans = [plan for plan in chosen.read("imports.toml").get("import", []) if only in {"", plan["key"]}]
    if not plans:
        raise BadInput(_("Diese Einfuhr kennt das Stadtpaket nicht."), fields={"only": only})
    return [_import_one(folder, plan, dry_run=dry_run) for plan in plans]


def _import_one(folder: Path, plan: dict[str, Any], *, dry_run: bool) -> Outcome:
    outcome = Outcome(plan["key"])
    found = {place.key: place for place in _places(_rows(folder, plan), plan, outcome)}
    if not dry_run:
        with transaction.atomic():
            loading.write(list(found.values()))
            gone = Place.objects.filter(origin=f"import:{plan['key']}").exclude(key__in=found)
            gone.update(is_active=False)
    return outcome


def _rows(folder: Path, plan: dict[str, Any]) -> Iterator[tuple[int, Row]]:
    """Line number and row of the file, decoded by the first encoding that fits."""
    path = folder / plan["file"]
    if not path.is_file():
        raise BadInput(_("Die Datei %(name)s fehlt.") % {"name": plan["file"]}, fields={"file": plan["file"]})
    if path.stat().st_size > MOST_BYTES:
        raise BadInput(_("Die Datei %(name)s ist zu groß.") % {"name": plan["file"]}, fields={"file": plan["file"]})
    text = _decode(path.read_bytes(), plan)
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=plan["delimiter"])
    _check_columns(reader.fieldnames or [], plan)
    for row in reader:
        yield reader.line_num, {name: (value or "").strip() for name, value in row.items() if isinstance(name, str)}


def _decode(body: bytes, plan: dict[str, Any]) -> str:
    for encoding in plan["encoding"]:
        try:
            return body.decode(encoding)
        except UnicodeDecodeError:
            continue
    tried = ", ".join(plan["encoding"])
    raise BadInput(_("Keine der Kodierungen passt: %(tried)s.") % {"tried": tried}, fields={"encoding": tried})


def _check_columns(names: Any, plan: dict[str, Any]) -> None:
    if missing := [column for column in plan["columns"].values() if column not in names]:
        listed = ", ".join(missing)
        raise BadInput(_("In der Datei fehlen Spalten: %(listed)s.") % {"listed": listed}, fields={"columns": listed})


def _places(rows: Iterator[tuple[int, Row]], plan: dict[str, Any], outcome: Outcome) -> Iterator[Place]:
    outlines = geometry.ground().districts
    districts = {row.key: row for row in District.objects.all()}
    seen: set[str] = set()
    for line, row in rows:
        outcome.rows += 1
        try:
            fields = _fields(row, plan)
            if fields["key"] in seen:
                raise ValueError("doubled")
        except ValueError as error:
            outcome.rejects.append(Reject(line, str(error), " ".join(row.values())[:120]))
            continue
        seen.add(fields["key"])
        outcome.places += 1
        yield loading.place_from(fields, origin=f"import:{plan['key']}", districts=districts, outlines=outlines)
        if plan.get("addresses") and fields["house_number"]:
            for address in _addresses(fields, seen):
                outcome.addresses += 1
                yield loading.place_from(
                    address, origin=f"import:{plan['key']}", districts=districts, outlines=outlines
                )


def _fields(row: Row, plan: dict[str, Any]) -> dict[str, Any]:
    """A row as fields of a place; ValueError names the reason it cannot be one."""
    columns = plan["columns"]

    def get(name: str) -> str:
        return row.get(columns.get(name, ""), "").replace("\x00", "")

    name = " ".join((plan.get("texts", {}).get("name", "{" + columns["name"] + "}")).format_map(row).split())[:200]
    if not get("name"):
        raise ValueError("no name")
    street, number = spelling.split_address(get("address"))
    lat, lon = _point(row, plan, get("address"))
    return {
        "key": f"{plan['key']}:{get('id') or spelling.fold(name)[:60]}"[:120],
        "kind": plan["kind"],
        "name": name,
        "street": street[:120],
        "house_number": number,
        "postcode": get("postcode_town")[:5] if get("postcode_town")[:5].isdigit() else "",
        "category": get("category")[:120],
        "lat": lat,
        "lon": lon,
        "precision": "point" if plan["crs"] != "none" else "street",
        "source": plan["address"],
        "licence": plan["licence"],
    }


def _point(row: Row, plan: dict[str, Any], address: str) -> tuple[float, float]:
    if plan["crs"] == "none":
        return _point_of(address)
    try:
        x, y = (float(row[plan["columns"][axis]].replace(",", ".")) for axis in ("x", "y"))
    except ValueError as error:
        raise ValueError("no coordinates") from error
    if not (math.isfinite(x) and math.isfinite(y)):
        raise ValueError("no coordinates")
    try:
        lat, lon = from_crs(plan["crs"], x, y)
    except BadInput as error:
        raise ValueError("no place on earth") from error
    if not geometry.locate(lat, lon, with_address=False).inside:
        raise ValueError("outside the city")
    return lat, lon


def _point_of(address: str) -> tuple[float, float]:
    """A file without coordinates: the gazetteer must know the address or at least its street."""
    if not address:
        raise ValueError("no address")
    street, _number = spelling.split_address(address)
    for hit in gazetteer.Gazetteer().search(address, limit=3):
        if spelling.fold(hit.name or hit.label).startswith(spelling.fold(street)):
            return hit.lat, hit.lon
    raise ValueError("address not known")


def _addresses(fields: dict[str, Any], seen: set[str]) -> Iterator[dict[str, Any]]:
    """The row's address as a place of its own, and its street, each once per file."""
    street, number = fields["street"], fields["house_number"]
    plan = fields["key"].partition(":")[0]
    base = {name: fields[name] for name in ("postcode", "lat", "lon", "source", "licence")}
    for kind, key, own in (
        ("address", f"{plan}:address:{spelling.fold(street)} {number} {fields['postcode']}", {"house_number": number}),
        (
            "street",
            f"{plan}:street:{spelling.fold(street)} {fields['postcode']}",
            {"name": street, "precision": "street"},
        ),
    ):
        if street and key not in seen:
            seen.add(key)
            yield base | {"kind": kind, "key": key[:120], "street": street} | own
