"""The city's real measurements through the connector of tables; the folder of real input must be there."""

from pathlib import Path

import pytest
from django.db import connection

from stadtkern.hub.domain.connecting.imports.definition import definition_named, definitions
from stadtkern.hub.domain.connecting.imports.loading import import_folder
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
    assert {run.state for run in again.runs} == {Run.State.UNCHANGED}


@pytest.mark.slow
def test_one_weather_bench(city: object, environment: Path, tmp_path: Path) -> None:
    folder = tmp_path / "weather"
    folder.mkdir()
    (folder / "B8D61A7AD123").symlink_to(environment / "weather" / "B8D61A7AD123")
    definition = definition_named("weather-benches")
    for path in sorted((environment / "weather" / "B8D61A7AD123").glob("*.csv")):
        assert path.relative_to(environment).match(definition.files)
    done = import_folder(definition, environment / "weather" / "B8D61A7AD123" / "..", tell=lambda run: None)
    assert done.counts["rows"] == 104_908
    bench = Thing.objects.get(source="connector:weather-benches", source_key="B8D61A7AD123")
    assert bench.name == "Smarte Bank Ümminger See"
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
