"""The hour that comes twice in autumn: naive local times are told apart by the order of the rows."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from stadtkern.hub.domain.connecting.moments import Before, MomentReader
from stadtkern.hub.domain.connecting.running import run_connector
from stadtkern.hub.models import Connector
from stadtkern.hub.tests.connecting.conftest import Source
from stadtkern.hub.tests.connecting.test_csv import values

Make = Callable[..., Connector]
BERLIN = ZoneInfo("Europe/Berlin")
BEGIN = datetime(2026, 10, 24, 22, tzinfo=UTC)  # midnight in Bochum; clocks go back at 01:00 UTC


def read_back(moments: list[datetime]) -> list[datetime]:
    """The moments as a reader finds them again in what Bochum's clocks showed."""
    reader, before, found = MomentReader("iso", BERLIN), None, []
    for moment in moments:
        told = moment.astimezone(BERLIN).replace(tzinfo=None).isoformat()
        at = reader.read(told, before=before)
        before = before.then(at) if before else Before(at)
        found.append(at)
    return found


@pytest.mark.parametrize("is_newest_first", [False, True])
@pytest.mark.parametrize(("step", "times"), [*product((1, 5, 7, 15, 20, 30, 45), (1, 2)), (60, 1)])
def test_the_order_of_the_rows_tells_the_passes_apart(step: int, is_newest_first: bool, times: int) -> None:
    once = [BEGIN + n * timedelta(minutes=step) for n in range(360 // step)]
    moments = [moment for moment in once for _time in range(times)]
    told = moments[::-1] if is_newest_first else moments
    assert read_back(told) == told


@pytest.mark.django_db
def test_series_that_take_turns_do_not_push_each_other_into_the_second_pass(source: Source, connector: Make) -> None:
    clocks = ("02:00", "02:30", "02:00", "02:30", "03:00")
    rows = [f"25.10.2026 {clock};A;{name};{n}" for n, clock in enumerate(clocks) for name in ("temp", "pm10")]
    config: dict[str, Any] = {
        "url": source.says("/long.csv", "\n".join(["when;station;what;value", *rows])),
        "time": "when",
        "time_zone": "Europe/Berlin",
        "layout": "long",
        "series": "what",
        "value": "value",
        "thing_key": "station",
        "values": [{"source": "temp", "name": "Temperatur"}, {"source": "pm10", "name": "Feinstaub"}],
    }
    run = run_connector(connector("csv", config).pk)
    expected = [(datetime(2026, 10, 25, tzinfo=UTC) + n * timedelta(minutes=30), float(n)) for n in range(5)]
    assert (run.created, run.corrected, run.rejected) == (10, 0, 0)
    assert values("A/temp") == values("A/pm10") == expected


@pytest.mark.django_db
def test_a_time_that_is_an_object_is_one_rejected_entry(source: Source, connector: Make) -> None:
    entries = [{"t": "2026-07-01T12:00:00Z", "v": 1}, {"t": {"year": 2026}, "v": 2}, {"t": [2026], "v": 3}]
    config = {
        "url": source.says("/v", json.dumps(entries)),
        "time": "t",
        "time_format": "iso",
        "values": [{"source": "v", "name": "Stand"}],
    }
    run = run_connector(connector("http-json", config).pk)
    assert (run.error, run.created, run.rejected) == ("", 1, 2)
    assert run.reasons == {"kein Zeitpunkt im erwarteten Format": 2}


@pytest.mark.django_db
@pytest.mark.parametrize("lat", ["nirgends", "5705000"])
def test_a_bad_place_in_the_first_row_does_not_lose_the_rows_behind(source: Source, connector: Make, lat: str) -> None:
    table = f"t;id;lat;lon;v\n2026-07-01T12:00:00Z;A;{lat};7.2;1\n2026-07-01T12:05:00Z;A;51.4;7.2;2\n"
    config = {
        "url": source.says("/t.csv", table),
        "time": "t",
        "thing_key": "id",
        "lat": "lat",
        "lon": "lon",
        "values": [{"source": "v", "name": "Stand"}],
    }
    run = run_connector(connector("csv", config).pk)
    assert (run.error, run.created) == ("", 1)
    assert run.reasons == {"Koordinaten sind keine Grade": 1}
