"""Another SensorThings server, of which the next run asks only what is new."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from stadtkern.core import clock
from stadtkern.hub.domain.connecting.running import run_connector
from stadtkern.hub.models import Connector, Datastream, Run, Thing
from stadtkern.hub.tests.connecting.conftest import Source
from stadtkern.hub.tests.connecting.test_csv import values

pytestmark = pytest.mark.django_db
Make = Callable[..., Connector]
NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
CELSIUS = {"name": "degree Celsius", "symbol": "°C", "definition": "ucum:Cel"}


def answers(source: Source, observations: list[dict[str, Any]], **stream: Any) -> None:
    """A server with one thing, one datastream and these observations on two pages."""
    made = {
        "@iot.id": 7,
        "name": "Lufttemperatur am Steg",
        "description": "zwei Meter über dem Wasser",
        "observationType": "http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_Measurement",
        "unitOfMeasurement": CELSIUS,
        "ObservedProperty": {"@iot.id": 1, "name": "Lufttemperatur", "definition": "http://example.org/air"},
        "Sensor": {"@iot.id": 1, "name": "PT100"},
        "Observations@iot.navigationLink": f"{source.url}/v1.1/Datastreams(7)/Observations",
    } | stream
    thing = {
        "@iot.id": "steg",
        "name": "Steg",
        "description": "Am See",
        "properties": {"owner": "Verein"},
        "Locations": [{"@iot.id": 3, "location": {"type": "Point", "coordinates": [7.29, 51.46]}}],
        "Datastreams": [made],
    }
    source.says("/v1.1/Things", json.dumps({"value": [thing]}))
    first = {"value": observations[:1], "@iot.nextLink": f"{source.url}/v1.1/page2"}
    source.says("/v1.1/Datastreams(7)/Observations", json.dumps(first))
    source.says("/v1.1/page2", json.dumps({"value": observations[1:]}))


def observation(minute: int, result: Any) -> dict[str, Any]:
    return {"phenomenonTime": f"2026-07-01T11:{minute:02}:00Z", "resultTime": None, "result": result}


@pytest.fixture
def lake(source: Source, connector: Make) -> Connector:
    answers(source, [observation(0, 20.5), observation(10, 20.7)])
    return connector("sensorthings", {"url": f"{source.url}/v1.1/"})


def test_things_datastreams_and_observations_come_over(source: Source, lake: Connector) -> None:
    with clock.at(NOON):
        run = run_connector(lake.pk)
    assert (run.state, run.rows, run.created, run.error) == (Run.State.DONE, 2, 2, "")
    thing = Thing.objects.get(source=lake.source, source_key="Things('steg')")
    assert (thing.name, thing.properties) == ("Steg", {"owner": "Verein"})
    assert thing.locations.get().location["coordinates"] == [7.29, 51.46]
    stream = Datastream.objects.get(source=lake.source)
    assert (stream.source_key, stream.unit, stream.sensor.name) == ("Datastreams(7)", CELSIUS, "PT100")
    assert [value for _at, value in values("Datastreams(7)", lake.source)] == [20.5, 20.7]


def test_the_next_run_asks_from_where_the_last_one_ended(source: Source, lake: Connector) -> None:
    with clock.at(NOON):
        run_connector(lake.pk)
        source.asked.clear()
        answers(source, [observation(10, 20.7), observation(20, 21.0)])
        run = run_connector(lake.pk)
    assert (run.created, run.duplicates) == (1, 1)
    asked = parse_qs(urlsplit(source.asked[1][0]).query)
    assert asked["$filter"] == ["phenomenonTime ge 2026-07-01T10:10:00Z"]  # an hour back: late values are seen
    assert unquote(asked["$orderby"][0]) == "phenomenonTime asc"


def test_a_datastream_that_has_nothing_new_is_not_asked(source: Source, lake: Connector) -> None:
    with clock.at(NOON):
        run_connector(lake.pk)
        source.asked.clear()
        answers(source, [], phenomenonTime="2026-01-01T00:00:00Z/2026-07-01T09:00:00Z")
        run_connector(lake.pk)
    assert len(source.asked) == 1


def test_an_interval_is_kept_as_one_and_what_is_unreadable_is_rejected(source: Source, lake: Connector) -> None:
    hour = {"phenomenonTime": "2026-07-01T10:00:00Z/2026-07-01T11:00:00Z", "result": 3}
    answers(source, [hour, {"phenomenonTime": "gestern", "result": 1}])
    with clock.at(NOON):
        run = run_connector(lake.pk)
    assert (run.created, run.rejected) == (1, 1)
    assert "gestern" in run.rejects[0]["raw"]


def test_a_gap_asks_for_just_its_span(source: Source, lake: Connector) -> None:
    answers(source, [observation(0, 1.0), observation(5, 2.0)])
    since = NOON - timedelta(days=30)
    run = run_connector(lake.pk, cause=Run.Cause.GAP, since=since, until=NOON)
    assert run.created == 2
    wanted = parse_qs(urlsplit(source.asked[1][0]).query)["$filter"]
    assert wanted == ["phenomenonTime ge 2026-06-01T12:00:00Z and phenomenonTime lt 2026-07-01T12:00:00Z"]
    lake.refresh_from_db()
    assert lake.position == {}


def test_a_link_to_another_host_gets_no_secret(source: Source, connector: Make) -> None:
    port = source.url.rpartition(":")[2]
    answers(source, [observation(0, 1.0)])
    elsewhere = {"value": [], "@iot.nextLink": f"http://localhost:{port}/v1.1/page2"}
    source.says("/v1.1/Datastreams(7)/Observations", json.dumps(elsewhere))
    config = {"url": f"{source.url}/v1.1", "header_name": "X-Api-Key", "header_value": "geheim"}
    with clock.at(NOON):
        run_connector(connector("sensorthings", config).pk)
    sent = {path.partition("?")[0]: headers.get("X-Api-Key") for path, headers in source.asked}
    assert (sent["/v1.1/Things"], sent["/v1.1/page2"]) == ("geheim", None)


def test_what_is_no_sensorthings_is_said(source: Source, connector: Make) -> None:
    source.says("/v1.1/Things", json.dumps({"error": "no"}))
    run = run_connector(connector("sensorthings", {"url": f"{source.url}/v1.1"}).pk)
    assert run.error == "In der Antwort fehlt die Liste „value“."
