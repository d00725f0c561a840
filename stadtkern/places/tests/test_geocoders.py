"""One contract for every geocoder; servers outside are real HTTP servers of the test's own."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from stadtkern.places.domain import geocoding
from stadtkern.places.domain.gazetteer import Gazetteer
from stadtkern.places.domain.nominatim import Nominatim
from stadtkern.places.domain.photon import Photon

pytestmark = pytest.mark.django_db

PHOTON = {
    "type": "FeatureCollection",
    "features": [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [7.2176, 51.4818]},
            "properties": {"osm_type": "W", "osm_key": "highway", "osm_value": "pedestrian", "type": "street",
                           "postcode": "44787", "countrycode": "DE", "name": "Kortumstraße", "city": "Bochum"},
        },
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [7.2177, 51.4819]},
            "properties": {"osm_key": "building", "type": "house", "postcode": "44787", "housenumber": "90",
                           "street": "Kortumstraße", "city": "Bochum"},
        },
    ],
}  # fmt: skip
NOMINATIM = [
    {"place_id": 1, "lat": "51.4818", "lon": "7.2176", "category": "highway", "type": "pedestrian",
     "name": "Kortumstraße", "display_name": "Kortumstraße, Gleisdreieck, Bochum-Mitte, Bochum",
     "address": {"road": "Kortumstraße", "suburb": "Bochum-Mitte", "city": "Bochum", "postcode": "44787"}},
    {"place_id": 2, "lat": "51.4819", "lon": "7.2177", "category": "building", "type": "yes", "name": "",
     "display_name": "90, Kortumstraße, Bochum",
     "address": {"house_number": "90", "road": "Kortumstraße", "city": "Bochum", "postcode": "44787"}},
]  # fmt: skip


def _photon(server):
    server.says(PHOTON)
    return Photon(server.url)


def _nominatim(server):
    def answer(path, headers):
        import json

        body = NOMINATIM[1] if path.startswith("/reverse") else NOMINATIM
        return 200, {}, json.dumps(body).encode()

    server.answer = answer
    return Nominatim(server.url)


@pytest.fixture(params=["gazetteer", "photon", "nominatim"])
def dock(request, server, map_of_bochum):
    makers = {"gazetteer": lambda _: Gazetteer(), "photon": _photon, "nominatim": _nominatim}
    return makers[request.param](server)


def test_a_street_is_found_where_it_is(dock):
    hit = dock.search("Kortumstraße", limit=5)[0]
    assert (hit.label, hit.kind, hit.precision, hit.name) == ("Kortumstraße", "street", "street", "Kortumstraße")
    assert (hit.lat, hit.lon, hit.postcode) == (51.4818, 7.2176, "44787")


def test_a_point_has_words(dock):
    assert dock.reverse(51.48185, 7.21765).label.startswith("Kortumstraße")


def test_house_numbers_come_with_their_street(server):
    for make in (_photon, _nominatim):
        assert make(server).search("Kortumstraße 90", limit=5)[1].label == "Kortumstraße 90"


def test_the_server_is_asked_for_this_city_only(server):
    for make in (_photon, _nominatim):
        make(server).search("x y", limit=5)
    assert "bbox=7.1021" in server.asked[0]
    assert "bounded=1" in server.asked[1]


@pytest.mark.parametrize(
    "broken",
    [
        (500, {}, b"oops"),
        (200, {}, b"<html>no json</html>"),
        (200, {}, b'{"features": [{}]}'),
        (302, {"Location": "http://example.org/"}, b""),
        (200, {}, b"[" + b" " * 3_000_000 + b"]"),
    ],
)
@pytest.mark.parametrize("kind", ["photon", "nominatim"])
def test_when_the_server_fails_the_gazetteer_answers_and_the_server_rests(
    server, settings, map_of_bochum, kind, broken
):
    server.answer = lambda path, headers: broken
    settings.GEOCODER = f"{kind}:{server.url}"
    geocoding._made.cache_clear()
    assert geocoding.search("Kortumstr")[0].label == "Kortumstraße"
    assert geocoding.search("Kortumstr")[0].label == "Kortumstraße"
    assert len(server.asked) == 1


def test_a_server_that_is_not_there_does_not_stop_the_search(settings, map_of_bochum):
    settings.GEOCODER = "photon:http://127.0.0.1:9"
    geocoding._made.cache_clear()
    assert geocoding.search("Kortumstr")[0].label == "Kortumstraße"
    assert geocoding.reverse(51.4818, 7.2176).label == "Kortumstraße"


def test_hits_far_away_are_left_out(server, settings, map_of_bochum):
    far = {"features": [{"geometry": {"coordinates": [13.4, 52.5]}, "properties": {"name": "Berlin"}}]}
    server.says(far)
    settings.GEOCODER = f"photon:{server.url}"
    geocoding._made.cache_clear()
    assert geocoding.search("Berlin") == []


@pytest.mark.parametrize("choice", ["google:https://maps.example", "photon", "photon:ftp://x", "nominatim:"])
def test_a_wrong_setting_is_named(settings, choice):
    settings.GEOCODER = choice
    with pytest.raises(ImproperlyConfigured, match="STADTKERN_GEOCODER"):
        geocoding.geocoder()
