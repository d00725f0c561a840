"""Archived months are answered as if they were in the tables."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from stadtkern.hub.domain.store import archive, ids, rolling
from stadtkern.hub.tests.cast import NOON
from stadtkern.hub.tests.sta_read.asking import Sta
from stadtkern.hub.tests.sta_read.town import HOUR, Town, put

pytestmark = pytest.mark.django_db
MAY = ids.month_of(NOON)


@pytest.fixture
def old(town: Town, settings: Any, tmp_path: Path) -> Town:
    """May stands in the archive; two values of August in the tables, one of them came late for May."""
    settings.HUB_ARCHIVE = tmp_path / "archive"
    air = town.streams["bench air"]
    put(air, NOON + 90 * 24 * HOUR, number=30.0)
    put(air, NOON + 91 * 24 * HOUR, number=31.0)
    rolling.roll()
    assert archive.archive(MAY)
    put(air, NOON + 2 * HOUR, number=99.0)
    return town


def results(sta: Sta, path: str, **options: object) -> list[object]:
    return [one["result"] for one in sta(path, **options)["value"]]


def test_one_datastream_is_answered_whole(old: Town, sta: Sta) -> None:
    path = f"Datastreams({old.streams['bench air'].pk})/Observations"
    assert results(sta, path) == [10.5, 11.5, 99, 13.5, 14.5, 15.5, 30, 31]
    assert results(sta, path, filter="result lt 14") == [10.5, 11.5, 13.5]
    assert results(sta, path, filter="phenomenonTime lt 2026-05-04T14:30:00Z", orderby="result desc") == [
        99,
        11.5,
        10.5,
    ]
    assert sta(path, count="true", top=1)["@iot.count"] == 8
    for order in ({}, {"orderby": "phenomenonTime desc"}, {"orderby": "result"}):
        walked = [one["result"] for page in sta.pages(path, top=2, **order) for one in page]
        assert walked == results(sta, path, **order)
        assert len(walked) == 8


def test_a_period_of_all_datastreams(old: Town, sta: Sta) -> None:
    span = "phenomenonTime ge 2026-05-01T00:00:00Z and phenomenonTime lt 2026-06-01T00:00:00Z"
    assert len(sta.ids("Observations", filter=span)) == 6 + 3 + 2 + 1
    assert len(sta.ids("Observations", filter="during(phenomenonTime, 2026-05-04T14:00:00Z/2026-05-04T16:00:00Z)")) == 3
    rows = sta("Observations", filter=span, resultFormat="dataArray")["value"]
    assert sum(one["dataArray@iot.count"] for one in rows) == 12


def test_an_observation_by_its_number(old: Town, sta: Sta) -> None:
    first = sta(f"Datastreams({old.streams['bench rain'].pk})/Observations", top=1)["value"][0]
    assert sta(f"Observations({first['@iot.id']})") == first
    assert sta(f"Observations({first['@iot.id']})/Datastream/Thing")["name"] == "bench"
    path = f"Datastreams({old.streams['bench rain'].pk})/Observations"
    assert sta(f"Observations({first['@iot.id']})/Datastream/Observations") == sta(path)
    assert sta.raw(f"Observations({first['@iot.id'] + 500})").status_code == 404


def test_newest_values_and_expansions_need_no_archive(old: Town, sta: Sta, monkeypatch: pytest.MonkeyPatch) -> None:
    from stadtkern.hub.domain.store import archive_reading

    opened: list[object] = []
    union = archive_reading._union
    monkeypatch.setattr(archive_reading, "_union", lambda *given: opened.append(given) or union(*given))
    path = f"Datastreams({old.streams['bench air'].pk})/Observations"
    assert results(sta, path, orderby="phenomenonTime desc", top=1) == [31]
    found = sta("Datastreams", expand="Observations($top=1;$select=result)", select="name")["value"]
    assert [one["result"] for one in found[1]["Observations"]] == [2]
    assert sta(path, filter=f"phenomenonTime ge {(NOON + timedelta(days=60)).isoformat()}")["value"]
    assert not opened
    results(sta, path, orderby="phenomenonTime desc", top=2)
    assert opened


def test_figures_of_old_months(old: Town, sta: Sta) -> None:
    path = f"Datastreams({old.streams['bench air'].pk})/Observations"
    for interval in ("PT1H", "PT30M"):
        found = sta(path, apply=f"aggregate(mean;interval={interval})")["value"]
        assert [one["mean"] for one in found] == [10.5, 11.5, 99, 13.5, 14.5, 15.5, 30, 31]
    (median,) = sta(path, apply="aggregate(median)")["value"]
    assert median["median"] == 15


def test_a_hidden_series_stays_hidden_in_the_archive(old: Town, sta: Sta) -> None:
    air = old.streams["bench air"]
    air.visibility = "organisation"
    air.save()
    assert sta.raw(f"Datastreams({air.pk})/Observations").status_code == 404
    span = "phenomenonTime ge 2026-05-01T00:00:00Z and phenomenonTime lt 2026-06-01T00:00:00Z"
    assert len(sta.ids("Observations", filter=span)) == 6
    assert orjson.loads(sta.raw("Observations/$count", filter=span).body) == 6


@pytest.mark.parametrize("top", [1, 2, 3])
def test_a_walk_back_in_time_goes_on_in_the_archive(old: Town, sta: Sta, top: int) -> None:
    rain = old.streams["bench rain"]
    for n in (3, 4):
        put(rain, NOON + 90 * 24 * HOUR + n * HOUR, number=float(n))
    pages = sta.pages(f"Datastreams({rain.pk})/Observations", top=top, orderby="phenomenonTime desc")
    assert [one["result"] for page in pages for one in page] == [4, 3, 2, 1, 0]


@pytest.mark.parametrize("form", ["json", "dataArray"])
@pytest.mark.parametrize("order", ["", "phenomenonTime desc", "result"])
def test_a_walk_over_all_datastreams(old: Town, sta: Sta, form: str, order: str) -> None:
    put(old.streams["pond level"], NOON + 3 * HOUR, number=2.0)
    options = {"resultFormat": form, **({"orderby": order} if order else {})}
    for filter in ({}, {"filter": "phenomenonTime ge 2026-05-01T00:00:00Z"}):
        whole = ids_told(sta.pages("Observations", **options, **filter))
        assert len(whole) == (16 if filter else 5)
        assert ids_told(sta.pages("Observations", top=3, **options, **filter)) == whole


def ids_told(pages: list[list[dict[str, Any]]]) -> list[int]:
    """The numbers of the observations of all pages, in either form."""
    found = []
    for one in (one for page in pages for one in page):
        found += [row[0] for row in one["dataArray"]] if "dataArray" in one else [one["@iot.id"]]
    return found


def test_a_time_that_the_filter_looks_up_is_no_span(old: Town, sta: Sta) -> None:
    path = f"Datastreams({old.streams['bench air'].pk})/Observations"
    later = "phenomenonTime ge Datastream/Thing/HistoricalLocations/time add duration'PT5H'"
    assert results(sta, path, filter=later) == [15.5, 30, 31]
    for last in ("maxdatetime()", "9999-12-31T23:59:59.999999Z"):
        assert len(results(sta, path, filter=f"phenomenonTime le {last}")) == 8
        assert results(sta, path, filter=f"phenomenonTime gt {last} or phenomenonTime lt mindatetime()") == []
        assert results(sta, path, filter=f"phenomenonTime eq {last}") == []
    assert results(sta, path, filter="phenomenonTime lt mindatetime()", orderby="phenomenonTime desc") == []
