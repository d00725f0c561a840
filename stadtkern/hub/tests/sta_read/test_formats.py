"""dataArray, CSV, GeoJSON: the same rows in other shapes, streamed."""

import csv
import io
from typing import Any

import orjson
import pytest

from stadtkern.hub.models import Thing
from stadtkern.hub.tests.cast import NOON
from stadtkern.hub.tests.sta_read.asking import ROOT, Sta
from stadtkern.hub.tests.sta_read.town import HOUR, Town, put

pytestmark = pytest.mark.django_db


def lines(sta: Sta, path: str, **options: Any) -> list[list[str]]:
    response = sta.raw(path, resultFormat="csv", **options)
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    return list(csv.reader(io.StringIO(response.body.decode())))


def test_data_array(town: Town, sta: Sta) -> None:
    found = sta("Observations", resultFormat="dataArray", select="id,phenomenonTime,result", count="true")
    assert found["@iot.count"] == 13
    assert [one["dataArray@iot.count"] for one in found["value"]] == [6, 3, 3, 1]
    first, last = found["value"][0], found["value"][-1]
    assert first["Datastream@iot.navigationLink"] == f"{ROOT}/Datastreams({town.streams['bench air'].pk})"
    assert first["components"] == ["id", "phenomenonTime", "result"]
    assert first["dataArray"][0][1:] == ["2026-05-04T12:00:00Z", 10.5]
    assert last["MultiDatastream@iot.navigationLink"] == f"{ROOT}/MultiDatastreams({town.streams['bench wind'].pk})"
    rows = [row for one in found["value"] for row in one["dataArray"]]
    assert sorted(row[0] for row in rows) == sorted(sta.ids("Observations"))
    air = sta(
        f"Datastreams({town.streams['bench air'].pk})/Observations",
        resultFormat="dataArray",
        top=2,
        orderby="result desc",
        select="result",
    )
    assert air["value"][0]["dataArray"] == [[15.5], [14.5]]
    assert sta.problem("Things", resultFormat="dataArray")[0] == 400
    assert sta.problem("Observations", resultFormat="dataArray", expand="Datastream")[0] == 400


def test_data_array_in_pages(town: Town, sta: Sta) -> None:
    pages = sta.pages("Observations", resultFormat="dataArray", top=4, select="id", orderby="result desc")
    rows = [row[0] for page in pages for one in page for row in one["dataArray"]]
    assert len(rows) == len(set(rows)) == 13


def test_csv(town: Town, sta: Sta) -> None:
    Thing.objects.filter(name="pond").update(name='=HYPERLINK("x")', description='a, "b"\nc')
    rows = lines(sta, "Things")
    assert rows[0] == ["id", "name", "description", "properties"]
    assert rows[2][1:3] == ['\'=HYPERLINK("x")', 'a, "b"\nc']
    assert orjson.loads(rows[1][3])["owner"] == "Parkamt"
    rows = lines(
        sta,
        "Observations",
        expand="Datastream($select=name;$expand=Thing($select=properties/owner))",
        select="result,phenomenonTime",
    )
    assert rows[0] == ["result", "phenomenonTime", "Datastream/name", "Datastream/Thing/properties/owner"]
    assert rows[1] == ["10.5", "2026-05-04T12:00:00Z", "bench air", "Parkamt"]
    assert len(rows) == 14
    assert sta.problem("Things", resultFormat="csv", expand="Datastreams")[0] == 400


def test_csv_of_negative_numbers_stays_numbers(town: Town, sta: Sta) -> None:
    put(town.streams["tree moisture"], NOON, number=-3.5)
    rows = lines(sta, f"Datastreams({town.streams['tree moisture'].pk})/Observations", select="result")
    assert rows == [["result"], ["-3.5"]]


def test_geojson(town: Town, sta: Sta) -> None:
    response = sta.raw("Things", resultFormat="geojson", count="true", top=2)
    assert response["Content-Type"] == "application/geo+json"
    found = orjson.loads(response.body)
    assert found["type"] == "FeatureCollection"
    assert (found["@iot.count"], len(found["features"])) == (3, 2)
    assert found["features"][0]["geometry"] == {"type": "Point", "coordinates": [7.2239, 51.4921]}
    assert found["features"][0]["properties"]["name"] == "bench"
    rest = orjson.loads(sta.get(found["@iot.nextLink"]).body)
    assert [one["properties"]["name"] for one in rest["features"]] == ["tree"]
    values = orjson.loads(sta.raw("Observations", resultFormat="geojson", expand="Datastream", select="result").body)
    assert values["features"][0]["geometry"]["coordinates"] == [7.2239, 51.4921]
    assert values["features"][0]["properties"]["Datastream/name"] == "bench air"
    for name in ("Locations", "FeaturesOfInterest", "Datastreams"):
        places = orjson.loads(sta.raw(name, resultFormat="geojson").body)["features"]
        assert all(one["geometry"]["type"] == "Point" for one in places)
        assert not {"location", "feature", "observedArea"} & set(places[0]["properties"])
    assert sta.problem("Sensors", resultFormat="geojson")[0] == 400


def test_a_location_that_is_a_feature_gives_its_geometry(town: Town, sta: Sta) -> None:
    place = town.locations["park"]
    place.location = {"type": "Feature", "properties": {}, "geometry": place.location}
    place.save()
    found = orjson.loads(sta.raw("Things", resultFormat="geojson", top=1).body)
    assert found["features"][0]["geometry"]["type"] == "Point"
    assert sta.names("Locations", filter="st_equals(location, geography'POINT(7.2239 51.4921)')") == ["park"]


@pytest.mark.parametrize("format", ["csv", "dataArray", "geojson", "json"])
def test_many_rows_are_streamed(town: Town, sta: Sta, format: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from stadtkern.hub.api.sta import views
    from stadtkern.hub.domain.connection import writing
    from stadtkern.hub.domain.store import writing as store
    from stadtkern.hub.domain.store.port import Sample

    monkeypatch.setattr(views, "AT_ONCE", 10_000)
    stream = town.streams["tree moisture"].pk
    with writing() as connection:
        samples = [
            Sample(datastream_id=stream, phenomenon_start=NOON + n * HOUR / 60, number=float(n)) for n in range(9_000)
        ]
        store.append(connection, samples)
    response = sta.raw(f"Datastreams({stream})/Observations", resultFormat=format, top=9_000, select="result")
    assert response.streaming
    if format == "csv":
        results = [float(one) for one in response.body.decode().split()[1:]]
    else:
        body = orjson.loads(response.body)
        assert "@iot.nextLink" not in body
        results = {
            "json": lambda: [one["result"] for one in body["value"]],
            "dataArray": lambda: [row[0] for row in body["value"][0]["dataArray"]],
            "geojson": lambda: [one["properties"]["result"] for one in body["features"]],
        }[format]()
    assert results == list(range(9_000))


def test_a_table_has_all_rows_because_it_has_no_next_page(town: Town, sta: Sta) -> None:
    stream = town.streams["tree moisture"]
    for number in range(150):
        put(stream, NOON + HOUR + number * HOUR / 60, number=1.0)
    path = f"Datastreams({stream.pk})/Observations"
    rows = sta.raw(path, resultFormat="csv", select="result", filter="result eq 1").body.splitlines()
    assert len(rows) == 151
    assert len(sta(path, filter="result eq 1")["value"]) == 100
