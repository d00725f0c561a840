"""Tables become things, datastreams and observations; what cannot be read is said row by row."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection

from stadtkern.hub.domain.connecting.running import run_connector
from stadtkern.hub.models import Connector, Datastream, Run, Thing
from stadtkern.hub.tests.connecting.conftest import Source

pytestmark = pytest.mark.django_db
Make = Callable[..., Connector]

WIDE = """Zeit;Station;Name;Breite;Länge;Temperatur;Feuchte
01.07.2026 12:00;A1;Rathaus;51,4818;7,2162;21,5;50
01.07.2026 12:05;A1;Rathaus;51,4818;7,2162;21,7;
01.07.2026 12:00;B2;Park;51,4921;7,2239;19,0;61
"""
MAPPING: dict[str, Any] = {
    "time": "Zeit",
    "time_zone": "Europe/Berlin",
    "thing_key": "Station",
    "thing_name": "Name",
    "lat": "Breite",
    "lon": "Länge",
    "values": [
        {"source": "Temperatur", "name": "Lufttemperatur", "unit": "Cel", "unit_name": "Grad Celsius"},
        {"source": "Feuchte", "name": "Relative Luftfeuchte", "unit": "%"},
    ],
}


def values(series: str, source: str = "connector:csv-probe") -> list[tuple[datetime, float]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select phenomenon_start, number from hub_observation o join hub_datastream d on d.id = o.datastream_id "
            "where d.source = %s and d.source_key = %s order by 1",
            [source, series],
        )
        return cursor.fetchall()


def test_a_wide_table_becomes_things_series_and_values(source: Source, connector: Make) -> None:
    made = connector("csv", MAPPING | {"url": source.says("/t.csv", WIDE.encode("cp1252"), content_type="text/csv")})
    run = run_connector(made.pk)
    assert (run.state, run.error) == (Run.State.DONE, "")
    assert (run.rows, run.created, run.duplicates, run.rejected) == (3, 5, 0, 0)
    assert sorted(Thing.objects.filter(source=made.source).values_list("source_key", "name")) == [
        ("A1", "Rathaus"),
        ("B2", "Park"),
    ]
    place = Thing.objects.get(source_key="A1").locations.get()
    assert place.location == {"type": "Point", "coordinates": [7.2162, 51.4818]}
    noon = datetime(2026, 7, 1, 10, tzinfo=UTC)  # summer time
    assert values("A1/Temperatur") == [(noon, 21.5), (noon.replace(minute=5), 21.7)]
    assert values("B2/Feuchte") == [(noon, 61)]
    stream = Datastream.objects.get(source_key="A1/Temperatur")
    assert (stream.unit["symbol"], stream.observed_property.name) == ("Cel", "Lufttemperatur")
    assert stream.organisation is not None
    assert stream.organisation.key == "tiefbauamt"


def test_the_same_table_again_changes_nothing(source: Source, connector: Make) -> None:
    url = source.says("/t.csv", WIDE)
    made = connector("csv", MAPPING | {"url": url})
    run_connector(made.pk)
    again = run_connector(made.pk)
    assert (again.state, again.rows) == (Run.State.UNCHANGED, 0)  # the same body: not even read
    source.says("/t.csv", WIDE + "01.07.2026 12:10;A1;Rathaus;51,4818;7,2162;21,9;49\n")
    grown = run_connector(made.pk)
    assert (grown.created, grown.duplicates, grown.corrected, grown.repeated_rows) == (2, 5, 0, 3)


def test_another_value_for_a_moment_is_a_correction(source: Source, connector: Make) -> None:
    made = connector("csv", MAPPING | {"url": source.says("/t.csv", WIDE)})
    run_connector(made.pk)
    source.says("/t.csv", WIDE.replace("19,0", "18,5"))
    run = run_connector(made.pk)
    assert (run.created, run.corrected, run.duplicates) == (0, 1, 4)
    assert values("B2/Temperatur") == [(datetime(2026, 7, 1, 10, tzinfo=UTC), 18.5)]


def test_doubled_rows_are_duplicates(source: Source, connector: Make) -> None:
    twice = "".join(line + line for line in WIDE.splitlines(keepends=True)[1:])
    made = connector("csv", MAPPING | {"url": source.says("/t.csv", WIDE.splitlines(keepends=True)[0] + twice)})
    run = run_connector(made.pk)
    assert (run.rows, run.created, run.duplicates, run.repeated_rows) == (6, 5, 5, 3)


def test_what_cannot_be_read_is_rejected_with_its_row(source: Source, connector: Make) -> None:
    broken = WIDE + "gestern;A1;Rathaus;51,4818;7,2162;20;50\n01.07.2026 12:15;A1;Rathaus;51,4;7,2;warm;44\nzu;kurz\n"
    made = connector("csv", MAPPING | {"url": source.says("/t.csv", broken), "time_format": "%d.%m.%Y %H:%M"})
    run = run_connector(made.pk)
    assert (run.state, run.rows, run.created, run.rejected) == (Run.State.DONE, 6, 6, 3)
    assert [(reject["row"], reject["reason"]) for reject in run.rejects] == [
        (5, "kein Zeitpunkt im erwarteten Format"),
        (6, "Lufttemperatur: unlesbarer Wert"),
        (7, "2 statt 7 Spalten"),
    ]
    assert run.rejects[1]["raw"] == "Temperatur=warm"
    assert run.reasons["2 statt 7 Spalten"] == 1


def test_only_the_first_hundred_rejects_are_kept_but_all_are_counted(source: Source, connector: Make) -> None:
    rows = "".join(f"nie {number};A1;R;51;7;1;1\n" for number in range(150))
    config = MAPPING | {"url": source.says("/t.csv", WIDE + rows), "time_format": "%d.%m.%Y %H:%M"}
    run = run_connector(connector("csv", config).pk)
    assert (run.rejected, len(run.rejects)) == (150, 100)
    assert run.reasons == {"kein Zeitpunkt im erwarteten Format": 150}


def test_a_long_table_names_its_series_in_a_column(source: Source, connector: Make) -> None:
    table = (
        "when,station,what,value\n2026-07-01T12:00:00Z,A,temp,20.5\n2026-07-01T12:00:00Z,A,pm10,12\n"
        "2026-07-01T12:00:00Z,A,other,1\n"
    )
    config = {
        "url": source.says("/long.csv", table),
        "time": "when",
        "layout": "long",
        "series": "what",
        "value": "value",
        "thing_key": "station",
        "values": [{"source": "temp", "name": "Temperatur"}, {"source": "pm10", "name": "Feinstaub", "factor": 2}],
    }
    run = run_connector(connector("csv", config).pk)
    assert (run.rows, run.created) == (3, 2)
    assert values("A/pm10") == [(datetime(2026, 7, 1, 12, tzinfo=UTC), 24.0)]


def test_conditions_choose_rows(source: Source, connector: Make) -> None:
    conditions = [{"source": "Temperatur", "test": "above", "value": "20"}, {"source": "Feuchte", "test": "filled"}]
    made = connector("csv", MAPPING | {"url": source.says("/t.csv", WIDE), "conditions": conditions})
    run = run_connector(made.pk)
    assert (run.rows, run.created) == (3, 2)
    assert Thing.objects.filter(source=made.source).count() == 1


def test_a_missing_column_is_named(source: Source, connector: Make) -> None:
    made = connector("csv", MAPPING | {"url": source.says("/t.csv", WIDE.replace("Station", "Ort"))})
    run = run_connector(made.pk)
    assert run.state == Run.State.FAILED
    assert run.error == "In der Tabelle fehlen die Spalten: Station"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("", "Die Datei ist leer."),
        ("<!doctype html><title>Fehler</title>", "Das ist keine Tabelle"),
        ('{"a": 1}', "Das ist keine Tabelle"),
    ],
)
def test_what_is_no_table_is_said(source: Source, connector: Make, body: str, words: str) -> None:
    run = run_connector(connector("csv", MAPPING | {"url": source.says("/t.csv", body)}).pk)
    assert run.state == Run.State.FAILED
    assert words in run.error
