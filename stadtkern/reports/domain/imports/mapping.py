"""The mapping: which column is what (format: cities/README.md, mappings/*.toml)."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.utils.translation import gettext as _

from stadtkern.core.problems import BadInput
from stadtkern.reports.words import Status

FORMATS = ("csv", "geojson")
KNOWN = {"filed_at", "closed_at", "category", "address", "lat", "lon", "text", "status", "external_id"}


@dataclass(frozen=True, kw_only=True)
class ImportMapping:
    """How the rows of a file become reports."""

    key: str
    format: str = "csv"
    encodings: tuple[str, ...] = ("utf-8-sig",)
    delimiter: str = ","
    columns: Mapping[str, str]
    categories: Mapping[str, str] = field(default_factory=dict)
    statuses: Mapping[str, str] = field(default_factory=dict)
    time_format: str = "iso"
    zone: ZoneInfo
    defaults: Mapping[str, Any] = field(default_factory=dict)
    identity: tuple[str, ...] = ()
    repeat: tuple[str, ...] = ()
    repeat_days: int = 0


def read_mapping(path: Path) -> ImportMapping:
    """Read and check a mapping file; BadInput names what is wrong in it."""
    try:
        return mapping_from(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadInput(_("%(file)s ist nicht lesbar: %(reason)s") % {"file": path.name, "reason": error}) from error


def mapping_from(given: Mapping[str, Any]) -> ImportMapping:
    faults: dict[str, str] = {}
    columns = given.get("columns", {})
    if strange := set(columns) - KNOWN:
        faults["columns"] = _("Unbekannte Felder: %(names)s") % {"names": ", ".join(sorted(strange))}
    for name in ("filed_at", "category"):
        if name not in columns and name not in given.get("defaults", {}):
            faults[f"columns.{name}"] = _("Dieses Feld muss es geben.")
    if given.get("format", "csv") not in FORMATS:
        faults["format"] = _("Bekannt sind: %(names)s") % {"names": ", ".join(FORMATS)}
    if (status := given.get("defaults", {}).get("status", "received")) not in set(Status):
        faults["defaults.status"] = _("Diesen Status gibt es nicht: %(status)s") % {"status": status}
    zone = _zone(given.get("time", {}).get("timezone", "Europe/Berlin"), faults)
    if "key" not in given:
        faults["key"] = _("Dieses Feld muss es geben.")
    if faults:
        raise BadInput(_("Die Zuordnung ist nicht brauchbar."), fields=faults)
    identity = given.get("identity", {})
    return ImportMapping(
        key=given["key"],
        format=given.get("format", "csv"),
        encodings=tuple(_listed(given.get("encoding", "utf-8-sig"))),
        delimiter=given.get("delimiter", ","),
        columns=columns,
        categories=given.get("categories", {}),
        statuses=given.get("statuses", {}),
        time_format=given.get("time", {}).get("format", "iso"),
        zone=zone or ZoneInfo("UTC"),
        defaults=given.get("defaults", {}),
        identity=tuple(identity.get("fields", ())),
        repeat=tuple(identity.get("repeat", ())),
        repeat_days=int(identity.get("repeat_days", 0)),
    )


def _zone(name: str, faults: dict[str, str]) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        faults["time.timezone"] = _("Diese Zeitzone gibt es nicht: %(name)s") % {"name": name}
        return None


def _listed(value: Any) -> list[str]:
    return list(value) if isinstance(value, list | tuple) else [value]
