"""The city pack: a folder of data that makes a Stadtkern a particular city's."""

import tomllib
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

PACKS = Path(__file__).resolve().parents[2] / "cities"


@dataclass(frozen=True)
class CityPack:
    """The facts of `city.toml`; everything else in the folder is read by the module it belongs to."""

    folder: Path
    key: str
    name: str
    country: str
    region: str
    timezone: str
    languages: tuple[str, ...]
    center: tuple[float, float]
    bbox: tuple[float, float, float, float]
    facts: dict[str, Any] = field(repr=False, hash=False)

    def read(self, name: str) -> dict[str, Any]:
        """One TOML file of the pack; an absent one is empty."""
        path = self.folder / name
        return _toml(path) if path.is_file() else {}

    def path(self, name: str) -> Path:
        return self.folder / name


def load_pack(folder: Path) -> CityPack:
    """Read and check city.toml; the error names the file and the field."""
    facts = _toml(folder / "city.toml")
    try:
        return CityPack(
            folder=folder,
            key=facts["key"],
            name=facts["name"],
            country=facts.get("country", "DE"),
            region=facts.get("subdivision", ""),
            timezone=facts.get("timezone", "Europe/Berlin"),
            languages=tuple(facts["languages"]),
            center=_numbers(facts["center"], 2),
            bbox=_numbers(facts["bbox"], 4),
            facts=facts,
        )
    except KeyError as error:
        raise ImproperlyConfigured(f"{folder / 'city.toml'}: {error.args[0]!r} is missing") from error


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ImproperlyConfigured(f"There is no {path}") from error
    except tomllib.TOMLDecodeError as error:
        raise ImproperlyConfigured(f"{path}: {error}") from error


def _numbers(values: Any, count: int) -> Any:
    if isinstance(values, dict):  # center = {lat = …, lon = …}
        values = [values["lon"], values["lat"]]
    if len(values) != count:
        raise ImproperlyConfigured(f"expected {count} numbers, got {values}")
    return tuple(float(value) for value in values)


@lru_cache
def _pack(choice: str) -> CityPack:
    folder = Path(choice) if "/" in choice else PACKS / choice
    return load_pack(folder)


def city() -> CityPack:
    """The pack of this installation (STADTKERN_CITY)."""
    return _pack(settings.CITY)
