"""The built-in search forgives typing mistakes and knows the words for a point."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stadtkern.core.problems import BadInput
from stadtkern.places.domain import geocoding, loading
from stadtkern.places.models import District, Place

pytestmark = pytest.mark.django_db


def first(text: str) -> str:
    hits = geocoding.search(text)
    return hits[0].label if hits else ""


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("Bergbaumuseum", "Deutsches Bergbau-Museum Bochum"),
        ("bergbau museum", "Deutsches Bergbau-Museum Bochum"),
        ("Bergbaumusuem", "Deutsches Bergbau-Museum Bochum"),
        ("Konigsallee", "Königsallee"),
        ("Koenigsallee", "Königsallee"),
        ("Köngisallee", "Königsallee"),
        ("Kortumstr.", "Kortumstraße"),
        ("Kortumstrasse Bochum", "Kortumstraße"),
        ("Kortumm", "Kortumstraße"),
        ("kort", "Kortumstraße"),
        ("Univeristätsstraße", "Universitätsstraße"),
        ("Hattingerstr", "Hattinger Straße"),
        ("Dr C Otto Str", "Dr.-C.-Otto-Straße"),
        ("rathaus", "Rathaus Bochum"),
        ("Jahrhunderhalle", "Jahrhunderthalle"),
        ("Kemnader See", "Kemnader See"),
        ("ruhr uni", "Ruhr-Universität, Audimax"),
    ],
)
def test_typing_mistakes_still_find_the_place(map_of_bochum, typed, found):
    assert first(typed) == found


@pytest.mark.parametrize(
    "typed", ["", " ", "x", "qqqqqqqqq", "%%%%", "';drop table places_place;--", "\x00\x00", "🙂🙂"]
)
def test_nonsense_finds_nothing_and_breaks_nothing(map_of_bochum, typed):
    assert geocoding.search(typed) == []


def test_an_unknown_house_number_keeps_the_streets_point_and_says_so(map_of_bochum):
    hit = geocoding.search("Kortumstr. 93")[0]
    assert (hit.label, hit.kind, hit.precision) == ("Kortumstraße 93", "address", "street")


def test_a_known_house_number_is_exact(map_of_bochum):
    row = {"key": "address:kortum90", "kind": "address", "street": "Kortumstraße", "house_number": "90",
           "lat": 51.4819, "lon": 7.2177}  # fmt: skip
    loading.write([loading.place_from(row, origin="test", districts={}, outlines=())])
    hit = geocoding.search("kortumstr 90")[0]
    assert (hit.label, hit.lat, hit.precision) == ("Kortumstraße 90", 51.4819, "point")


def test_the_limit_is_kept_and_bounded(map_of_bochum):
    assert len(geocoding.search("straße", limit=3)) == 3
    assert len(geocoding.search("st", limit=10_000)) <= geocoding.MOST


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=60))
def test_any_text_is_answered(map_of_bochum, text):
    for hit in geocoding.search(text):
        assert hit.label


def test_the_door_the_street_the_district(map_of_bochum):
    row = {"key": "address:x", "kind": "address", "street": "Herner Straße", "house_number": "5",
           "lat": 51.4900, "lon": 7.2130}  # fmt: skip
    loading.write([loading.place_from(row, origin="test", districts={}, outlines=())])
    assert geocoding.reverse(51.4901, 7.2130).label == "Herner Straße 5"
    assert geocoding.reverse(51.4912, 7.2130).label == "Herner Straße"
    assert geocoding.reverse(51.4408, 7.1956).label == "Bochum-Südwest"


def test_outside_nothing_is_claimed(map_of_bochum):
    assert geocoding.reverse(52.52, 13.40) is None


def test_impossible_points_are_refused(map_of_bochum):
    with pytest.raises(BadInput):
        geocoding.reverse(float("nan"), 7.2)


def test_a_search_costs_few_queries(map_of_bochum):
    with CaptureQueriesContext(
        connection,
    ) as queries:
        geocoding.search("Kortumstr. 93")
    assert len(queries) <= 3


def test_loading_twice_changes_nothing_and_what_is_gone_is_switched_off(map_of_bochum):
    before = list(Place.objects.order_by("key").values_list("key", "lat", "lon", "search", "is_active"))
    Place.objects.create(key="old", kind="sight", name="Alter Turm", lat=51.48, lon=7.21, origin="pack")
    loading.load(map_of_bochum, False)
    assert not Place.objects.get(key="old").is_active
    after = Place.objects.exclude(key="old").order_by("key").values_list("key", "lat", "lon", "search", "is_active")
    assert list(after) == before
    assert District.objects.filter(is_active=True).count() == 6


def test_every_place_of_the_pack_knows_its_district(map_of_bochum):
    homeless = Place.objects.filter(district=None).values_list("key", flat=True)
    assert set(homeless) <= {"kemnader-see"}
