"""$expand: both ways to write it, options inside, caps with a nextLink, one statement per level."""

import orjson
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from stadtkern.hub.api.sta import rendering
from stadtkern.hub.api.sta.planning import plan as planning
from stadtkern.hub.api.sta.planning.world import World
from stadtkern.hub.tests.cast import NOON
from stadtkern.hub.tests.sta_read.asking import Sta
from stadtkern.hub.tests.sta_read.town import HOUR, Town, put

pytestmark = pytest.mark.django_db


def test_both_ways_to_write_an_expansion(town: Town, sta: Sta) -> None:
    bench = town.things["bench"].pk
    slashes = sta(f"Things({bench})", expand="Datastreams/ObservedProperty,Locations")
    nested = sta(f"Things({bench})", expand="Datastreams($expand=ObservedProperty),Locations")
    assert slashes == nested
    assert [one["ObservedProperty"]["name"] for one in slashes["Datastreams"]] == ["air", "water"]
    assert "Datastreams@iot.navigationLink" not in slashes
    assert [one["name"] for one in slashes["Locations"]] == ["park"]


def test_options_inside(town: Town, sta: Sta) -> None:
    found = sta(
        "Things",
        expand="Datastreams($filter=ObservedProperty/name eq 'water';$select=name;$orderby=name desc;$count=true)",
    )
    told = {one["name"]: (one["Datastreams"], one["Datastreams@iot.count"]) for one in found["value"]}
    assert told == {
        "bench": ([{"name": "bench rain"}], 1),
        "pond": ([{"name": "pond level"}], 1),
        "tree": ([], 0),
    }
    counted = sta("Datastreams", expand="Observations($count=true;$top=0)", select="name")["value"]
    assert [one["Observations@iot.count"] for one in counted] == [6, 3, 3, 0]
    assert all(one["Observations"] == [] for one in counted)


def test_a_cut_list_goes_on_where_it_was_cut(town: Town, sta: Sta) -> None:
    inner = "$top=2;$orderby=result desc;$filter=result gt 10;$select=result;$expand=FeatureOfInterest($select=name)"
    expand = f"Observations({inner})"
    air = sta(f"Datastreams({town.streams['bench air'].pk})", expand=expand)
    results = [one["result"] for one in air["Observations"]]
    link = air["Observations@iot.nextLink"]
    while link:
        page = orjson.loads(sta.get(link).body)
        assert all(one["FeatureOfInterest"] == {"name": "park"} for one in page["value"])
        results += [one["result"] for one in page["value"]]
        link = page.get("@iot.nextLink")
    assert results == [15.5, 14.5, 13.5, 12.5, 11.5, 10.5]
    rain = sta(f"Datastreams({town.streams['bench rain'].pk})", expand="Observations($top=3)")
    assert "Observations@iot.nextLink" not in rain


def test_observations_in_an_expansion_come_newest_first(town: Town, sta: Sta) -> None:
    air = sta(f"Datastreams({town.streams['bench air'].pk})", expand="Observations($top=2)")
    assert [one["result"] for one in air["Observations"]] == [15.5, 14.5]
    page = orjson.loads(sta.get(air["Observations@iot.nextLink"]).body)
    assert [one["result"] for one in page["value"]] == [13.5, 12.5]
    assert page["@iot.nextLink"]


@pytest.mark.parametrize("order", ["", ";$orderby=phenomenonTime desc"])
def test_the_newest_value_of_each_datastream(town: Town, sta: Sta, order: str) -> None:
    put(town.streams["pond level"], NOON + 50 * 24 * HOUR, number=3.0, parameters={"a": 1}, quality="ok")
    found = sta("Datastreams", expand=f"Observations($top=1{order};$expand=FeatureOfInterest)")["value"]
    newest = {one["name"]: [value["result"] for value in one["Observations"]] for one in found}
    assert newest == {"bench air": [15.5], "bench rain": [2], "pond level": [3], "tree moisture": []}
    pond = next(one for one in found if one["name"] == "pond level")["Observations"][0]
    assert (pond["parameters"], pond["resultQuality"]) == ({"a": 1}, "ok")
    assert pond["FeatureOfInterest"]["name"] == "lake"
    plain = sta(f"Observations({pond['@iot.id']})", expand="FeatureOfInterest")
    assert pond == plain
    assert {one["name"] for one in found if "Observations@iot.nextLink" in one} == {
        "bench air",
        "bench rain",
        "pond level",
    }


def test_a_related_entity_that_is_not_there_is_null(town: Town, sta: Sta) -> None:
    from stadtkern.hub.domain.connection import cursor, here

    cursor(here()).execute("update hub_observation set feature_id = null")
    found = sta("Observations", top=1, expand="FeatureOfInterest")["value"][0]
    assert found["FeatureOfInterest"] is None


def test_a_budget_bounds_all_parents_together(town: Town, sta: Sta, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rendering, "BUDGET", 8)
    found = sta("Datastreams", expand="Observations")["value"]
    assert [len(one["Observations"]) for one in found] == [2, 2, 2, 0]
    assert "Observations@iot.nextLink" in found[0]


def test_a_page_with_much_inside_ends_early_and_goes_on(town: Town, sta: Sta, monkeypatch: pytest.MonkeyPatch) -> None:
    from stadtkern.hub.api.sta.formats import json

    monkeypatch.setattr(json, "MOST_ROWS", 3)
    monkeypatch.setattr(planning.Plan, "block", property(lambda self: 1))
    pages = sta.pages("Datastreams", expand="Observations", orderby="name desc")
    assert len(pages) > 1
    assert [one["name"] for page in pages for one in page] == ["tree moisture", "pond level", "bench rain", "bench air"]
    assert sum(len(one["Observations"]) for page in pages for one in page) == 12


@pytest.mark.parametrize("rows", [1, 3])
def test_one_statement_per_level_however_many_rows(town: Town, sta: Sta, rows: int, statements: list[str]) -> None:
    sta("Things", top=rows, expand="Locations,Datastreams($expand=ObservedProperty,Observations($top=2))", count="true")
    reads = [text for text in statements if text.lstrip().startswith("select")]
    assert len(reads) == 6, reads  # things and their count, locations, datastreams, properties, observations


def test_django_asks_nothing_for_a_public_answer(town: Town, sta: Sta) -> None:
    with CaptureQueriesContext(connection) as asked:
        sta("Things", expand="Datastreams")
    assert asked.captured_queries == []


def test_a_page_that_takes_long_ends_early_and_goes_on(town: Town, sta: Sta, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(World, "is_late", property(lambda self: True), raising=False)
    monkeypatch.setattr(planning.Plan, "block", property(lambda self: 1))
    pages = sta.pages("Datastreams", expand="Observations")
    assert [[one["name"] for one in page] for page in pages] == [
        ["bench air"], ["bench rain"], ["pond level"], ["tree moisture"],
    ]  # fmt: skip
