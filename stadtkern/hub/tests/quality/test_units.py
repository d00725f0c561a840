"""Units are recognised however they are written; an odd one is a warning, never an error."""

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stadtkern.hub.domain import registering, units
from stadtkern.hub.tests.cast import IN_DEGREES, thing
from stadtkern.hub.words import NO_UNIT


@pytest.mark.parametrize(("symbol", "code"), sorted(units.WRITTEN.items()))
def test_every_code_of_ours_is_one_of_ucum(symbol, code):
    assert units.code_of(code) == code or code in units.WRITTEN.values()
    assert code in units.KNOWN_TO_US or units.NUMBER_OF_THINGS.match(code) or units._is_code(code)


@pytest.mark.parametrize(
    ("unit", "code"),
    [
        (IN_DEGREES, "Cel"),  # its definition is a paragraph of the page, no code
        ({"name": "", "symbol": "W/m²", "definition": ""}, "W/m2"),
        ({"symbol": "µg/m³"}, "ug/m3"),
        ({"symbol": "μg/m³"}, "ug/m3"),  # the other mu
        ({"symbol": "??", "definition": "https://unitsofmeasure.org/ucum#km/h"}, "km/h"),
        ({"symbol": "x", "definition": "http://unitsofmeasure.org/ucum/W%2Fm2"}, "W/m2"),
        ({"name": "Prozent", "symbol": "", "definition": "https://qudt.org/vocab/unit/PERCENT"}, "%"),
        ({"definition": "mm[Hg]"}, "mm[Hg]"),
        ({"symbol": "µg/m3"}, "ug/m3"),
        ({"symbol": "µW/m²"}, "uW/m2"),
        ({"symbol": "{Fahrzeuge}"}, "{Fahrzeuge}"),
        (NO_UNIT, "1"),
        ({}, "1"),
        (None, "1"),
    ],
)
def test_a_unit_is_recognised(unit, code):
    assert units.check(unit) == units.Checked(code)


@pytest.mark.parametrize(
    ("symbol", "meant"), [("° C", "Cel"), ("hpa", "hPa"), ("W/qm", "W/m2"), ("Lux", "lx"), ("km / h", "km/h")]
)
def test_an_unknown_unit_comes_with_what_may_be_meant(symbol, meant):
    found = units.check({"symbol": symbol})
    assert not found.is_known
    assert meant in found.suggestions


def test_each_unit_of_several():
    assert [one.code for one in units.check_all([{"symbol": "°C"}, {"symbol": "zzz"}])] == ["Cel", ""]


@given(st.dictionaries(st.sampled_from(["name", "symbol", "definition"]), st.text(max_size=30)))
def test_whatever_a_unit_says_it_is_an_answer(unit):
    assert isinstance(units.check(unit).code, str)


def test_pint_is_not_loaded_before_somebody_asks():
    lines = "import sys, stadtkern.hub.domain.units as u; u.check({'symbol': '°C'}); print('pint' in sys.modules)"
    out = subprocess.run([sys.executable, "-c", lines], capture_output=True, text=True, check=True).stdout
    assert out.strip() == "False"


@pytest.mark.django_db
@pytest.mark.parametrize(("symbol", "warned"), [("°C", False), ("hpa", True)])
def test_a_new_datastream_with_an_odd_unit_is_kept_and_said(city, caplog, symbol, warned):
    made = registering.register_datastream(
        name="Luftdruck",
        thing=thing(),
        sensor=registering.register_sensor(name="Fühler"),
        observed_property=registering.register_property(name="Luftdruck", definition="https://example.org/pressure"),
        unit={"name": "", "symbol": symbol, "definition": ""},
    )
    assert made.unit["symbol"] == symbol
    assert [record.meant for record in caplog.records if record.message == "hub: unit not recognised"] == (
        ["hPa"] if warned else []
    )
