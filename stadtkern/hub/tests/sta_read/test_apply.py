"""$apply=aggregate(…): figures by interval, from rollups and from values alike."""

import csv
import io
import statistics

import orjson
import pytest

from stadtkern.hub.domain.store import rolling
from stadtkern.hub.models import Datastream
from stadtkern.hub.tests.cast import NOON
from stadtkern.hub.tests.sta_read.asking import ROOT, Sta
from stadtkern.hub.tests.sta_read.town import HOUR, Town, put
from stadtkern.hub.words import Flag

pytestmark = pytest.mark.django_db


@pytest.fixture
def air(town: Town) -> str:
    stream = town.streams["bench air"]
    put(stream, NOON + HOUR / 2, number=20.0)
    put(stream, NOON + 2 * HOUR + HOUR / 2, number=99.0, flags=Flag.RANGE | Flag.BAD)
    return f"Datastreams({stream.pk})/Observations"


@pytest.mark.parametrize("rolled", [False, True])
def test_figures_by_interval(town: Town, sta: Sta, air: str, rolled: bool) -> None:
    if rolled:
        rolling.roll()
    found = sta(air, apply="aggregate(mean,min,max,count,sum,first,last;interval=PT2H)")["value"]
    assert found[0] == {
        "phenomenonTime": "2026-05-04T12:00:00Z/2026-05-04T14:00:00Z",
        "mean": 14, "min": 10.5, "max": 20, "count": 3, "sum": 42, "first": 10.5, "last": 11.5,
    }  # fmt: skip
    assert [(one["count"], one["mean"]) for one in found] == [(3, 14), (3, 13), (2, 15)]


def test_any_interval_and_function(town: Town, sta: Sta, air: str) -> None:
    found = sta(air, apply="aggregate(median,stddev;interval=PT90M)")["value"]
    assert found[0]["median"] == 11.5
    assert found[0]["stddev"] == pytest.approx(statistics.stdev([10.5, 20, 11.5]))
    (whole,) = sta(air, apply="aggregate(count,max)")["value"]
    assert (whole["count"], whole["max"]) == (8, 20)
    assert whole["phenomenonTime"] == "2026-05-04T12:00:00Z/2026-05-04T17:00:00Z"
    days = sta("Observations", apply="aggregate(count;interval=day)", select="Datastream")["value"]
    assert days[0]["phenomenonTime"] == "2026-05-03T22:00:00Z/2026-05-04T22:00:00Z"
    assert sum(one["count"] for one in days) == 15
    assert any("MultiDatastream@iot.navigationLink" in one for one in days)


def test_a_span_and_the_gaps_in_it(town: Town, sta: Sta, air: str) -> None:
    span = "phenomenonTime ge 2026-05-04T13:30:00Z and phenomenonTime lt 2026-05-04T15:30:00Z"
    half = sta(air, apply="aggregate(mean,count;interval=PT30M;gaps=linear)", filter=span)["value"]
    assert [(one["mean"], one["count"]) for one in half] == [(None, 0), (12.5, 1), (13, 1), (13.5, 1)]
    assert len(sta(air, apply="aggregate(count;interval=PT30M)", filter=span)["value"]) == 3
    assert sta(air, apply="aggregate(count)", filter="phenomenonTime gt 2027-01-01T00:00:00Z") == {"value": []}
    table = sta.raw(air, apply="aggregate(mean,count;interval=PT30M;gaps=null)", filter=span, resultFormat="csv")
    assert [row[2:] for row in csv.reader(io.StringIO(table.body.decode()))][1:3] == [["", "0"], ["12.5", "1"]]


def test_datastreams_are_chosen_by_a_filter(town: Town, sta: Sta, air: str) -> None:
    water = {"apply": "aggregate(max,count)", "filter": "Datastream/ObservedProperty/name eq 'water'"}
    (together,) = sta("Observations", **water)["value"]
    assert together == {"phenomenonTime": together["phenomenonTime"], "max": 2, "count": 6}
    found = sta("Observations", select="Datastream", **water)["value"]
    assert [one["max"] for one in found] == [2, 1.25]
    assert sta("Observations", apply="aggregate(max)", filter="Datastream/name eq 'nothing'") == {"value": []}


def test_pages_and_csv(town: Town, sta: Sta, air: str) -> None:
    pages = sta.pages(air, apply="aggregate(count;interval=PT1H)", top=4)
    assert [len(page) for page in pages] == [4, 2]
    response = sta.raw(air, apply="aggregate(count,mean;interval=PT1H)", resultFormat="csv", top=1)
    rows = list(csv.reader(io.StringIO(response.body.decode())))
    assert rows[0] == ["Datastream/id", "phenomenonTime", "count", "mean"]
    assert rows[1][1:] == ["2026-05-04T12:00:00Z/2026-05-04T13:00:00Z", "2", "15.25"]


def test_different_units_are_not_put_together(town: Town, sta: Sta, air: str) -> None:
    Datastream.objects.filter(name="pond level").update(unit={"name": "metre", "symbol": "m", "definition": ""})
    status, message = sta.problem("Observations", apply="aggregate(mean)", filter="Datastream/id gt 0")
    assert status == 400
    assert "different units" in message
    assert (
        len(sta("Observations", apply="aggregate(mean)", filter="Datastream/id gt 0", select="Datastream")["value"])
        == 3
    )
    assert sta("Observations", apply="aggregate(count)", filter="Datastream/id gt 0")["value"][0]["count"] == 14


def test_what_does_not_go_with_it(town: Town, sta: Sta, air: str) -> None:
    whole = "aggregate(count)"
    for path, options in (
        ("Things", {}),
        (air, {"orderby": "result"}),
        (air, {"expand": "Datastream"}),
        (air, {"count": "true"}),
        (air, {"select": "result"}),
        (air, {"filter": "result gt 5"}),
        (air, {"filter": "1 eq 1"}),
        (air, {"resultFormat": "geojson"}),
        (f"FeaturesOfInterest({town.features['park'].pk})/Observations", {}),
        (f"Things({town.things['bench'].pk})", {}),
    ):
        assert sta.problem(path, apply=whole, **options)[0] == 400, (path, options)
    assert sta.problem("Things", expand="Datastreams($expand=Observations($apply=aggregate(count)))")[0] == 400


def test_what_is_not_seen_is_not_counted(town: Town, sta: Sta, air: str) -> None:
    Datastream.objects.filter(name="bench air").update(visibility="organisation")
    (together,) = sta("Observations", apply="aggregate(count)")["value"]
    assert together["count"] == 7
    apart = sta("Observations", apply="aggregate(count)", select="Datastream")["value"]
    names = {one.get("Datastream@iot.navigationLink") for one in apart}
    assert f"{ROOT}/Datastreams({town.streams['bench air'].pk})" not in names
    assert orjson.loads(sta.raw(air, apply="aggregate(count)").body)["code"] == 404


@pytest.mark.parametrize(
    ("filter", "number"), [("le maxdatetime()", 8), ("gt maxdatetime()", 0), ("lt mindatetime()", 0)]
)
def test_a_span_to_the_end_of_all_time(town: Town, sta: Sta, air: str, filter: str, number: int) -> None:
    found = sta(air, apply="aggregate(count)", filter=f"phenomenonTime {filter}")["value"]
    assert sum(one["count"] for one in found) == number
