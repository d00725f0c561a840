"""Numbered things: found by what stands on their sign, or by being near."""

import json
import shutil

import pytest

from stadtkern.core.city import PACKS
from stadtkern.core.problems import BadInput
from stadtkern.places.domain import assets
from stadtkern.places.domain.packs import problems_of

TOWN_HALL = (51.48186, 7.21667)


@pytest.fixture
def demo(settings):
    settings.DEMO = True


@pytest.mark.parametrize("typed", ["90001", "Laterne 90001", "laterne90001", "lamp-90001", "Street lamp 90001"])
def test_a_thing_is_found_however_it_is_named(demo, typed):
    found = assets.find(typed)
    assert found is not None
    assert found.id == "Laterne 90001"


def test_invented_things_are_known_in_demo_mode_only(settings):
    settings.DEMO = False
    assert assets.find("90001") is None
    assert assets.near(*TOWN_HALL) == []


def test_the_nearest_come_first_and_none_beyond_the_radius(demo):
    found = assets.near(*TOWN_HALL, radius_m=60)
    metres = [distance for _thing, distance in found]
    assert metres == sorted(metres)
    assert 0 < metres[0] < 20
    assert metres[-1] <= 60


def test_an_unknown_number_is_kept_as_its_category_writes_it():
    assert assets.identify("4711 ", category="lamp") == "Laterne 4711"
    assert assets.identify("Laterne 4711", category="lamp") == "Laterne 4711"
    assert assets.identify("4711", category="pothole") == "4711"
    assert assets.identify("", category="lamp") == ""


def test_a_number_of_another_form_is_refused_with_an_example():
    with pytest.raises(BadInput) as refused:
        assets.identify("vor dem Haus", category="lamp")
    assert "4711" in str(refused.value.fields["asset"])


def test_a_city_brings_its_own_register_as_geojson(tmp_path, settings):
    folder = shutil.copytree(PACKS / "bochum", tmp_path / "bochum")
    point = {"type": "Point", "coordinates": [7.2167, 51.4819]}
    feature = {"type": "Feature", "geometry": point, "properties": {"number": 815, "address": "Am Platz 1"}}
    (folder / "lamps.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    pack = folder / "assets.toml"
    pack.write_text(pack.read_text().replace('key = "lamp"', 'key = "lamp"\nfile = "lamps.geojson"'))
    settings.CITY, settings.DEMO = str(folder), False
    assert problems_of(folder) == []
    assert assets.find("815").address == "Am Platz 1"


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ('example = "4711"', 'example = "vorn"', "does not fit"),
        ('categories = ["lamp"]', 'categories = ["lamb"]', "unknown category 'lamb'"),
        ('key = "lamp"', 'key = "lamp"\nfile = "none.geojson"', "is missing"),
    ],
)
def test_mistakes_of_the_pack_are_named(tmp_path, old, new, named):
    folder = shutil.copytree(PACKS / "bochum", tmp_path / "bochum")
    pack = folder / "assets.toml"
    pack.write_text(pack.read_text().replace(old, new))
    assert any(named in problem for problem in problems_of(folder))
