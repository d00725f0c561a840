"""The addresses of places from outside: JSON, fragments, pages, map layers, style and tiles."""

import pytest

from stadtkern.core.parts import map_layers, near_me, search_sources

pytestmark = pytest.mark.django_db


def test_addresses_while_typing(visitor, map_of_bochum):
    answer = visitor.get("/orte/suche", {"q": "Konigsalle"}, headers={"accept": "application/json"})
    hit = answer.json()["hits"][0]
    assert hit == {"label": "Königsallee", "lat": 51.4583, "lon": 7.2236, "kind": "street", "precision": "street"}


def test_a_fragment_for_the_page(visitor, map_of_bochum):
    answer = visitor.get("/orte/suche", {"q": "Planetarium"}, headers={"hx-request": "true"})
    assert "Zeiss Planetarium Bochum" in answer.content.decode()
    assert "HX-Request" in answer["Vary"]


def test_the_words_for_a_point(visitor, map_of_bochum):
    answer = visitor.get("/orte/adresse", {"lat": "51.4818", "lon": "7.2176"}).json()
    assert answer == {"label": "Kortumstraße", "inside": True, "district": "mitte", "distance_m": 0}


def test_a_point_outside_says_so(visitor, map_of_bochum):
    answer = visitor.get("/orte/adresse", {"lat": "51.55", "lon": "7.22"}).json()
    assert (answer["inside"], answer["label"]) == (False, "")
    assert answer["distance_m"] > 1000


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/orte/adresse", 400),
        ("/orte/adresse?lat=a&lon=7", 400),
        ("/orte/adresse?lat=nan&lon=7.2", 422),
        ("/orte/adresse?lat=51.4&lon=inf", 422),
        ("/orte/adresse?lat=1e999&lon=7", 422),
        ("/orte/adresse?lat=99999999999999999999&lon=7", 422),
        ("/orte/suche?q=a&limit=x", 400),
        ("/orte/suche?q=ab&limit=²", 400),
        ("/orte/orte.geojson?bbox=1,2,3", 400),
        ("/orte/orte.geojson?bbox=a,b,c,d", 400),
        ("/karte/kacheln/30/0/0", 404),
        ("/karte/kacheln.pmtiles", 404),
        ("/orte/bezirke/nirgends/", 404),
    ],
)
def test_bad_questions_are_answered_as_such(visitor, map_of_bochum, settings, address, status):
    settings.TILES_URL = ""
    answer = visitor.get(address, headers={"accept": "application/json"})
    assert answer.status_code == status
    assert answer.json()["status"] == status


def test_writing_is_not_possible(visitor, map_of_bochum):
    assert visitor.post("/orte/suche", {"q": "x"}).status_code == 405


def test_the_layers_hold_what_the_pack_holds(visitor, map_of_bochum):
    districts = visitor.get("/orte/bezirke.geojson").json()["features"]
    assert {feature["id"] for feature in districts} == {"mitte", "wattenscheid", "nord", "ost", "sued", "suedwest"}
    places = visitor.get("/orte/orte.geojson").json()["features"]
    assert "planetarium" in {feature["id"] for feature in places}
    assert not {feature["properties"]["kind"] for feature in places} & {"street", "address"}
    few = visitor.get("/orte/orte.geojson?bbox=7.22,51.48,7.23,51.49").json()["features"]
    assert 0 < len(few) < len(places)


@pytest.mark.parametrize("bbox", ["nan,nan,nan,nan", "inf,0,1,2", "180,90,-180,-90", "1e308,1e308,1e308,1e308"])
def test_a_strange_box_holds_nothing(visitor, map_of_bochum, bbox):
    assert visitor.get(f"/orte/orte.geojson?bbox={bbox}").json()["features"] == []


@pytest.mark.parametrize(
    "address", ["/orte/", "/orte/?art=park&bezirk=mitte", "/orte/bezirke/", "/orte/bezirke/mitte/", "/orte/?nach=z~1"]
)
def test_the_same_as_pages(visitor, map_of_bochum, address):
    assert visitor.get(address).status_code == 200


@pytest.mark.parametrize("theme", ["light", "dark", "<script>"])
def test_the_style_needs_nobody_else(visitor, map_of_bochum, settings, theme):
    settings.TILES_URL = settings.TILES_STYLE = ""
    answer = visitor.get("/karte/stil.json", {"theme": theme})
    style = answer.json()
    assert style["version"] == 8
    assert "glyphs" not in style
    assert "sprite" not in style
    assert all(source["type"] == "geojson" for source in style["sources"].values())
    assert {layer.get("source", "") for layer in style["layers"]} <= {"", *style["sources"]}
    assert "http" not in answer.content.decode()
    assert "OpenStreetMap" in style["sources"]["districts"]["attribution"]
    assert len(answer.content) < 150_000


def test_with_a_tile_source_the_style_shows_our_own_address(visitor, map_of_bochum, settings):
    settings.TILES_URL = "https://tiles.example/{z}/{x}/{y}.png"
    style = visitor.get("/karte/stil.json").json()
    assert style["sources"]["tiles"]["tiles"] == ["http://testserver/karte/kacheln/{z}/{x}/{y}"]
    assert "tiles.example" not in str(style)


def test_an_operators_style_is_led_through_our_proxy(visitor, map_of_bochum, settings, tmp_path):
    import json

    own = {
        "version": 8,
        "sources": {"osm": {"type": "vector", "url": "https://tiles.example/tiles.json"}},
        "layers": [],
    }
    (tmp_path / "style.json").write_text(json.dumps(own))
    settings.TILES_URL, settings.TILES_STYLE = "city.pmtiles", str(tmp_path / "style.json")
    source = visitor.get("/karte/stil.json").json()["sources"]["osm"]
    assert source == {"type": "vector", "tiles": ["http://testserver/karte/kacheln/{z}/{x}/{y}"]}


def test_a_tile_is_not_sent_twice(visitor, server, settings, tmp_path):
    settings.DATA, settings.TILES_URL = tmp_path, server.url + "/{z}/{x}/{y}.png"
    server.says(b"\x89PNG12345")
    first = visitor.get("/karte/kacheln/12/2130/1361")
    assert (first.status_code, first["Content-Type"]) == (200, "image/png")
    again = visitor.get("/karte/kacheln/12/2130/1361", headers={"if-none-match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_an_archive_is_read_by_ranges(visitor, settings, tmp_path):
    file = tmp_path / "city.pmtiles"
    file.write_bytes(bytes(range(200)))
    settings.TILES_URL = str(file)
    part = visitor.get("/karte/kacheln.pmtiles", headers={"range": "bytes=10-19"})
    assert (part.status_code, part.content, part["Content-Range"]) == (206, bytes(range(10, 20)), "bytes 10-19/200")
    assert visitor.get("/karte/kacheln.pmtiles", headers={"range": "bytes=900-"}).status_code == 416
    assert visitor.get("/karte/kacheln.pmtiles", headers={"range": "lines=1"}).status_code == 400


def test_places_offers_its_parts(map_of_bochum):
    hits = search_sources.get("places").search("Planetarium", None, 5)
    assert hits[0].title == "Zeiss Planetarium Bochum"
    near = near_me.get("places").answer(51.4825, 7.2153)
    assert near[0].distance_m < 50
    assert {"districts", "places"} <= {layer.key for layer in map_layers}


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_costs_the_same_for_one_and_for_three(visitor, map_of_bochum, rows, django_assert_max_num_queries):
    from stadtkern.places.models import Place

    keep = list(Place.objects.filter(kind="sight").values_list("pk", flat=True)[:rows])
    Place.objects.exclude(pk__in=keep).update(is_active=False)
    visitor.get("/orte/")
    with django_assert_max_num_queries(8):
        assert visitor.get("/orte/").status_code == 200
