"""Imports: every row is kept, known, counted or rejected with a reason; a second run makes no double."""

import csv
import io
from pathlib import Path

import pytest
from django.core.management import call_command
from hypothesis import given
from hypothesis import strategies as st

from stadtkern.core.problems import BadInput
from stadtkern.reports.domain.imports.mapping import mapping_from
from stadtkern.reports.domain.imports.placing import Placer, Rejected
from stadtkern.reports.domain.imports.reading import Source, open_source
from stadtkern.reports.domain.imports.running import ImportRun
from stadtkern.reports.models import Report
from stadtkern.threads.models import Entry, Thread

MAPPING = {
    "key": "alt",
    "encoding": ["utf-8-sig", "cp1252"],
    "delimiter": ";",
    "columns": {"filed_at": "wann", "category": "was", "address": "wo", "lat": "lat", "lon": "lon", "status": "stand"},
    "categories": {"Poller": "bollard", "Müll": "street-dirty"},
    "statuses": {"fertig": "done"},
    "time": {"format": "%d.%m.%Y %H:%M", "timezone": "Europe/Berlin"},
    "defaults": {"status": "received", "text": "{was}: {wo}"},
    "identity": {"fields": ["wann", "was", "wo"], "repeat": ["was", "wo"], "repeat_days": 30},
}
HEAD = "wann;was;wo;lat;lon;stand\n"
GOOD = "01.03.2024 08:30;Poller;Rathausplatz 1;51.4818;7.2166;\n"


def source(tmp_path: Path, text: str, encoding: str = "utf-8", **changes):
    file = tmp_path / "alt.csv"
    file.write_bytes(text.encode(encoding))
    return open_source(file, mapping_from({**MAPPING, **changes}))


@pytest.mark.django_db
def test_a_row_becomes_a_report_with_thread_and_step(city, tmp_path):
    outcome = ImportRun(source(tmp_path, HEAD + GOOD)).run()
    made = Report.objects.get()
    assert outcome.kept == 1
    assert (made.category_id, made.owner.key, made.district) == ("bollard", "tiefbauamt", "mitte")
    assert made.text == "Poller: Rathausplatz 1"
    assert made.filed_at.isoformat() == "2024-03-01T07:30:00+00:00"
    assert made.thread.subject_id == made.pk
    assert made.thread.entries.get().code == "received"


@pytest.mark.django_db
def test_a_second_run_makes_no_double(city, tmp_path):
    ImportRun(source(tmp_path, HEAD + GOOD)).run()
    outcome = ImportRun(source(tmp_path, HEAD + GOOD)).run()
    assert (outcome.kept, outcome.known) == (0, 1)
    assert (Report.objects.count(), Thread.objects.count(), Entry.objects.count()) == (1, 1, 1)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("01.03.2024 08:30;Ufo;Rathaus;51.48;7.21;", "unbekannte Kategorie"),
        ("gestern;Poller;Rathaus;51.48;7.21;", "Zeitpunkt nicht lesbar"),
        ("01.03.2124 08:30;Poller;Rathaus;51.48;7.21;", "Zukunft"),
        ("01.03.2024 08:30;Poller;Rathaus;;;", "ohne Koordinaten"),
        ("01.03.2024 08:30;Poller;Rathaus;nan;7.2;", "nicht auf der Erde"),
        ("01.03.2024 08:30;Poller;Rathaus;99999;7.2;", "nicht auf der Erde"),
        ("01.03.2024 08:30;Poller;Rathaus;48.1;11.5;", "außerhalb"),
        ("01.03.2024 08:30;Poller", "ohne Koordinaten"),
    ],
)
def test_a_bad_row_is_rejected_with_its_reason_and_the_others_are_kept(city, tmp_path, row, reason):
    rejects = tmp_path / "rejects.csv"
    outcome = ImportRun(source(tmp_path, HEAD + row + "\n" + GOOD), rejects=rejects).run()
    assert (outcome.kept, outcome.rejected) == (1, 1)
    told = rejects.read_text()
    assert reason in told
    assert told.splitlines()[1].startswith("2,")


@pytest.mark.django_db
def test_what_is_cut_or_unreadable_is_kept_counted_and_noted(city, tmp_path):
    long = GOOD.replace("Rathausplatz 1", "Rathausplatz " + "1" * 300)
    damaged = GOOD.replace("Rathausplatz 1", "Stra\xdfe 2")
    notes = tmp_path / "notes.csv"
    file = tmp_path / "alt.csv"
    file.write_bytes((HEAD + long).encode() + damaged.encode("latin-1") + GOOD.encode())
    mapping = mapping_from({**MAPPING, "encoding": "utf-8"})
    outcome = ImportRun(Source(file, mapping, "utf-8"), notes=notes).run()
    assert (outcome.kept, outcome.rejected) == (3, 0)
    assert outcome.notes == {"gekürzt auf 200 Zeichen: address": 1, "unlesbare Zeichen": 1}
    lines = list(csv.reader(io.StringIO(notes.read_text(encoding="utf-8"))))
    assert [line[:2] for line in lines[1:]] == [
        ["2", "gekürzt auf 200 Zeichen: address"],
        ["3", "unlesbare Zeichen"],
    ]


@pytest.mark.django_db
def test_personal_data_wait_to_be_read_or_stay_where_they_were(city, tmp_path):
    told = "Rathausplatz 1, Herr Schmidt 0234 9101234"
    open_row = GOOD.replace("Rathausplatz 1", told)
    closed_row = open_row.replace("08:30", "09:30").replace(";\n", ";fertig\n")
    outcome = ImportRun(source(tmp_path, HEAD + open_row + closed_row + GOOD)).run()
    waits, ended, plain = Report.objects.select_related("thread").order_by("pk")
    assert (waits.visibility, waits.thread.is_public, waits.text) == ("checking", False, f"Poller: {told}")
    assert (ended.visibility, ended.thread.is_public) == ("public", True)
    assert ended.text == "Poller: Rathausplatz 1, […] […]"
    assert plain.visibility == "public"
    assert sum(outcome.notes.values()) == 2


@pytest.mark.django_db
def test_a_preview_shows_what_would_be_stored_and_writes_nothing(city, tmp_path):
    mapping = tmp_path / "alt.toml"
    mapping.write_text(
        'key = "alt"\ndelimiter = ";"\n[columns]\nfiled_at = "wann"\ncategory = "was"\nlat = "lat"\nlon = "lon"\n'
        '[categories]\nPoller = "bollard"\n[time]\nformat = "%d.%m.%Y %H:%M"\n[defaults]\ntext = "{was}: {wo}"\n'
    )
    file = tmp_path / "alt.csv"
    file.write_text(HEAD + GOOD + GOOD.replace("Poller", "Ufo") + GOOD)
    told = io.StringIO()
    call_command("import_reports", file, mapping=mapping, preview=2, stdout=told)
    shown = told.getvalue()
    for words in ("bollard", "received", "mitte", "Poller:", "rejected:", "Ufo", "not used: stand"):
        assert words in " ".join(shown.split())
    assert "kept" not in shown
    assert not Report.objects.exists()


@pytest.mark.django_db
def test_points_of_a_batch_get_the_same_district_as_one_by_one(city):
    points = [(51.40 + north / 40, 7.08 + east / 25) for north in range(7) for east in range(8)]
    together, one_by_one = Placer(), Placer()
    together.look_up(points)
    for point in points:
        assert _placed(together, point) == _placed(one_by_one, point)


def _placed(placer, point):
    try:
        return placer.place(*point)
    except Rejected as error:
        return str(error)


@pytest.mark.django_db
def test_a_dry_run_writes_nothing(city, tmp_path):
    outcome = ImportRun(source(tmp_path, HEAD + GOOD), dry=True).run()
    assert outcome.kept == 1
    assert Report.objects.count() == 0


@pytest.mark.django_db
def test_a_closed_row_ends_in_its_history(city, tmp_path):
    ImportRun(source(tmp_path, HEAD + GOOD.replace(";\n", ";fertig\n"))).run()
    made = Report.objects.get()
    assert made.closed_at is not None
    assert [entry.code for entry in made.thread.entries.order_by("pk")] == ["received", "done"]


@pytest.mark.django_db
def test_a_repeat_counts_as_support_and_not_again_in_a_second_run(city, tmp_path):
    text = HEAD + GOOD + GOOD.replace("01.03.2024", "05.03.2024") + GOOD.replace("01.03.2024", "05.09.2024")
    for _turn in range(2):
        ImportRun(source(tmp_path, text), repeats="count").run()
    assert sorted(Report.objects.values_list("support_count", flat=True)) == [0, 1]


@pytest.mark.django_db
def test_umlauts_in_another_encoding_are_read(city, tmp_path):
    ImportRun(source(tmp_path, HEAD + GOOD.replace("Poller", "Müll"), encoding="cp1252")).run()
    assert Report.objects.get().category_id == "street-dirty"


@pytest.mark.django_db
def test_a_batch_that_fails_leaves_whole_batches(city, tmp_path, monkeypatch):
    """Killed between two batches: the first is whole, the next run brings the rest, nothing twice."""
    from stadtkern.reports.domain.imports import running

    monkeypatch.setattr(running, "BATCH", 2)
    rows = "".join(GOOD.replace("08:30", f"08:{minute}") for minute in range(10, 15))
    told = []

    def die_after_two(count: int) -> None:
        told.append(count)
        if len(told) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ImportRun(source(tmp_path, HEAD + rows), tell=die_after_two).run()
    assert Report.objects.count() == 4
    assert ImportRun(source(tmp_path, HEAD + rows)).run().kept == 1
    assert Report.objects.count() == Thread.objects.count() == 5


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"columns": {"spaceship": "x", "filed_at": "a", "category": "b"}}, "columns"),
        ({"columns": {}}, "columns.filed_at"),
        ({"format": "xls"}, "format"),
        ({"time": {"timezone": "Mars/Base"}}, "time.timezone"),
        ({"defaults": {"status": "vielleicht"}}, "defaults.status"),
    ],
)
def test_a_bad_mapping_names_its_field(changes, field):
    with pytest.raises(BadInput) as caught:
        mapping_from({**MAPPING, **changes})
    assert field in caught.value.fields


def test_a_file_without_a_named_column_is_refused(tmp_path):
    with pytest.raises(BadInput, match="stand"):
        source(tmp_path, "wann;was;wo;lat;lon\n" + "1;2;3;4;5\n")


@pytest.mark.parametrize("content", [b"", b"wann;was\n", b"\xff\xfe\x00"])
def test_an_empty_or_broken_file_is_refused(tmp_path, content):
    file = tmp_path / "alt.csv"
    file.write_bytes(content)
    with pytest.raises(BadInput):
        open_source(file, mapping_from({**MAPPING, "encoding": "utf-8"}))


@given(st.binary(max_size=400))
def test_no_file_makes_it_stumble(tmp_path_factory, content):
    file = tmp_path_factory.mktemp("any") / "alt.csv"
    file.write_bytes((HEAD + GOOD).encode() + content)
    opened = open_source(file, mapping_from({**MAPPING, "encoding": ["utf-8", "cp1252", "latin-1"]}))
    assert sum(1 for _row in opened.rows()) >= 1


@pytest.mark.django_db
def test_geojson_is_read_too(city, tmp_path):
    file = tmp_path / "alt.geojson"
    file.write_text(
        '{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {"wann": "2024-03-01T08:30",'
        ' "was": "Poller"}, "geometry": {"type": "Point", "coordinates": [7.2166, 51.4818]}}]}'
    )
    columns = {"filed_at": "wann", "category": "was", "lat": "lat", "lon": "lon"}
    changes = {"format": "geojson", "columns": columns, "time": {"format": "iso"}, "identity": {}}
    ImportRun(open_source(file, mapping_from({**MAPPING, **changes}))).run()
    assert Report.objects.get().lat == 51.4818
