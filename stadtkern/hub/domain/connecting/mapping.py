"""Which part of a row is what: the mapping that CSV, sheets and JSON share.

A row is read through expressions: a column's name in a table, a JMESPath expression in JSON.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stadtkern.hub.domain.connecting.moments import zone_named
from stadtkern.hub.domain.connecting.numbers import COMMA, POINT
from stadtkern.hub.domain.connecting.port import ConfigField
from stadtkern.hub.words import ObservationType

WIDE, LONG = "wide", "long"
TESTS = ("is", "is not", "contains", "above", "below", "filled")
TYPES = {
    "number": ObservationType.MEASUREMENT,
    "count": ObservationType.COUNT,
    "text": ObservationType.CATEGORY,
    "flag": ObservationType.TRUTH,
}
TRUE, FALSE = {"1", "true", "ja", "yes", "wahr", "an", "on"}, {"0", "false", "nein", "no", "falsch", "aus", "off"}
AUTO = "auto"


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueSpec:
    """One column of values (wide), or one name in the column of names (long)."""

    source: str
    key: str
    name: str
    definition: str = ""
    unit: Mapping[str, str] = field(default_factory=dict)
    kind: str = "number"
    factor: float = 1.0
    low: float | None = None
    high: float | None = None
    missing: frozenset[str] = frozenset()
    properties: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """Rows are kept when every condition holds."""

    source: str
    test: str
    value: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RowMapping:
    """Everything that turns rows into readings. `thing_pattern`: the thing's key is a part of the file's name."""

    time: tuple[str, ...]
    time_format: str = AUTO
    time_zone: str = ""
    decimal: str = AUTO
    layout: str = WIDE
    values: Sequence[ValueSpec] = ()
    series: str = ""
    value: str = ""
    thing_key: str = ""
    thing_name: str = ""
    thing_pattern: str = ""
    lon: str = ""
    lat: str = ""
    sensor: str = ""
    interval_seconds: int | None = None
    things: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    conditions: Sequence[Condition] = ()

    @classmethod
    def of(cls, config: Mapping[str, Any]) -> "RowMapping":
        """From settings that `faults_of` finds nothing in."""
        return cls(
            time=tuple(part for part in (config["time"], config.get("time_2", "")) if part),
            time_format=config.get("time_format") or AUTO,
            time_zone=config.get("time_zone", ""),
            decimal=config.get("decimal") or AUTO,
            layout=config.get("layout") or WIDE,
            values=tuple(_value(one) for one in config.get("values") or ()),
            interval_seconds=int(config["interval_seconds"]) if config.get("interval_seconds") else None,
            things={str(one["key"]): one for one in config.get("things") or ()},
            conditions=tuple(Condition(**one) for one in config.get("conditions") or ()),
            **{name: config.get(name, "") for name in PLAIN},
        )


PLAIN = ("series", "value", "thing_key", "thing_name", "thing_pattern", "lon", "lat", "sensor")


def _value(given: Mapping[str, Any]) -> ValueSpec:
    source = str(given["source"])
    return ValueSpec(
        source=source,
        key=str(given.get("key") or source),
        name=str(given.get("name") or source),
        definition=str(given.get("definition", "")),
        unit=unit_of(given),
        kind=str(given.get("type") or "number"),
        factor=float(given.get("factor") or 1),
        low=_maybe(given.get("low")),
        high=_maybe(given.get("high")),
        missing=frozenset(map(str, given.get("missing") or ())),
        properties=dict(given.get("properties") or {}),
    )


def unit_of(given: Mapping[str, Any]) -> dict[str, str]:
    """{name, symbol, definition} of `unit` (a symbol in UCUM) and `unit_name`."""
    symbol = str(given.get("unit", ""))
    return {
        "name": str(given.get("unit_name") or symbol),
        "symbol": symbol,
        "definition": f"https://ucum.org/ucum#{symbol}" if symbol else "",
    }


def _maybe(value: Any) -> float | None:
    return None if value in (None, "") else float(value)


def faults_of(config: Mapping[str, Any]) -> dict[str, str]:
    """What is wrong in the settings of a mapping, by the setting's name."""
    faults = {}
    if not config.get("values"):
        faults["values"] = _("Wählen Sie mindestens einen Messwert aus.")
    if config.get("layout") == LONG and not (config.get("series") and config.get("value")):
        faults["series"] = _("Die lange Form braucht die Spalte mit den Namen und die mit den Werten.")
    for name, check in (("time_zone", _zone), ("thing_pattern", _pattern), ("values", _values), ("things", _things)):
        if name not in faults and (words := check(config.get(name))):
            faults[name] = words
    strange = [one.get("test") for one in config.get("conditions") or () if one.get("test") not in TESTS]
    if strange:
        faults["conditions"] = _("Diese Bedingung gibt es nicht: %(name)s") % {"name": strange[0]}
    return faults


def _zone(name: Any) -> str:
    try:
        zone_named(name or "UTC")
    except ValueError as error:
        return str(error)
    return ""


def _pattern(pattern: Any) -> str:
    try:
        groups = re.compile(pattern or "(?P<thing>)").groupindex
    except re.error as error:
        return _("Das Muster ist nicht lesbar: %(reason)s") % {"reason": error}
    return "" if "thing" in groups else _("Das Muster braucht eine Gruppe (?P<thing>…).")


def _values(values: Any) -> str:
    keys: set[str] = set()
    for one in values or ():
        key = str(one.get("key") or one.get("source", ""))
        if not one.get("source") or key in keys:
            return _("Jeder Messwert braucht eine eigene Spalte und einen eigenen Schlüssel.")
        if (one.get("type") or "number") not in TYPES:
            return _("Diese Art von Wert gibt es nicht: %(name)s") % {"name": one["type"]}
        keys.add(key)
        try:
            _value(one)
        except (TypeError, ValueError):
            return _("Faktor und Grenzen von „%(name)s“ sind Zahlen.") % {"name": key}
    return ""


def _things(things: Any) -> str:
    return "" if all(one.get("key") for one in things or ()) else _("Jedes Objekt der Liste braucht einen Schlüssel.")


MAPPING_FIELDS = (
    ConfigField(key="time", label=gettext_lazy("Zeitpunkt"), required=True),
    ConfigField(
        key="time_2",
        label=gettext_lazy("Uhrzeit, wenn sie in einer eigenen Spalte steht"),
    ),
    ConfigField(key="time_format", label=gettext_lazy("Format des Zeitpunkts"), default=AUTO),
    ConfigField(
        key="time_zone",
        label=gettext_lazy("Zeitzone"),
        help=gettext_lazy("Für Zeiten ohne Angabe: Europe/Berlin, UTC, oder +01:00 für Normalzeit im ganzen Jahr."),
    ),
    ConfigField(
        key="decimal",
        label=gettext_lazy("Dezimalzeichen"),
        kind="choice",
        default=AUTO,
        choices=((AUTO, gettext_lazy("erkennen")), (COMMA, gettext_lazy("Komma")), (POINT, gettext_lazy("Punkt"))),
    ),
    ConfigField(
        key="layout",
        label=gettext_lazy("Aufbau"),
        kind="choice",
        default=WIDE,
        choices=(
            (WIDE, gettext_lazy("jede Messgröße hat eine eigene Spalte")),
            (LONG, gettext_lazy("eine Spalte nennt die Messgröße, eine den Wert")),
        ),
    ),
    ConfigField(key="series", label=gettext_lazy("Spalte mit dem Namen der Messgröße")),
    ConfigField(key="value", label=gettext_lazy("Spalte mit dem Wert")),
    ConfigField(key="thing_key", label=gettext_lazy("Kennung des Objekts")),
    ConfigField(
        key="thing_name",
        label=gettext_lazy("Name des Objekts"),
        help=gettext_lazy("Eine Spalte; ohne Kennung der Name selbst."),
    ),
    ConfigField(key="thing_pattern", label=gettext_lazy("Kennung im Namen der Datei")),
    ConfigField(key="lat", label=gettext_lazy("Breite")),
    ConfigField(key="lon", label=gettext_lazy("Länge")),
    ConfigField(key="sensor", label=gettext_lazy("Sensor")),
    ConfigField(key="interval_seconds", label=gettext_lazy("Abstand der Werte in Sekunden"), kind="number"),
    ConfigField(key="values", label=gettext_lazy("Messwerte"), kind="list"),
    ConfigField(key="things", label=gettext_lazy("Objekte"), kind="list"),
    ConfigField(key="conditions", label=gettext_lazy("Nur diese Zeilen"), kind="list"),
)
