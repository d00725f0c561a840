"""Units: what a datastream says of its unit, as a code of UCUM (The Unified Code for Units of Measure, 2.1).

A unit is {name, symbol, definition} (SensorThings). The definition may be a code or an address that ends in one, the
symbol what people write. pint and ucumvert know the codes; both are loaded when somebody asks (40 MB), never before.
"""

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from typing import Any
from urllib.parse import unquote, urlsplit

log = logging.getLogger(__name__)
# What people write -> the code. Facts of the UCUM tables; symbols as German instruments print them.
WRITTEN = {
    "°C": "Cel", "degC": "Cel", "C": "Cel", "degree Celsius": "Cel", "Grad Celsius": "Cel", "Celsius": "Cel",
    "°F": "[degF]", "K": "K", "%": "%", "percent": "%", "Prozent": "%", "% rF": "%", "%RH": "%", "Vol.-%": "%",
    "°": "deg", "Grad": "deg", "degree": "deg", "W/m²": "W/m2", "W/m^2": "W/m2", "kWh/m²": "kW.h/m2",
    "J/m²": "J/m2", "mm": "mm", "cm": "cm", "m": "m", "km": "km", "km/h": "km/h", "m/s": "m/s", "mm/h": "mm/h",
    "l/m²": "L/m2", "L/m²": "L/m2", "kn": "[kn_i]", "hPa": "hPa", "mbar": "mbar", "Pa": "Pa", "kPa": "kPa",
    "bar": "bar", "cbar": "cbar", "V": "V", "mV": "mV", "A": "A", "mA": "mA", "W": "W", "kW": "kW", "Wh": "W.h",
    "kWh": "kW.h", "Ω": "Ohm", "Ohm": "Ohm", "kΩ": "kOhm", "µg/m³": "ug/m3", "ug/m³": "ug/m3", "μg/m³": "ug/m3",
    "mg/m³": "mg/m3", "mg/l": "mg/L", "mg/L": "mg/L", "ppm": "[ppm]", "ppb": "[ppb]", "m³": "m3", "m³/s": "m3/s",
    "m³/h": "m3/h", "l/s": "L/s", "l": "L", "L": "L", "m²": "m2", "s": "s", "min": "min", "h": "h", "d": "d",
    "Tage": "d", "lx": "lx", "lux": "lx", "dB": "dB", "dB(A)": "dB", "dBm": "dB[mW]", "Hz": "Hz", "kHz": "kHz",
    "kg": "kg", "g": "g", "t": "t", "J": "J", "µS/cm": "uS/cm", "μS/cm": "uS/cm", "mS/cm": "mS/cm", "pH": "[pH]",
    "m³/m³": "m3/m3", "UV-Index": "{UV-Index}", "": "1", "1": "1",
}  # fmt: skip
KNOWN_TO_US = {"dB[mW]", "[pH]"}  # right codes that the library cannot read
NUMBER_OF_THINGS = re.compile(r"^\{[^{}]+\}$")  # an annotation alone is the unit 1 (UCUM, 6)
PLAIN_LETTERS = str.maketrans({"µ": "u", "μ": "u", "²": "2", "³": "3", "·": ".", "⋅": ".", "Ω": "Ohm"})
NO_UNITS = {"", "1", "-", "–", "none", "ohne"}


@dataclass(frozen=True, slots=True)
class Checked:
    """What came out. `code`: the UCUM code, "" when it is unknown; then `suggestions` hold what may be meant."""

    code: str
    suggestions: tuple[str, ...] = ()

    @property
    def is_known(self) -> bool:
        return bool(self.code)


def check(unit: Mapping[str, Any] | None) -> Checked:
    """Recognise a unit by its definition, symbol or name, in this order. Never raises: an odd unit is a warning."""
    said = [str((unit or {}).get(part) or "").strip() for part in ("definition", "symbol", "name")]
    if all(text.lower() in NO_UNITS for text in said):
        return Checked("1")
    candidates = [_in_address(said[0]), said[1], said[2]]
    for text in candidates:
        if text and (code := code_of(text)):
            return Checked(code)
    return Checked("", _suggestions([text for text in candidates if text]))


def check_all(unit: Any) -> list[Checked]:
    """The unit of a datastream, or each of several (a MultiDatastream)."""
    return [check(one) for one in (unit if isinstance(unit, list) else [unit])]


def warn_of(unit: Any, *, datastream_id: int) -> None:
    """Say in the log that a new datastream has a unit nobody recognises; its page at the desk says it too."""
    unknown = [one for one in check_all(unit) if not one.is_known]
    if unknown:
        meant = ", ".join(code for one in unknown for code in one.suggestions)
        log.warning("hub: unit not recognised", extra={"datastream": datastream_id, "unit": unit, "meant": meant})


@lru_cache(maxsize=1_000)
def code_of(text: str) -> str:
    """The UCUM code meant by a text, "" when it is none."""
    if text in WRITTEN:
        return WRITTEN[text]
    if text in KNOWN_TO_US or NUMBER_OF_THINGS.match(text):
        return text
    plain = text.translate(PLAIN_LETTERS)
    return plain if _is_code(plain) else ""


def _in_address(definition: str) -> str:
    """The code an address ends with: https://unitsofmeasure.org/ucum#Cel; another address says nothing."""
    if "://" not in definition:
        return definition
    parts = urlsplit(definition)
    last = parts.fragment or parts.path.rsplit("/", 1)[-1]
    return unquote(last) if _speaks_ucum(definition) and "para-" not in last else ""


def _speaks_ucum(address: str) -> bool:
    return "ucum" in address.lower() or "unitsofmeasure" in address.lower()


def _is_code(text: str) -> bool:
    """ASCII without blanks, as codes are; whatever the library says against it, it is none."""
    if not text.isascii() or " " in text or len(text) > 60:
        return False
    try:
        _registry().from_ucum(text)
    except Exception:
        return False
    return True


def _suggestions(texts: list[str]) -> tuple[str, ...]:
    near = [match for text in texts for match in get_close_matches(text, WRITTEN, n=3, cutoff=0.6)]
    return tuple(dict.fromkeys(WRITTEN[match] for match in near))[:3]


@lru_cache(maxsize=1)
def _registry() -> Any:
    from ucumvert import PintUcumRegistry

    return PintUcumRegistry()
