"""Every pack of the house is without mistakes, and each kind of mistake is named."""

import json
import shutil

import pytest

from stadtkern.core.city import PACKS
from stadtkern.places.domain.packs import NEEDED, problems_of

CITIES = sorted(path.name for path in PACKS.iterdir() if path.is_dir())


@pytest.mark.parametrize("name", CITIES)
def test_the_packs_of_the_house_have_no_mistake(name):
    assert problems_of(PACKS / name) == []


def test_there_are_two_cities():
    assert {"bochum", "stuttgart"} <= set(CITIES)


@pytest.fixture
def copy(tmp_path):
    return shutil.copytree(PACKS / "bochum", tmp_path / "bochum")


@pytest.mark.parametrize("name", NEEDED)
def test_a_missing_file_is_named(copy, name):
    (copy / name).unlink()
    assert problems_of(copy) == [f"{name}: is missing"]


@pytest.mark.parametrize(
    ("file", "old", "new", "named"),
    [
        ("city.toml", "lat = 51.4818", "lat = 48.0", "center lies outside"),
        ("city.toml", 'key = "bochum"', 'key = "herne"', "not the folder's name"),
        ("city.toml", "[limits]", "[limitz]", "'limits' is missing"),
        ("categories.toml", 'owner = "stadtwerke"', 'owner = "nobody"', "unknown owner 'nobody'"),
        ("categories.toml", 'group = "streets"', 'group = "roads"', "unknown group 'roads'"),
        ("categories.toml", 'tr = "Sokak lambası"', 'tr = ""', "lamp: name is missing in tr"),
        ("categories.toml", 'code = "lamp_number"', 'code = "Lamp number"', "the code may hold"),
        ("categories.toml", 'key = "pothole"', 'key = "lamp"', "stands twice"),
        ("routing.toml", 'part = ["timing"]', 'part = ["never"]', "never answers part = never"),
        ("routing.toml", 'to = "vbw"', 'to = "vwb"', "unknown organisation 'vwb'"),
        ("routing.toml", 'district = ["nord"', 'district = ["north"', "unknown district 'north'"),
        ("organisations.toml", "takes_rest = true", "takes_rest = false", "must take the rest"),
        ("reasons.toml", 'counts_as = "duplicate"', 'counts_as = "other"', "unknown counts_as"),
        ("answers.toml", 'groups = ["ideas"]', 'groups = ["dreams"]', "unknown dreams"),
        ("gazetteer.toml", "lat = 51.489\n", "lat = 52.489\n", "lies outside the city"),
        ("demo.toml", 'district = "sued"', 'district = "nord"', "does not lie in nord"),
        ("demo.toml", 'reason = "duplicate"', 'reason = "because"', "a refusal needs a reason"),
        ("texts.toml", "[emergency.danger]", "[emergency.other]", "no emergency text 'danger'"),
        ("reasons.toml", "[[reason]]", "[[reason", "cannot be read: reasons.toml"),
        ("categories.toml", "due_working_days = 5", "due_working_days = 0", "must be at least 1"),
    ],
)
def test_each_mistake_is_named(copy, file, old, new, named):
    text = (copy / file).read_text(encoding="utf-8")
    assert old in text, f"{old} is no longer in {file}"
    (copy / file).write_text(text.replace(old, new, 1), encoding="utf-8")
    problems = problems_of(copy)
    assert any(named in problem for problem in problems), problems


def test_districts_that_do_not_fill_the_city_are_named(copy):
    path = copy / "districts.geojson"
    collection = json.loads(path.read_text(encoding="utf-8"))
    collection["features"] = collection["features"][1:]
    path.write_text(json.dumps(collection), encoding="utf-8")
    assert any("together are not the boundary" in problem for problem in problems_of(copy))


def test_a_field_of_the_wrong_kind_is_a_line_not_a_crash(copy):
    (copy / "organisations.toml").write_text('organisation = "none"', encoding="utf-8")
    assert any(problem.startswith("organisations:") for problem in problems_of(copy))
