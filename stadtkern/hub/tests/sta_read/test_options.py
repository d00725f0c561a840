"""$select, distinct, and the order in which options count."""

import pytest

from stadtkern.hub.tests.sta_read.asking import ROOT, Sta
from stadtkern.hub.tests.sta_read.town import Town

pytestmark = pytest.mark.django_db


def test_select(town: Town, sta: Sta) -> None:
    bench = town.things["bench"].pk
    assert sta(f"Things({bench})", select="name") == {"name": "bench"}
    assert sta(f"Things({bench})", select="id,name") == {"@iot.id": bench, "name": "bench"}
    assert sta(f"Things({bench})", select="@iot.id") == {"@iot.id": bench}
    assert sta(f"Things({bench})", select="properties/owner,properties/height") == {
        "properties": {"owner": "Parkamt", "height": 2.5}
    }
    assert sta(f"Things({bench})", select="properties/owner,properties")["properties"]["wired"] is True
    assert sta(f"Things({bench})", select="name,Datastreams") == {
        "name": "bench",
        "Datastreams@iot.navigationLink": f"{ROOT}/Things({bench})/Datastreams",
    }
    assert sta("Datastreams", select="unitOfMeasurement/symbol", top=1)["value"] == [
        {"unitOfMeasurement": {"symbol": "°C"}}
    ]
    found = sta(f"Things({bench})", select="name", expand="Datastreams($select=name)")
    assert found == {"name": "bench", "Datastreams": [{"name": "bench air"}, {"name": "bench rain"}]}
    assert sta.problem("Things", select="result")[0] == 400
    assert sta.problem("Things", select="name/first")[0] == 400


def test_distinct(town: Town, sta: Sta) -> None:
    for name in ("Datastream", "id", "@iot.selfLink", "nothing"):
        assert sta.problem("Observations", select=f"distinct:{name}")[0] == 400
    found = sta("HistoricalLocations", select="distinct:time", count="true")
    assert found == {"@iot.count": 1, "value": [{"time": "2026-05-04T12:00:00Z"}]}
    kinds = sta("Datastreams", select="distinct:observationType,unitOfMeasurement/symbol")["value"]
    assert len(kinds) == 1
    assert kinds[0]["unitOfMeasurement"] == {"symbol": "°C"}
    pages = sta.pages("Observations", select="distinct:result", filter="result lt 14", top=2)
    assert [one["result"] for page in pages for one in page] == [0, 1, 1.25, 2, 10.5, 11.5, 12.5, 13.5]
    for options in ({"orderby": "name"}, {"expand": "Datastreams"}):
        assert sta.problem("Things", select="distinct:name", **options)[0] == 400


def test_the_order_of_options(town: Town, sta: Sta) -> None:
    """Filter, then count, order, skip, top (OGC 18-088, clause 9.3.1), however they are written."""
    options = {"top": 2, "skip": 1, "orderby": "result desc", "count": "true", "filter": "result gt 11"}
    found = sta("Observations", **options)
    assert found["@iot.count"] == 5
    assert [one["result"] for one in found["value"]] == [14.5, 13.5]
    assert sta("Observations", **dict(reversed(options.items()))) == found


def test_names_that_are_not_there(town: Town, sta: Sta) -> None:
    for option, text in (
        ("filter", "nothing eq 1"),
        ("filter", "Datastreams eq 1"),
        ("filter", "name/first eq 'x'"),
        ("filter", "Datastreams/nothing/name eq 1"),
        ("orderby", "nothing"),
        ("orderby", "Datastreams/name"),
        ("orderby", "Locations/location"),
        ("expand", "Nothing"),
        ("expand", "Datastreams/Nothing"),
        ("expand", "Datastreams($filter=nothing eq 1)"),
        ("expand", "Datastreams/Thing($top=1)"),
        ("filter", "name gt 5"),
        ("filter", "name add 1 eq 2"),
        ("filter", "length(id) eq 1"),
        ("filter", "name"),
        ("filter", "year(name) eq 1"),
        ("filter", "st_within(name, geography'POINT(1 1)')"),
        ("filter", "st_relate(Locations/location, geography'POINT(1 1)', 'nonsense')"),
        ("filter", "geo.distance(Locations/location, Locations/location) lt 1"),
    ):
        status, message = sta.problem("Things", **{option: text})
        assert status == 400, (text, message)


def test_distinct_goes_with_plain_collections_only(town: Town, sta: Sta) -> None:
    for path, options in (
        ("Things", {"expand": "Datastreams($select=distinct:name)"}),
        ("Datastreams", {"expand": "Thing($select=distinct:name)"}),
        ("Observations", {"select": "distinct:result", "resultFormat": "dataArray"}),
        ("Locations", {"select": "distinct:name", "resultFormat": "geojson"}),
    ):
        status, message = sta.problem(path, **options)
        assert (status, "distinct" in message or "$select" in message) == (400, True), message
    assert sta.raw("Locations", select="distinct:name", resultFormat="csv").body.split() == [
        b"name", b"lake", b"park", b"street",
    ]  # fmt: skip
