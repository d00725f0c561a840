"""The properties of entities as they come in: each is checked and becomes what the verbs take.

Source: OGC 18-088, tables 4 to 18 (which are mandatory, which are JSON); MultiDatastream: OGC 15-078r6, clause 10.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from stadtkern.hub.domain.geometry import BadGeometry, geometry_of
from stadtkern.hub.domain.periods import BadMoment, moment, period
from stadtkern.hub.words import NO_UNIT, Flag, ObservationType

OURS = {str(flag.name).lower() for flag in Flag}


class Wrong(ValueError):
    """A value that is not what its property holds; the text ends the sentence "expected ..."."""


@dataclass(frozen=True, slots=True)
class Field:
    """A property: `check` gives the value for the verbs (keyword `argument`) or raises Wrong.

    `whole`: a value of its own kind that a PATCH replaces and never merges. `argument` "" means: of no effect,
    the server knows better.
    """

    name: str
    check: Callable[[Any], Any]
    argument: str
    required: bool = False
    whole: bool = False


def text(given: Any) -> str:
    if not isinstance(given, str):
        raise Wrong("a text")
    return given


def some_text(given: Any) -> str:
    if not text(given).strip():
        raise Wrong("a text that is not empty")
    return str(given)


def json_object(given: Any) -> dict[str, Any]:
    if given is None:
        return {}
    if not isinstance(given, dict):
        raise Wrong("a JSON object")
    return given


def object_or_null(given: Any) -> dict[str, Any] | None:
    return None if given is None else json_object(given)


def something(given: Any) -> Any:
    if given is None:
        raise Wrong("a value")
    return given


def anything(given: Any) -> Any:
    return given


def unit(given: Any) -> dict[str, str]:
    if not isinstance(given, dict) or not given.keys() <= NO_UNIT.keys():
        raise Wrong("an object with name, symbol and definition")
    if not all(value is None or isinstance(value, str) for value in given.values()):
        raise Wrong("name, symbol and definition as texts, or null")
    return NO_UNIT | {name: value for name, value in given.items() if value is not None}


def units(given: Any) -> list[dict[str, str]]:
    if not isinstance(given, list):
        raise Wrong("a list of units, one for each observed property")
    return [unit(one) for one in given]


def types(given: Any) -> list[str]:
    if not isinstance(given, list):
        raise Wrong("a list of observation types, one for each observed property")
    return [some_text(one) for one in given]


def complex_type(given: Any) -> str:
    if given != ObservationType.COMPLEX:
        raise Wrong(str(ObservationType.COMPLEX))
    return str(given)


def quality(given: Any) -> Any:
    """The client's own findings: ours, which it has read and sends back, are found anew (quality.py)."""
    if not isinstance(given, list):
        return given
    return [one for one in given if not _is_ours(one)] or None


def _is_ours(finding: Any) -> bool:
    return isinstance(finding, dict) and finding.keys() <= {"nameOfMeasure", "pass"} and _name(finding) in OURS


def _name(finding: dict[str, Any]) -> Any:
    name = finding.get("nameOfMeasure")
    return name if isinstance(name, str) else None


def area(given: Any) -> Any:
    if given is None:
        return None
    try:
        geometry_of(given)
    except BadGeometry as error:
        raise Wrong(f"a GeoJSON geometry; {error}") from None
    return given


def instant(given: Any) -> Any:
    return _when(moment, given)


def instant_or_null(given: Any) -> Any:
    return None if given is None else _when(moment, given)


def instant_or_period(given: Any) -> Any:
    return _when(period, given)


def period_or_null(given: Any) -> Any:
    if given is None:
        return None, None
    if not isinstance(given, str) or "/" not in given:
        raise Wrong("a period start/end")
    start, end = _when(period, given)
    return start, end or start


def _when(read: Callable[[object], Any], given: Any) -> Any:
    try:
        return read(given)
    except BadMoment as error:
        raise Wrong(f"a time; {error}") from None


NAME = Field("name", text, "name", required=True)
DESCRIPTION = Field("description", text, "description", required=True)
PROPERTIES = Field("properties", json_object, "properties")
ENCODING = Field("encodingType", some_text, "encoding_type", required=True)
TYPE = Field("observationType", some_text, "observation_type", required=True)
AREA = Field("observedArea", area, "observed_area", whole=True)
KNOWN_BETTER = (Field("phenomenonTime", anything, ""), Field("resultTime", anything, ""))

FIELDS: dict[str, tuple[Field, ...]] = {
    "Things": (NAME, DESCRIPTION, PROPERTIES),
    "Locations": (
        NAME, DESCRIPTION, ENCODING, Field("location", something, "location", required=True, whole=True), PROPERTIES,
    ),
    "HistoricalLocations": (Field("time", instant, "time", required=True),),
    "Datastreams": (
        NAME, DESCRIPTION, Field("unitOfMeasurement", unit, "unit", required=True), TYPE, AREA, *KNOWN_BETTER,
        PROPERTIES,
    ),
    "MultiDatastreams": (
        NAME, DESCRIPTION, Field("unitOfMeasurements", units, "units", required=True),
        Field("observationType", complex_type, ""),
        Field("multiObservationDataTypes", types, "types", required=True), AREA, *KNOWN_BETTER, PROPERTIES,
    ),
    "Sensors": (
        NAME, DESCRIPTION, ENCODING, Field("metadata", something, "metadata", required=True, whole=True), PROPERTIES,
    ),
    "ObservedProperties": (NAME, Field("definition", text, "definition", required=True), DESCRIPTION, PROPERTIES),
    "FeaturesOfInterest": (
        NAME, DESCRIPTION, ENCODING, Field("feature", something, "feature", required=True, whole=True), PROPERTIES,
    ),
    "Observations": (
        Field("phenomenonTime", instant_or_period, "phenomenon"),
        Field("result", anything, "result", required=True, whole=True),
        Field("resultTime", instant_or_null, "result_time"),
        Field("resultQuality", quality, "quality", whole=True),
        Field("validTime", period_or_null, "valid"),
        Field("parameters", object_or_null, "parameters"),
    ),
}  # fmt: skip
