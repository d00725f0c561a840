"""Open data: every form, hostile cells, nothing that is not declared."""

import csv
import io
import json
from datetime import UTC, datetime

import duckdb
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
    assert open_data.forms_of(empty) == ["csv", "json", "parquet"]


def test_parquet_can_be_read_back_with_types_and_the_columns_of_the_csv(tmp_path):
    file = tmp_path / "benches.parquet"
    file.write_bytes(b"".join(open_data.as_parquet(BENCHES)))
    table = duckdb.connect().execute(f'select * replace (epoch("at") as "at") from \'{file}\' order by id')
    assert [column[0] for column in table.description] == list(COLUMNS)
    assert table.fetchall() == [
        (1, "=SUM(A1)", 51.48, 7.21, datetime(2026, 1, 2, tzinfo=UTC).timestamp()),
        (2, 'Bank; "neu"\nam See', None, None, None),
    ]


def test_an_empty_dataset_as_parquet_keeps_its_types(tmp_path):
    columns = {"id": "integer", "it's": "string", "when": "datetime", "what": "Titel"}
    file = tmp_path / "none.parquet"
    empty = DatasetSource(key="none", title="", description="", columns=columns, rows=list)
    file.write_bytes(b"".join(open_data.as_parquet(empty)))
    found = duckdb.connect().execute(f"describe select * from '{file}'").fetchall()
    assert [(row[0], row[1]) for row in found] == [
        ("id", "BIGINT"),
        ("it's", "VARCHAR"),
        ("when", "TIMESTAMP WITH TIME ZONE"),
        ("what", "VARCHAR"),
    ]


def test_values_of_mixed_kinds_become_text_and_whole_numbers_among_others_numbers(tmp_path):
    rows = [{"a": 1, "b": 1, "c": {"x": 1}}, {"a": 1.5, "b": "eins", "c": None}]
    mixed = DatasetSource(
        key="mixed", title="", description="", columns={"a": "", "b": "", "c": ""}, rows=lambda: iter(rows)
    )
    file = tmp_path / "mixed.parquet"
    file.write_bytes(b"".join(open_data.as_parquet(mixed)))
    assert duckdb.connect().execute(f"select a, b from '{file}'").fetchall() == [(1.0, "1"), (1.5, "eins")]


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
