"""`stadtkern new-city`: begin a city pack that can be started at once and is then made the city's own."""

import json
import re
import shutil
import tempfile
from pathlib import Path
from string import Template
from typing import Any

import shapely
from django.conf import settings
from rich.console import Console
from shapely.geometry import mapping, shape

SEED = Path(__file__).parent / "seed"
KEY = re.compile(r"[a-z][a-z0-9-]{1,39}")
console = Console(highlight=False, soft_wrap=True)


class BadOutline(ValueError):
    """The file of the boundary or of the districts cannot be used; the text says why."""


def new_city(key: str, *, name: str, boundary: Path, districts: Path | None = None, subdivision: str = "NW") -> int:
    """Write cities/<key>/ from an outline in GeoJSON (EPSG:4326); exit code 1 with a sentence when it cannot be."""
    target = Path(settings.ROOT) / "cities" / key
    if not KEY.fullmatch(key):
        return _refuse(f"{key!r} is no key: small letters, digits and hyphens, beginning with a letter.")
    if target.exists():
        return _refuse(f"{target} is there already.")
    try:
        with tempfile.TemporaryDirectory() as folder:
            pack = Path(folder) / key
            _write(pack, key=key, name=name, boundary=boundary, districts=districts, subdivision=subdivision)
            shutil.copytree(pack, target)
    except BadOutline as error:
        return _refuse(str(error))
    return _report(target)


def _refuse(sentence: str) -> int:
    console.print(sentence, markup=False)
    return 1


def _report(target: Path) -> int:
    from stadtkern.places.domain.packs import problems_of

    problems = problems_of(target)
    for problem in problems:
        console.print(f"  {problem}", markup=False)
    console.print(f"{target} can be started: STADTKERN_CITY={target.name} stadtkern up")
    console.print("Next: organisations, categories, contact and theme; `stadtkern doctor` checks the pack.")
    return 1 if problems else 0


def _write(pack: Path, *, key: str, name: str, boundary: Path, districts: Path | None, subdivision: str) -> None:
    whole = outline(boundary)
    pack.mkdir()
    west, south, east, north = whole.bounds
    middle = whole.representative_point()
    facts = {"key": key, "name": _plain(name), "subdivision": subdivision, "source": boundary.name}
    facts |= {"west": f"{west:.4f}", "south": f"{south:.4f}", "east": f"{east:.4f}", "north": f"{north:.4f}"}
    facts |= {"lat": f"{middle.y:.4f}", "lon": f"{middle.x:.4f}"}
    for seed in sorted(SEED.iterdir()):
        (pack / seed.name).write_text(Template(seed.read_text(encoding="utf-8")).safe_substitute(facts), "utf-8")
    _save(pack / "boundary.geojson", [_feature(whole, {"name": name})])
    _save(pack / "districts.geojson", _districts(districts, whole=whole, key=key, name=name))


def _plain(name: str) -> str:
    """A name that can stand between quotation marks in TOML."""
    if not name.strip() or any(sign in name for sign in '"\\\n'):
        raise BadOutline(f"{name!r} cannot be the city's name.")
    return name.strip()


def outline(path: Path) -> Any:
    """The one area of a GeoJSON file in degrees; several areas become one."""
    areas = [area for area, _ in _areas(path)]
    return shapely.union_all(areas)


def _areas(path: Path) -> list[tuple[Any, dict[str, Any]]]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        features = content["features"] if content.get("type") == "FeatureCollection" else [content]
        found = [(shape(row.get("geometry", row)), row.get("properties") or {}) for row in features]
    except (OSError, ValueError, KeyError, TypeError, AttributeError, shapely.errors.ShapelyError) as error:
        raise BadOutline(f"{path} is no GeoJSON file with areas: {error}") from error
    areas = [(shapely.make_valid(area), facts) for area, facts in found if area.geom_type.endswith("Polygon")]
    if not areas:
        raise BadOutline(f"{path} holds no area (Polygon or MultiPolygon).")
    west, south, east, north = shapely.union_all([area for area, _ in areas]).bounds
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
        raise BadOutline(f"{path} is not in degrees (EPSG:4326); convert it first, e.g. with ogr2ogr -t_srs EPSG:4326.")
    return areas


def _districts(path: Path | None, *, whole: Any, key: str, name: str) -> list[dict[str, Any]]:
    """Every area of the file with its name; without a file the whole city is one district."""
    if path is None:
        return [_feature(whole, {"key": key, "ref": 1, "name": name})]
    made = []
    for number, (area, facts) in enumerate(_areas(path), start=1):
        called = str(facts.get("name") or facts.get("NAME") or f"{name} {number}")
        made.append(_feature(area, {"key": _key_of(called, number), "ref": facts.get("ref", number), "name": called}))
    return made


def _key_of(name: str, number: int) -> str:
    plain = name.lower()
    for sign, letters in (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("ß", "ss")):
        plain = plain.replace(sign, letters)
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-") or f"district-{number}"


def _feature(area: Any, facts: dict[str, Any]) -> dict[str, Any]:
    return {"type": "Feature", "properties": facts, "geometry": mapping(shapely.set_precision(area, 1e-6))}


def _save(path: Path, features: list[dict[str, Any]]) -> None:
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False), "utf-8")
