"""The hub's pages for citizens, with stations that measure and without any; the visitor looks at every page."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from stadtkern.core.testing.visitor import Visitor
from stadtkern.hub.domain import caring, demo, thirst
from stadtkern.hub.domain.connection import writing
from stadtkern.hub.domain.demo import load_demo
from stadtkern.hub.domain.readers import EVERYTHING
from stadtkern.hub.domain.recording import record, sample_of
from stadtkern.hub.domain.streams import read_streams
from stadtkern.hub.models import Datastream, Latest, Thing, Watering
from stadtkern.threads.models import Follow, Notification

pytestmark = pytest.mark.django_db
PAGES = ["messwerte/", "messwerte/karte/", "messwerte/vergleich/", "qualitaet/", "schnittstelle/", "vor-ort/"]
PAGES += ["giesspatenschaft/"]


@pytest.fixture
def stations(city: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The demo's stations with two days of values."""
    monkeypatch.setattr(demo, "HISTORY", timedelta(days=2))
    load_demo(city)


@pytest.fixture
def tree(stations: None) -> Thing:
    return Thing.objects.filter(properties__kind="tree").order_by("id").first()  # type: ignore[return-value]


def text_of(response: Any) -> str:
    return response.content.decode()


@pytest.mark.parametrize("page", PAGES)
def test_a_page_without_any_station_says_so(visitor: Visitor, city: Any, page: str) -> None:
    assert visitor.get(f"/daten/{page}").status_code == 200


@pytest.mark.parametrize("page", PAGES)
def test_a_page_with_stations_shows_one(visitor: Visitor, stations: None, page: str) -> None:
    response = visitor.get(f"/daten/{page}")
    assert response.status_code == 200
    if page not in ("messwerte/karte/", "schnittstelle/", "qualitaet/"):
        assert "Simulation" in text_of(response)


@pytest.mark.parametrize("kind", ["bench", "pond", "tree"])
def test_a_station_shows_its_newest_value_and_how_old_it_is(visitor: Visitor, stations: None, kind: str) -> None:
    thing = Thing.objects.filter(properties__kind=kind).order_by("id").first()
    assert thing is not None
    for address in (f"/daten/messwerte/{thing.pk}/", f"/daten/vor-ort/{thing.pk}/"):
        page = text_of(visitor.get(address))
        assert thing.name in page
        assert "<svg" in page
        assert "Simulation" in page


@pytest.mark.parametrize("span", ["tag", "24h", "woche", "monat", "jahr", "unsinn"])
def test_a_station_is_drawn_for_every_span(visitor: Visitor, tree: Thing, span: str) -> None:
    assert visitor.get(f"/daten/messwerte/{tree.pk}/", {"zeit": span}).status_code in (200, 400)


def test_a_station_that_is_not_there_or_not_public_is_not_found(visitor: Visitor, tree: Thing) -> None:
    Thing.objects.filter(pk=tree.pk).update(visibility="organisation")
    for thing_id in (tree.pk, 999_999):
        assert visitor.get(f"/daten/messwerte/{thing_id}/").status_code == 404
        assert visitor.get(f"/daten/vor-ort/{thing_id}/").status_code == 404
    assert tree.name not in text_of(visitor.get("/daten/messwerte/", {"q": tree.name, "art": "tree"})).split("<main")[1]


@pytest.mark.parametrize("form", ["csv", "json"])
def test_values_can_be_taken_along(visitor: Visitor, tree: Thing, form: str) -> None:
    response = visitor.get(f"/daten/messwerte/{tree.pk}/werte.{form}")
    assert response.status_code == 200
    body = b"".join(response.streaming_content) if response.streaming else response.content
    assert len(body) > 200


def test_all_stations_are_a_geojson_too(visitor: Visitor, stations: None) -> None:
    found = visitor.get("/feeds/messwerte.geojson").json()
    assert found["type"] == "FeatureCollection"
    assert len(found["features"]) == Thing.objects.count()


def test_the_explorer_asks_and_shows_the_real_answer(visitor: Visitor, stations: None) -> None:
    page = text_of(visitor.get("/daten/schnittstelle/"))
    assert "/sta/v1.1" in page
    assert Thing.objects.count() == len(visitor.get("/sta/v1.1/Things?$top=100").json()["value"])


def test_the_first_page_and_the_search_know_the_stations(visitor: Visitor, tree: Thing) -> None:
    assert tree.name in text_of(visitor.get("/suche/", {"q": tree.name}))
    assert "°C" in text_of(visitor.get("/"))


def test_a_list_costs_as_many_questions_for_three_as_for_all(visitor: Visitor, stations: None) -> None:
    counts = []
    for keep in (3, 27):
        names = list(Thing.objects.order_by("id").values_list("pk", flat=True)[keep:])
        Thing.objects.filter(pk__in=names).update(visibility="organisation")
        visitor.get("/daten/messwerte/")
        with CaptureQueriesContext(connection) as asked:
            visitor.get("/daten/messwerte/")
        counts.append(len(asked))
        Thing.objects.update(visibility="public")
    assert counts[0] == counts[1]


class TestCaring:
    def address(self, tree: Thing, rest: str = "") -> str:
        return f"/daten/vor-ort/{tree.pk}/{rest}"

    def test_a_tree_is_adopted_watered_and_given_up_without_an_account(self, visitor: Visitor, tree: Thing) -> None:
        assert visitor.post(self.address(tree, "gegossen/")).status_code == 403
        page = text_of(visitor.post(self.address(tree, "patenschaft/"), follow=True))
        assert "Ihr Patenbaum" in page
        assert Follow.objects.filter(topic="tree", value=str(tree.pk)).count() == 1
        visitor.post(self.address(tree, "gegossen/"), follow=True)
        visitor.post(self.address(tree, "gegossen/"), follow=True)  # noted once
        watered = Watering.objects.filter(thing=tree, at__gt=timezone.now() - timedelta(minutes=1))
        assert watered.count() == 1
        assert tree.name in text_of(visitor.get("/daten/giesspatenschaft/"))
        visitor.post(self.address(tree, "patenschaft/beenden/"), follow=True)
        assert not caring.cared_for()

    def test_only_a_tree_with_a_sensor_can_be_adopted(self, visitor: Visitor, stations: None) -> None:
        pond = Thing.objects.filter(properties__kind="pond").first()
        assert pond is not None
        assert visitor.post(self.address(pond, "patenschaft/")).status_code == 422
        assert not Follow.objects.exists()

    @pytest.mark.parametrize(("month", "told"), [(7, 1), (11, 0)])
    def test_carers_are_told_once_when_it_is_dry_and_the_tree_is_awake(
        self, visitor: Visitor, city: Any, monkeypatch: pytest.MonkeyPatch, month: int, told: int
    ) -> None:
        monkeypatch.setattr(demo, "HISTORY", timedelta(hours=6))
        with time_machine.travel(datetime(2026, month, 10, 12, tzinfo=UTC), tick=False):
            load_demo(city)
            tree = Thing.objects.filter(properties__kind="tree").order_by("id").first()
            assert tree is not None
            visitor.post(self.address(tree, "patenschaft/"))
            dry(tree)
            thirst.judge_all()
            thirst.judge_all()
        assert Notification.objects.filter(topic=thirst.NOTICE).count() == told


def dry(tree: Thing) -> None:
    """Its newest values say that water is short."""
    streams = Datastream.objects.filter(thing=tree, name__icontains="feuchte")
    assert streams.exists()
    with writing() as raw:
        known = read_streams(raw, EVERYTHING, set(streams.values_list("pk", flat=True)))
        record(raw, [sample_of(one, result=30.0, start=timezone.now()) for one in known.values()])
    assert [row.number for row in Latest.objects.filter(pk__in=known)] == [30.0] * len(known)
