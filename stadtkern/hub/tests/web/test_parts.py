"""What the hub shows elsewhere in the house: the card of thirsty trees, what is near, marks on the map, search hits."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest
import time_machine
from django.utils import timezone

from stadtkern.core import parts
from stadtkern.core.parts import NearHit
from stadtkern.core.testing.visitor import Visitor
from stadtkern.hub.domain.demo import property_of
from stadtkern.hub.domain.vocabulary import vocabulary
from stadtkern.hub.models import Thing
from stadtkern.hub.tests.cast import PARK, datastream, measured, thing, tree
from stadtkern.hub.words import Flag, Visibility

pytestmark = pytest.mark.django_db
LON, LAT = PARK["coordinates"]
KILOMETRE = 1 / 111.195  # degrees of latitude


@pytest.fixture
def bench(city: Any) -> Thing:
    """In the park; it said 21.5 °C a minute ago."""
    made = thing(name="Bank am Weiher")
    datastream(made, observed_property=property_of(vocabulary().quantities["air-temperature"]), interval_seconds=300)
    measured(made, 21.5, timezone.now() - timedelta(minutes=1))
    return made


def next_year(month: int) -> datetime:
    """Noon of a day to come: PostgreSQL goes by the real clock and must find the value fresh too."""
    return datetime(timezone.now().year + 1, month, 20, 11, tzinfo=UTC)


class TestThirstyTrees:
    def card(self, visitor: Visitor) -> str:
        page = visitor.get("/").content.decode()
        return page if "Durst" in page else ""

    @pytest.mark.parametrize(("month", "is_told"), [(1, False), (4, True), (7, True), (10, True), (11, False)])
    def test_stand_on_the_first_page_while_trees_are_awake(
        self, visitor: Visitor, city: Any, month: int, is_told: bool
    ) -> None:
        linden = tree()
        with time_machine.travel(next_year(month), tick=False):
            measured(linden, 42, timezone.now())
            shown = self.card(visitor)
        assert bool(shown) is is_told
        if is_told:
            assert "1 Baum hat Durst" in shown
            assert "Linde 1" in shown
            assert f"/daten/vor-ort/{linden.pk}/" in shown

    def test_only_those_that_are_dry_by_a_value_that_counts(self, visitor: Visitor, city: Any) -> None:
        with time_machine.travel(next_year(7), tick=False):
            now = timezone.now()
            measured(tree(name="Eiche"), 51, now)
            measured(tree(name="Ahorn"), 42, now - timedelta(hours=7))
            measured(tree(name="Buche"), 42, now, flags=int(Flag.BAD))
            measured(tree(name="Esche", visibility=Visibility.ORGANISATION), 42, now)
            assert self.card(visitor) == ""

    def test_three_are_named_and_all_are_counted(self, visitor: Visitor, city: Any) -> None:
        with time_machine.travel(next_year(7), tick=False):
            for number in range(5):
                measured(tree(name=f"Linde {number}"), 42, timezone.now())
            shown = self.card(visitor)
        assert "5 Bäume haben Durst" in shown
        assert shown.count('href="/daten/vor-ort/') == 3


class TestNear:
    @pytest.fixture
    def near(self) -> Callable[[float], list[NearHit]]:
        """The hub's answer for a place so many kilometres north of the park."""
        return lambda kilometres: list(parts.near_me["hub"].answer(LAT + kilometres * KILOMETRE, LON))

    def test_a_station_with_its_value_and_how_far_it_is(
        self, bench: Thing, near: Callable[[float], list[NearHit]]
    ) -> None:
        [hit] = near(1.0)
        assert hit.title == "Bank am Weiher"
        assert hit.url == f"/daten/messwerte/{bench.pk}/"
        assert "21,5 °C" in hit.text
        assert hit.distance_m == pytest.approx(1000, abs=2)
        assert near(1.99) != []
        assert near(2.01) == []

    def test_the_nearest_four_come_first(self, city: Any, near: Callable[[float], list[NearHit]]) -> None:
        for number in range(6):
            made = thing(name=f"Bank {number}")
            made.locations.update(south=LAT + number / 10 * KILOMETRE, north=LAT + number / 10 * KILOMETRE)
            datastream(made)
            measured(made, number, timezone.now())
        assert [hit.title for hit in near(0.0)] == ["Bank 0", "Bank 1", "Bank 2", "Bank 3"]

    @pytest.mark.parametrize("given", [{"visibility": "organisation"}, {}])
    def test_what_is_not_public_or_not_fresh_is_not_there(
        self, city: Any, near: Callable[[float], list[NearHit]], given: dict[str, str]
    ) -> None:
        made = thing(**given)
        datastream(made, interval_seconds=300)
        age = timedelta(minutes=1) if given else timedelta(hours=2)
        measured(made, 21.5, timezone.now() - age)
        assert near(0.0) == []

    def test_it_stands_on_the_page_of_what_is_around(self, visitor: Visitor, bench: Thing) -> None:
        page = visitor.get("/in-meiner-naehe/", {"lat": LAT, "lon": LON}).content.decode()
        assert "Bank am Weiher" in page
        assert "21,5 °C" in page


class TestMapLayer:
    def marks(self, visitor: Visitor, *, zoom: float = 18, west: float = LON - 0.01) -> list[dict[str, Any]]:
        """As the map asks: by the address that the layer names."""
        box = f"{west},{LAT - 0.01},{LON + 0.01},{LAT + 0.01}"
        address = parts.map_layers["sensors"].data_url.format(bbox=quote(box), zoom=zoom)
        answer = visitor.get(address)
        assert answer.status_code == 200
        assert answer["Content-Type"] == "application/geo+json"
        found = answer.json()
        assert found["type"] == "FeatureCollection"
        return list(found["features"])

    def test_a_mark_says_what_is_measured(self, visitor: Visitor, bench: Thing) -> None:
        [mark] = self.marks(visitor)
        assert mark["geometry"] == {"type": "Point", "coordinates": [LON, LAT]}
        assert mark["properties"]["title"] == "Bank am Weiher"
        assert "21,5 °C" in mark["properties"]["state"]
        assert visitor.get(mark["properties"]["url"]).status_code == 200
        assert visitor.get(parts.map_layers["sensors"].list_url).status_code == 200

    def test_what_lies_outside_or_is_not_public_has_none(self, visitor: Visitor, bench: Thing) -> None:
        assert self.marks(visitor, west=LON + 0.005) == []
        Thing.objects.filter(pk=bench.pk).update(visibility=Visibility.ORGANISATION)
        assert self.marks(visitor) == []

    def test_many_in_one_place_are_one_mark_until_one_comes_near(self, visitor: Visitor, bench: Thing) -> None:
        for _ in range(2):
            datastream()
        assert [mark["properties"] for mark in self.marks(visitor, zoom=12)] == [{"point_count": 3}]
        assert len(self.marks(visitor, zoom=18)) == 3

    @pytest.mark.parametrize("asked", ["bbox=1,2,3", "bbox=a,b,c,d", "bbox=nan,1,2,3", "bbox=1,2,3,4&zoom=99", ""])
    def test_a_view_that_is_none_is_refused(self, visitor: Visitor, city: Any, asked: str) -> None:
        assert visitor.get(f"/daten/messwerte/karte.json?{asked}").status_code == 400


class TestSearch:
    def titles(self, key: str, text: str) -> list[str]:
        return [hit.title for hit in parts.search_sources[key].search(text, None, 10)]

    @pytest.mark.parametrize("text", ["weiher", "WEIHER", "Stadtpark", "Wetterstation"])
    def test_a_station_is_found_by_name_place_and_description(self, bench: Thing, text: str) -> None:
        [hit] = parts.search_sources["hub.stations"].search(text, None, 10)
        assert (hit.title, hit.url) == ("Bank am Weiher", f"/daten/messwerte/{bench.pk}/")
        assert "21,5 °C" in hit.state

    @pytest.mark.parametrize("text", ["%", "%%", "__", "a", "", "\x00\x01", "\\", "x" * 500])
    def test_signs_of_sql_and_no_words_find_nothing(self, bench: Thing, text: str) -> None:
        assert self.titles("hub.stations", text) == []

    def test_what_is_not_public_is_found_by_its_own_people_only(self, bench: Thing, ada: Any) -> None:
        Thing.objects.filter(pk=bench.pk).update(visibility=Visibility.ORGANISATION)
        assert self.titles("hub.stations", "Weiher") == []
        assert [hit.title for hit in parts.search_sources["hub.stations"].search("Weiher", ada, 10)] == [bench.name]

    def test_what_is_measured_is_found_in_any_language(self, visitor: Visitor, bench: Thing) -> None:
        [german] = parts.search_sources["hub.measured"].search("lufttemp", None, 10)
        [english] = parts.search_sources["hub.measured"].search("air temp", None, 10)
        assert german.url == english.url
        assert "Bank am Weiher" in visitor.get(german.url).content.decode()
        assert self.titles("hub.measured", "Wasserstand") == []  # nobody measures it
