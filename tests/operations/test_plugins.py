"""A plugin is an installed package; it adds its parts with the calls of our own modules."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.operations.conftest import ROOT

LOOK = """
import django; django.setup()
from stadtkern.core import events, parts
print(parts.near_me["benches"].label, "city_benches.count" in events._followers["reports.filed"])
"""
HANDBOOK = (ROOT / "docs" / "handbook" / "plugins.md").read_text(encoding="utf-8")
GOOD = HANDBOOK.split("```python")[1].split("```")[0]
TWIN = GOOD.replace('key="benches"', 'key="places"')


@pytest.fixture
def installed(tmp_path) -> Path:
    """A folder of installed packages with one tiny distribution."""
    described = tmp_path / "city_benches-1.0.dist-info"
    described.mkdir()
    (described / "METADATA").write_text("Metadata-Version: 2.1\nName: city-benches\nVersion: 1.0\n")
    (described / "entry_points.txt").write_text("[stadtkern.plugins]\nbenches = city_benches:start\n")
    return tmp_path


def start(folder: Path) -> subprocess.CompletedProcess[str]:
    env = os.environ | {"PYTHONPATH": str(folder), "DJANGO_SETTINGS_MODULE": "stadtkern.config.settings"}
    return subprocess.run([sys.executable, "-c", LOOK], env=env, cwd=ROOT, capture_output=True, text=True, check=False)


def test_the_plugin_of_the_handbook_adds_to_the_registries_and_hears_events(installed):
    (installed / "city_benches.py").write_text(GOOD)
    done = start(installed)
    assert done.stdout == "Bänke True\n", done.stderr


@pytest.mark.parametrize(
    ("program", "said"),
    [
        (TWIN, "RuntimeError: answers near me: 'places' is taken"),
        ("def start(): raise ValueError('no benches here')", "ValueError: no benches here"),
        ("", "AttributeError: "),
    ],
)
def test_a_plugin_that_does_not_load_stops_the_start_by_name(installed, program, said):
    (installed / "city_benches.py").write_text(program)
    last = start(installed).stderr.splitlines()[-1]
    assert "The plugin benches (city_benches:start) does not load: " in last
    assert said in last


def test_a_plugin_may_be_a_module_that_registers_when_it_is_imported(installed):
    entry = installed / "city_benches-1.0.dist-info" / "entry_points.txt"
    entry.write_text("[stadtkern.plugins]\nbenches = city_benches\n")
    (installed / "city_benches.py").write_text(GOOD + "\nstart()\n")
    assert start(installed).stdout == "Bänke True\n"
