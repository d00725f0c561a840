"""Weather of the DWD in Bright Sky's shape: stations, records, forecasts."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection

from stadtkern.core import clock
from stadtkern.core.problems import BadInput
from stadtkern.hub.domain.connecting.running import run_connector
from stadtkern.hub.models import Connector, Datastream, Run, Thing
from stadtkern.hub.tests.connecting.conftest import Source
from stadtkern.hub.tests.connecting.test_csv import values

pytestmark = pytest.mark.django_db
Make = Callable[..., Connector]
NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
STATION = {"id": 1, "dwd_station_id": "00555", "observation_type": "synop", "lat": 51.4, "lon": 7.2, "height": 110.0,
           "station_name": "BOCHUM", "wmo_station_id": "10410"}  # fmt: skip
OUTLOOK = STATION | {"id": 2, "observation_type": "forecast"}


def says(source: Source, *records: dict[str, Any]) -> str:
    source.says("/weather", json.dumps({"weather": list(records), "sources": [STATION, OUTLOOK]}))
    return source.url


def record(hour: int, temperature: float | None, station: int = 1, **more: Any) -> dict[str, Any]:
    when = (NOON + timedelta(hours=hour)).isoformat()
    return {"timestamp": when, "source_id": station, "temperature": temperature, "icon": "cloudy", "solar": None} | more


def test_records_become_values_of_the_station(source: Source, connector: Make) -> None:
    url = says(source, record(-1, 20.5, condition="dry"), record(0, 21.0), record(5, 25.0, station=2))
    made = connector("bright-sky", {"url": url, "lat": "51,4818", "lon": "7,2162"})
    with clock.at(NOON):
        run = run_connector(made.pk)
    assert (run.state, run.rows, run.created, run.error) == (Run.State.DONE, 3, 3, "")  # no forecast was wanted
    assert values("00555/temperature", made.source) == [(NOON - timedelta(hours=1), 20.5), (NOON, 21.0)]
    station = Thing.objects.get(source=made.source)
    assert (station.name, station.properties["wmo_station_id"]) == ("Wetterstation Bochum (DWD)", "10410")
    assert Datastream.objects.get(source_key="00555/condition").observation_type.endswith("OM_CategoryObservation")
    asked = parse_qs(urlsplit(source.asked[0][0]).query)
    assert (asked["lat"], asked["date"], asked["units"]) == (["51.4818"], ["2026-06-29T12:00:00+00:00"], ["dwd"])


def test_every_run_of_a_forecast_counts(source: Source, connector: Make) -> None:
    url = says(source, record(5, 25.0, station=2))
    made = connector("bright-sky", {"url": url, "dwd_station_id": "00555", "days_ahead": 2})
    with clock.at(NOON):
        assert run_connector(made.pk).created == 1
    says(source, record(5, 24.0, station=2))
    with clock.at(NOON + timedelta(hours=1)):
        assert run_connector(made.pk).created == 1  # another forecast of the same hour, not a correction
    stream = Datastream.objects.get(source_key="00555/forecast/temperature")
    with connection.cursor() as cursor:
        cursor.execute(
            "select number, result_time from hub_observation where datastream_id = %s order by result_time", [stream.pk]
        )
        assert cursor.fetchall() == [(25.0, NOON), (24.0, NOON + timedelta(hours=1))]


def test_a_long_gap_is_asked_for_month_by_month(source: Source, connector: Make) -> None:
    made = connector("bright-sky", {"url": says(source), "dwd_station_id": "00555"})
    run_connector(made.pk, cause=Run.Cause.GAP, since=NOON - timedelta(days=70), until=NOON)
    spans = [parse_qs(urlsplit(path).query) for path, _headers in source.asked]
    assert len(spans) == 3
    assert (spans[0]["date"], spans[-1]["last_date"]) == (["2026-04-22T12:00:00+00:00"], [NOON.isoformat()])


def test_a_place_or_a_station_is_needed(source: Source, connector: Make) -> None:
    with pytest.raises(BadInput):
        connector("bright-sky", {"url": "https://api.example.org", "lat": 51})
