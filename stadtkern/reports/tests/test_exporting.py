"""Exports hold no personal data and can be read by others."""

import csv
import io
import json

import duckdb
import pytest

from stadtkern.reports.domain import exporting
from stadtkern.reports.models import Report
from stadtkern.reports.tests.builders import report
from stadtkern.threads.domain.conversation import contact_for

pytestmark = pytest.mark.django_db


def exported(kind: str) -> bytes:
    return b"".join(exporting.WRITERS[kind](exporting.rows(Report.objects.all())))


def test_csv_is_read_by_a_spreadsheet(city):
    made = report(text='Poller; mit "Rost"\nund Zeile')
    rows = list(csv.DictReader(io.StringIO(exported("csv").decode("utf-8-sig"))))
    assert [(row["id"], row["category"], row["organisation"]) for row in rows] == [
        (str(made.pk), "bollard", "tiefbauamt")
    ]
    assert rows[0]["text"] == 'Poller; mit "Rost"\nund Zeile'


def test_a_formula_is_not_run_by_a_spreadsheet(city):
    report(text='=HYPERLINK("http://böse.example")')
    made = Report.objects.get()
    made.visibility = "public"
    made.save()
    rows = list(csv.DictReader(io.StringIO(exported("csv").decode("utf-8-sig"))))
    assert rows[0]["text"].startswith("'=")


def test_geojson_has_the_point(city):
    report()
    report(category="idea-other", lat=None, lon=None, text="Mehr Bänke")
    features = json.loads(exported("geojson"))["features"]
    assert features[0]["geometry"]["coordinates"] == [7.21667, 51.48186]
    assert features[1]["geometry"] is None


def test_parquet_is_read_by_duckdb(city, tmp_path):
    report()
    file = tmp_path / "reports.parquet"
    file.write_bytes(exported("parquet"))
    table = duckdb.connect().execute(f"select columns(*)::varchar from '{file}'")
    assert [column[0] for column in table.description] == list(exporting.COLUMNS)
    found = dict(zip(exporting.COLUMNS, table.fetchone(), strict=True))
    assert (found["category"], found["lat"], found["outcome"]) == ("bollard", "51.48186", "")


def test_an_empty_parquet_is_a_parquet(city, tmp_path):
    file = tmp_path / "reports.parquet"
    file.write_bytes(exported("parquet"))
    assert duckdb.connect().execute(f"select count(*) from '{file}'").fetchall() == [(0,)]


@pytest.mark.parametrize("kind", sorted(exporting.WRITERS))
def test_no_export_holds_a_person_or_an_unpublished_text(city, kind):
    report(
        category="scrap-vehicle",
        answers={"vehicle_kind": "car"},
        text="Auto von Frau Unbekannt",
        contact=contact_for(email="aylin@stadtkern.example", name="Aylin Demir"),
    )
    content = exported(kind)
    assert b"aylin" not in content.lower()
    assert b"Unbekannt" not in content


def test_every_column_is_explained():
    import inspect

    assert all(exporting.COLUMNS.values())
    source = inspect.getsource(exporting.rows)
    assert all(f'"{name}"' in source for name in exporting.COLUMNS)
