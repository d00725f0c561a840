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


def test_a_station_is_drawn_for_every_span(visitor: Visitor, tree: Thing) -> None:
    for span in ("tag", "woche", "monat", "jahr"):
        page = text_of(visitor.get(f"/daten/messwerte/{tree.pk}/", {"zeitraum": span}))
        assert "var(--accent)" in page
        assert "am niedrigsten" in page
    assert visitor.get(f"/daten/messwerte/{tree.pk}/", {"zeitraum": "unsinn"}).status_code == 400
    assert visitor.get(f"/daten/messwerte/{tree.pk}/", {"reihe": "999999"}).status_code == 404


def test_the_list_is_filtered_and_an_empty_one_says_so(visitor: Visitor, tree: Thing) -> None:
    def main(**asked: str) -> str:
        response = visitor.get("/daten/messwerte/", asked)
        assert response.status_code == 200
        return text_of(response).split("<main")[1]

    assert tree.name in main(art="tree")
    assert tree.name in main(suche=tree.name[:5].upper())
    assert tree.name not in main(art="bench")
    assert tree.name not in main(groesse="water-temperature")
    assert "Jasminweg" in main(art="pond", suche="Jasmin")
    assert "Jasminweg" not in main(art="pond", suche="Jasmin", nur="aktuell")  # its feed is dead
    assert "Hier ist nichts." in main(suche="gibt es nicht")
    for wrong in ({"art": "mond"}, {"groesse": "mond"}, {"bezirk": "mond"}, {"nur": "x"}, {"after": "x"}, {"q": "x"}):
        assert visitor.get("/daten/messwerte/", wrong).status_code == 400


def test_stations_are_compared_beside_each_other(visitor: Visitor, stations: None) -> None:
    ponds = list(Datastream.objects.filter(name="Wassertemperatur").order_by("id").values_list("pk", flat=True))
    asked = {"groesse": "water-temperature", "zeitraum": "woche"}
    page = text_of(visitor.get("/daten/messwerte/vergleich/", asked | {"reihe": ponds[:3]}))
    assert page.count("Wassertemperatur, 7 Tage") >= 3
    assert "Tageswerte" in page
    assert visitor.get("/daten/messwerte/vergleich/", asked | {"reihe": ponds[:5]}).status_code == 400
    assert visitor.get("/daten/messwerte/vergleich/", {"reihe": "x"}).status_code == 400


def test_the_part_that_changes_comes_alone(visitor: Visitor, tree: Thing) -> None:
    part = text_of(visitor.get(f"/daten/messwerte/{tree.pk}/", headers={"HX-Request": "true"}))
    assert "Gerade gemessen" in part
    assert "<html" not in part


def test_silent_feeds_stand_first(visitor: Visitor, stations: None) -> None:
    page = text_of(visitor.get("/daten/qualitaet/"))
    first = page.split("<tbody>")[1].split("</tr>")[0]
    assert "Jasminweg" in first
    assert "noch keine Werte" in first  # its feed died before these two days
    assert visitor.get("/daten/qualitaet/?seite=2").status_code == 200
    assert visitor.get("/daten/qualitaet/?seite=0").status_code == 400


def test_a_station_that_is_not_there_or_not_public_is_not_found(visitor: Visitor, tree: Thing) -> None:
    Thing.objects.filter(pk=tree.pk).update(visibility="organisation")
    for thing_id in (tree.pk, 999_999):
        assert visitor.get(f"/daten/messwerte/{thing_id}/").status_code == 404
        assert visitor.get(f"/daten/vor-ort/{thing_id}/").status_code == 404
    listed = visitor.get("/daten/messwerte/", {"suche": tree.name, "art": "tree"})
    assert listed.status_code == 200
    assert f"/daten/messwerte/{tree.pk}/" not in text_of(listed)


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
    page = text_of(visitor.get("/daten/schnittstelle/", {"anfrage": "Things?$top=1&$select=name&$orderby=name"}))
    first = visitor.get("/sta/v1.1/Things?$top=1&$select=name&$orderby=name").json()["value"][0]["name"]
    assert "HTTP 200" in page
    assert first in page.split('id="antwort"')[1]
    for key in ("root", "stations", "newest", "values", "count", "means", "csv", "near"):
        assert "HTTP 200" in text_of(visitor.get("/daten/schnittstelle/", {"beispiel": key})), key
    assert "404" in text_of(visitor.get("/daten/schnittstelle/", {"anfrage": "Mond"}))


def test_the_explorer_leads_nowhere_else(visitor: Visitor, stations: None) -> None:
    for address in ("../../desk/", "http://elsewhere.example/", "http://[", "%2e%2e/%2e%2e/konto/"):
        page = text_of(visitor.get("/daten/schnittstelle/", {"anfrage": address}))
        assert "HTTP 200" not in page


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
