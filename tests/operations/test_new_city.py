"""A new city begins with a pack that is valid and can be loaded as it is."""

import json
from pathlib import Path

import pytest

from stadtkern.config.new_city import BadOutline, new_city, outline
from stadtkern.places.domain.packs import problems_of

SQUARE = [[[7.2, 51.5], [7.3, 51.5], [7.3, 51.6], [7.2, 51.6], [7.2, 51.5]]]
WEST = [[[7.2, 51.5], [7.25, 51.5], [7.25, 51.6], [7.2, 51.6], [7.2, 51.5]]]
EAST = [[[7.25, 51.5], [7.3, 51.5], [7.3, 51.6], [7.25, 51.6], [7.25, 51.5]]]


def geojson(path: Path, *areas: tuple[str, list]) -> Path:
    features = [
        {"type": "Feature", "properties": {"name": name}, "geometry": {"type": "Polygon", "coordinates": area}}
        for name, area in areas
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return path


@pytest.fixture
def house(tmp_path, settings) -> Path:
    settings.ROOT = tmp_path
    (tmp_path / "cities").mkdir()
    return tmp_path


def test_a_new_city_is_valid(house):
    boundary = geojson(house / "b.json", ("Herne", SQUARE))
    districts = geojson(house / "d.json", ("Herne-Süd", WEST), ("Größeres Ost", EAST))
    assert new_city("herne", name="Herne", boundary=boundary, districts=districts) == 0
    pack = house / "cities" / "herne"
    assert problems_of(pack) == []
    keys = [row["properties"]["key"] for row in json.loads((pack / "districts.geojson").read_text())["features"]]
    assert keys == ["herne-sued", "groesseres-ost"]


@pytest.mark.django_db
def test_a_new_city_can_be_loaded(house):
    from stadtkern.core.city import load_pack
    from stadtkern.core.loading import load_city
    from stadtkern.people.models import Organisation

    new_city("herne", name="Herne", boundary=geojson(house / "b.json", ("Herne", SQUARE)))
    load_city(pack=load_pack(house / "cities" / "herne"))
    assert Organisation.objects.filter(key="herne").exists()


@pytest.mark.parametrize("key", ["Herne", "h", "../x", "1a", "ä", "a b"])
def test_a_wrong_key_is_refused(house, key, capsys):
    assert new_city(key, name="Herne", boundary=geojson(house / "b.json", ("x", SQUARE))) == 1
    assert "no key" in capsys.readouterr().out
    assert list((house / "cities").iterdir()) == []


def test_a_city_that_exists_is_not_overwritten(house, capsys):
    (house / "cities" / "herne").mkdir()
    assert new_city("herne", name="Herne", boundary=geojson(house / "b.json", ("x", SQUARE))) == 1
    assert "there already" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["", '"', "a\nb", "x\\"])
def test_a_name_that_would_break_the_file_is_refused(house, name):
    assert new_city("herne", name=name, boundary=geojson(house / "b.json", ("x", SQUARE))) == 1
    assert list((house / "cities").iterdir()) == []


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "no GeoJSON"),
        ("[1]", "no GeoJSON"),
        ("{}", "no"),
        ('{"type": "FeatureCollection", "features": []}', "holds no area"),
        ('{"type": "Point", "coordinates": [7, 51]}', "holds no area"),
        ('{"type": "Polygon", "coordinates": [[[380000, 5700000], [390000, 5700000], [390000, 5710000],'
         ' [380000, 5700000]]]}', "not in degrees"),
    ],
)  # fmt: skip
def test_an_outline_that_is_none_is_refused_with_the_reason(tmp_path, content, said):
    (tmp_path / "b.json").write_text(content)
    with pytest.raises(BadOutline, match=said):
        outline(tmp_path / "b.json")


def test_a_missing_file_is_said(tmp_path):
    with pytest.raises(BadOutline, match=r"nowhere\.json"):
        outline(tmp_path / "nowhere.json")
