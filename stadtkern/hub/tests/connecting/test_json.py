"""JSON by HTTP: JMESPath says where the list is and what its parts are."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from stadtkern.hub.domain.connecting.previewing import first_look, preview
from stadtkern.hub.domain.connecting.running import run_connector
from stadtkern.hub.models import Connector, Datastream, Run, Thing
from stadtkern.hub.tests.connecting.conftest import Source
from stadtkern.hub.tests.connecting.test_csv import values

pytestmark = pytest.mark.django_db
Make = Callable[..., Connector]
NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)


def station(id: int, title: str, place: list[float], **last: Any) -> dict[str, Any]:
    when = {"at": "2026-07-01T14:00:00+02:00"}
    return {"id": id, "title": title, "geo": {"coordinates": place}, "last": when | last}


MARKET, RING = (
    station(7, "Markt", [7.21, 51.48], no2=21.5, ok=True),
    station(9, "Ring", [7.25, 51.47], no2=None, ok=False),
)
STATIONS = {"data": {"stations": [MARKET, RING]}}
MAPPING: dict[str, Any] = {
    "list": "data.stations",
    "time": "last.at",
    "thing_key": "id",
    "thing_name": "title",
    "lon": "geo.coordinates[0]",
    "lat": "geo.coordinates[1]",
    "values": [
        {"source": "last.no2", "key": "no2", "name": "Stickstoffdioxid", "unit": "ug/m3"},
        {"source": "last.ok", "key": "ok", "name": "Betrieb", "type": "flag"},
    ],
}


def test_entries_become_values(source: Source, connector: Make) -> None:
    made = connector("http-json", MAPPING | {"url": source.says("/s.json", json.dumps(STATIONS))})
    run = run_connector(made.pk)
    assert (run.state, run.rows, run.created) == (Run.State.DONE, 2, 3)
    assert values("7/no2", made.source) == [(NOON, 21.5)]
    assert Thing.objects.get(source_key="9").locations.get().location["coordinates"] == [7.25, 51.47]
    assert Datastream.objects.get(source_key="9/ok").observation_type.endswith("OM_TruthObservation")


def test_pages_are_followed_once_each(source: Source, connector: Make) -> None:
    first = {"items": [{"t": "2026-07-01T12:00:00Z", "v": 1}], "next": "/p2"}
    second = {"items": [{"t": "2026-07-01T13:00:00Z", "v": 2}], "next": "/p1"}
    source.says("/p2", json.dumps(second))
    config = {
        "url": source.says("/p1", json.dumps(first)),
        "list": "items",
        "next": "next",
        "time": "t",
        "thing_name": "Zähler",
        "values": [{"source": "v", "name": "Stand"}],
    }
    made = connector("http-json", config)
    assert run_connector(made.pk).created == 2
    assert [path for path, _headers in source.asked] == ["/p1", "/p2"]
    assert Thing.objects.get(source=made.source).name == "Zähler"


def test_lists_side_by_side_are_rows_too(source: Source, connector: Make) -> None:
    body = {"hourly": {"time": [1782907200, 1782910800], "temp": [20.5, 21.5]}}
    config = {
        "url": source.says("/h", json.dumps(body)),
        "list": "hourly",
        "time": "time",
        "time_format": "unix",
        "values": [{"source": "temp", "name": "Temperatur"}],
    }
    made = connector("http-json", config)
    assert run_connector(made.pk).created == 2
    assert values("1/temp", made.source)[0] == (NOON, 20.5)


def test_the_period_of_a_gap_stands_in_the_address(source: Source, connector: Make) -> None:
    source.says("/v", json.dumps([{"t": "2026-06-30T12:00:00Z", "v": 1}]))
    url = f"{source.url}/v?from={{since}}&day={{until_date}}"
    made = connector("http-json", {"url": url, "time": "t", "values": [{"source": "v", "name": "Stand"}]})
    since, until = datetime(2026, 6, 30, tzinfo=UTC), datetime(2026, 6, 30, 23, tzinfo=UTC)
    run = run_connector(made.pk, cause=Run.Cause.GAP, since=since, until=until)
    assert run.created == 1
    assert source.asked[0][0] == "/v?from=2026-06-30T00:00:00Z&day=2026-07-01"  # one o'clock in Bochum


@pytest.mark.parametrize(
    ("body", "words"),
    [("<html>", "Die Antwort ist kein JSON (Stelle 0). Sie beginnt so: <html>"), ("{}", ""), ('{"data": 4}', "")],
)
def test_what_is_no_json_is_said(source: Source, connector: Make, body: str, words: str) -> None:
    run = run_connector(connector("http-json", MAPPING | {"url": source.says("/s", body)}).pk)
    assert (run.error, run.created) == (words, 0)
    assert run.state == (Run.State.FAILED if words else Run.State.UNCHANGED)


def test_a_look_finds_list_time_place_and_values(source: Source, connector: Make) -> None:
    made = connector("http-json", MAPPING | {"url": source.says("/s.json", json.dumps(STATIONS))})
    made.config = {"url": made.config["url"]}
    seen = first_look(made)
    assert seen.suggested["list"] == "data.stations"
    assert (seen.suggested["time"], seen.suggested["time_format"]) == ("last.at", "iso")
    assert (seen.suggested["thing_key"], seen.suggested["time_zone"]) == ("id", "")
    assert {one["source"] for one in seen.suggested["values"]} >= {"last.no2"}
    assert ("title", "Markt, Ring") in seen.columns


def test_a_preview_shows_what_would_be_stored_and_stores_nothing(source: Source, connector: Make) -> None:
    made = connector("http-json", MAPPING | {"url": source.says("/s.json", json.dumps(STATIONS))})
    shown = preview(made)
    assert [(row.thing, row.series, row.value, row.unit) for row in shown.rows] == [
        ("Markt", "Stickstoffdioxid", 21.5, "ug/m3"),
        ("Markt", "Betrieb", True, ""),
        ("Ring", "Betrieb", False, ""),
    ]
    assert not Thing.objects.filter(source=made.source).exists()
    assert not Run.objects.exists()
    source.says("/s.json", "", status=404)
    assert "404" in preview(made).problem
