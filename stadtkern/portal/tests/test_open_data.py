"""Open data: every form, hostile cells, nothing that is not declared."""

import csv
import io
import json
from datetime import UTC, datetime

import pytest
from django.urls import reverse

from stadtkern.core.parts import DatasetSource, dataset_sources
from stadtkern.portal.domain import open_data

ROWS = [
    {"id": 1, "title": "=SUM(A1)", "lat": 51.48, "lon": 7.21, "at": datetime(2026, 1, 2, tzinfo=UTC), "name": "geheim"},
    {"id": 2, "title": 'Bank; "neu"\nam See', "lat": None, "lon": None, "at": None},
]
COLUMNS = {"id": "Nummer", "title": "Titel", "lat": "Breite", "lon": "Länge", "at": "Wann"}
BENCHES = DatasetSource(key="benches", title="Bänke", description="Wo man sitzt", columns=COLUMNS, rows=lambda: ROWS)


@pytest.fixture
def benches():
    yield dataset_sources.add(BENCHES)
    dataset_sources._parts.pop("benches")


def test_csv_can_be_read_back_and_holds_no_formula():
    text = "".join(open_data.as_csv(BENCHES)).removeprefix("\ufeff")
    rows = list(csv.DictReader(io.StringIO(text), delimiter=";"))
    assert rows[0]["title"] == "'=SUM(A1)"
    assert rows[1]["title"] == 'Bank; "neu"\nam See'
    assert rows[0]["at"] == "2026-01-02T00:00:00+00:00"


def test_only_declared_columns_leave_the_house():
    assert "geheim" not in "".join(open_data.as_json(BENCHES)) + "".join(open_data.as_csv(BENCHES))


def test_geojson_has_points_where_there_are_places():
    features = json.loads("".join(open_data.as_geojson(BENCHES)))["features"]
    assert features[0]["geometry"] == {"type": "Point", "coordinates": [7.21, 51.48]}
    assert features[1]["geometry"] is None
    assert "lat" not in features[0]["properties"]


def test_no_rows_are_still_whole_documents():
    empty = DatasetSource(key="none", title="", description="", columns={"id": ""}, rows=list)
    assert json.loads("".join(open_data.as_json(empty))) == []
    assert open_data.forms_of(empty) == ["csv", "json"]


@pytest.mark.django_db
class TestPages:
    def test_the_list_and_the_page_of_a_dataset(self, visitor, city, benches):
        assert "Bänke" in visitor.get(reverse("portal:open-data")).content.decode()
        assert "Breite" in visitor.get(reverse("portal:dataset", args=["benches"])).content.decode()
        assert visitor.get(reverse("portal:dataset", args=["none"])).status_code == 404

    def test_a_download_needs_no_key_and_may_be_used_from_anywhere(self, visitor, city, benches):
        answer = visitor.get(reverse("portal:download", args=["benches", "geojson"]))
        assert answer["Content-Type"] == "application/geo+json"
        assert answer["Access-Control-Allow-Origin"] == "*"
        assert json.loads(b"".join(answer.streaming_content))["type"] == "FeatureCollection"
        assert visitor.get(reverse("portal:download", args=["benches", "exe"])).status_code == 404

    def test_every_dataset_of_the_house_can_be_taken(self, visitor, city):
        for source in dataset_sources:
            for form in open_data.forms_of(source):
                answer = visitor.get(reverse("portal:download", args=[source.key, form]))
                assert b"".join(answer.streaming_content)
