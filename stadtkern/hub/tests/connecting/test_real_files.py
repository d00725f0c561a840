"""The city's real measurements through the connector of tables; the folder of real input must be there."""

import csv
import io
from pathlib import Path

import pytest
from django.db import connection

from stadtkern.core.problems import BadInput
from stadtkern.hub.domain.connecting.imports.definition import definition_named, definitions, read_definition
from stadtkern.hub.domain.connecting.imports.loading import import_folder
from stadtkern.hub.management.commands.hub_import import run
from stadtkern.hub.models import Datastream, Run, Thing

pytestmark = pytest.mark.django_db


@pytest.fixture
def environment(shared_data: Path) -> Path:
    return shared_data / "bochum-open-data" / "environment"


def figures(key: str) -> tuple[int, int, int]:
    """(values in the store, of them bad, datastreams)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select count(*), count(*) filter (where o.flags & 1024 > 0), count(distinct o.datastream_id) "
            "from hub_observation o join hub_datastream d on d.id = o.datastream_id where d.source = %s",
            [f"connector:{key}"],
        )
        return cursor.fetchone()


def filled_cells(folder: Path) -> int:
    """Counted without any code of ours: cells with something in them beside the first column."""
    count = 0
    for path in folder.glob("*/*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            count += sum(cell != "" for row in list(csv.reader(file))[1:] for cell in row[1:])
    return count


def test_every_definition_of_the_pack_can_be_used(city: object) -> None:
    assert [one.key for one in definitions()] == ["pond-loggers", "tree-sensors", "weather-benches"]


@pytest.mark.slow
def test_tree_sensors(city: object, environment: Path) -> None:
    done = import_folder(definition_named("tree-sensors"), environment)
    assert done.failed == []
    assert done.counts == {
        "rows": 66_053, "repeated_rows": 0, "created": 264_212, "corrected": 0, "duplicates": 0, "rejected": 0,
    }  # fmt: skip
    assert figures("tree-sensors")[0] == 264_212
    lime = Thing.objects.get(source="connector:tree-sensors", source_key="A840416C818718D7")
    assert (lime.name, lime.locations.get().location["coordinates"]) == ("Linde 1", [7.226812, 51.470249])
    moisture = Datastream.objects.get(thing=lime, name="Feuchte des Baums")
    with connection.cursor() as cursor:
        cursor.execute(
            "select min(phenomenon_start)::text, max(phenomenon_start)::text from hub_observation "
            "where datastream_id = %s", [moisture.pk],
        )  # fmt: skip
        assert cursor.fetchone() == ("2023-06-14 08:38:00+00", "2024-05-31 23:51:00+00")


@pytest.mark.slow
def test_pond_loggers_twice(city: object, environment: Path) -> None:
    definition = definition_named("pond-loggers")
    done = import_folder(definition, environment)
    assert done.failed == []
    assert (done.counts["rows"], done.counts["repeated_rows"], done.counts["rejected"]) == (84_772, 1_168, 0)
    stored, bad, streams = figures("pond-loggers")
    assert stored == done.counts["created"]
    assert streams == 39  # five loggers, eight values each; the one at the Jahrhunderthalle has no conductivity
    assert bad > 0  # 9999 for oxygen
    again = import_folder(definition, environment)
    assert (again.counts["created"], again.counts["corrected"]) == (0, 0)
    assert again.counts["duplicates"] == done.counts["created"] + done.counts["duplicates"]
    assert {one.state for one in again.runs} == {Run.State.UNCHANGED}


@pytest.mark.slow
def test_weather_benches(city: object, environment: Path, tmp_path: Path) -> None:
    """Two of the six: one with all its sensors, one whose outdoor sensors say nothing."""
    (tmp_path / "weather").mkdir()
    for name in ("943CC6451BFB", "B8D61A7AD123"):
        (tmp_path / "weather" / name).symlink_to(environment / "weather" / name)
    done = import_folder(definition_named("weather-benches"), tmp_path)
    assert done.failed == []
    filled = filled_cells(tmp_path / "weather")
    assert done.counts == {
        "rows": 33_144, "repeated_rows": 0, "created": filled, "corrected": 0, "duplicates": 0, "rejected": 0,
    }  # fmt: skip
    stored, bad, streams = figures("weather-benches")
    assert (stored, streams) == (filled, 34)
    assert bad == 0  # the sunlight that cannot be was told by other benches
    bench = Thing.objects.get(source="connector:weather-benches", source_key="B8D61A7AD123")
    assert (bench.name, bench.locations.get().location["coordinates"]) == (
        "Smarte Bank Ümminger See",
        [7.291489, 51.46733],
    )
    # No outdoor sensor answers there: a column without any value makes no datastream.
    assert sorted(bench.datastreams.values_list("name", flat=True)) == [
        "Gefühlte Temperatur im Gehäuse",
        "Luftdruck an der Station",
        "Luftdruck, auf Meereshöhe bezogen",
        "Luftfeuchte im Gehäuse",
        "Scheinbare Temperatur im Gehäuse",
        "Taupunkt im Gehäuse",
        "Temperatur im Gehäuse",
    ]


def test_the_command_lists_imports_and_says_what_is_missing(city: object, tmp_path: Path) -> None:
    out = io.StringIO()
    assert run(None, None, out) is None
    assert "pond-loggers: Teiche und Seen (water/[0-9]*.csv)" in out.getvalue()
    with pytest.raises(BadInput, match="keine Datei"):
        run("pond-loggers", tmp_path, out)
    with pytest.raises(BadInput, match="Bekannt sind: pond-loggers, tree-sensors, weather-benches"):
        run("nothing", tmp_path, out)


def test_the_command_imports_a_folder_twice(city: object, tmp_path: Path) -> None:
    folder = tmp_path / "treesense"
    folder.mkdir()
    table = (
        "\ufefftime;resistance;temperature;resis_temp_comp;moisture_content\n14.6.23 8:38;7.5;23.1;9.8;100\nx;1;1;1;1\n"
    )
    (folder / "Bochum_TreeSense_1_Linde_A840416C818718D7.csv").write_text(table, encoding="utf-8")
    first, second = io.StringIO(), io.StringIO()
    run("tree-sensors", tmp_path, first)
    assert "values created: 4\n" in first.getvalue()
    assert "  1 x kein Zeitpunkt im erwarteten Format\n" in first.getvalue()
    run("tree-sensors", tmp_path, second)
    assert "values created: 0\nvalues corrected: 0\nvalues that were there: 4\n" in second.getvalue()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("key = ", "ist nicht lesbar"),
        ('key = "a"', "fehlt: name, files, csv"),
        ('key = "a"\nname = "b"\nfiles = "*"\n[csv]\ntime = "t"', "nicht brauchbar"),
        ('key = "a"\nname = "b"\nfiles = "*"\nodd = 1\n[csv]\ntime = "t"\nvalues = [{source = "v"}]', "odd"),
    ],
)
def test_what_is_wrong_in_a_definition_is_said(city: object, tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "a.toml"
    path.write_text(text)
    with pytest.raises(BadInput, match=words):
        read_definition(path)
