"""Barriers: on the map, near an address, as GeoJSON for routes, as a list; only public ones that are still there."""

import json

import pytest

from stadtkern.core.parts import map_layers
from stadtkern.reports.domain.publishing import publish_report
from stadtkern.reports.domain.workflow import move_report
from stadtkern.reports.models import Report
from stadtkern.reports.tests.builders import TOWN_HALL, report
from stadtkern.reports.words import Status

pytestmark = pytest.mark.django_db
BARRIER = {"category": "barrier", "answers": {"barrier_kind": "steps", "affected": ["wheelchair"], "step_cm": 12}}
FEED, LIST = "/feeds/barrieren.geojson", "/meldungen/barrieren/"


@pytest.fixture
def step(city, dora):
    """A step in front of the town hall, checked and public."""
    made = report(text="Eine Stufe von 12 cm am Eingang.", **BARRIER)
    if made.visibility != "public":
        publish_report(made.pk, by=dora, public_text="")
    move_report(made.pk, to=Status.CHECKED, by=dora)
    return Report.objects.get(pk=made.pk)


def features(visitor, **query):
    return json.loads(visitor.get(FEED, query).content)["features"]


def test_a_route_learns_where_it_is_and_whether_it_is_sure(visitor, step):
    found = features(visitor, bbox="7.2,51.47,7.23,51.49")
    assert [feature["id"] for feature in found] == [step.pk]
    assert found[0]["geometry"]["coordinates"] == [TOWN_HALL["lon"], TOWN_HALL["lat"]]
    assert (found[0]["properties"]["category"], found[0]["properties"]["sure"]) == ("barrier", True)
    assert found[0]["properties"]["details"]["barrier_kind"] == "steps"
    assert features(visitor, bbox="7.3,51.4,7.35,51.41") == []
    assert visitor.get(FEED, {"bbox": "1,2"}).status_code == 400


def test_other_kinds_hidden_and_done_ones_are_no_barriers(visitor, step, dora):
    report()
    report(text="Noch nicht geprüft.", **BARRIER)
    Report.objects.exclude(pk=step.pk).update(visibility="checking")
    assert len(features(visitor)) == 1
    move_report(step.pk, to=Status.DONE, by=dora, told="Eine Rampe liegt dort.")
    assert features(visitor) == []
    assert "keine Barriere" in visitor.get(LIST).content.decode()


def test_it_stands_near_an_address_on_the_map_and_in_the_list(visitor, step):
    near = visitor.get("/in-meiner-naehe/", TOWN_HALL).content.decode()
    assert "Stufenlos unterwegs" in near
    assert "Hier ist es nicht stufenlos" in near
    assert f"/meldungen/{step.pk}/" in visitor.get(LIST).content.decode()
    layer = next(layer for layer in map_layers if layer.key == "barriers")
    assert layer.list_url == LIST
    assert "ebene=barriers" in visitor.get(LIST).content.decode()
    assert "Barrieren" in visitor.get("/karte/").content.decode()


@pytest.mark.parametrize("rows", [1, 3])
def test_the_feed_costs_one_query(visitor, step, rows, django_assert_max_num_queries):
    for _turn in range(rows - 1):
        report(**BARRIER)
    visitor.get(FEED)
    with django_assert_max_num_queries(1):
        visitor.get(FEED)
