"""Every function of $filter, each with an outcome that is known."""

import pytest

from stadtkern.hub.api.sta.functions import FUNCTIONS
from stadtkern.hub.tests.sta_read.asking import Sta
from stadtkern.hub.tests.sta_read.town import Town

pytestmark = pytest.mark.django_db
AREA = "geography'POLYGON((7.22 51.48, 7.23 51.48, 7.23 51.50, 7.22 51.50, 7.22 51.48))'"
PARK = "geography'POINT(7.2239 51.4921)'"
LINE = "geography'LINESTRING(7.2239 51.4921, 8 51.4921)'"
THINGS = {
    "substringof": [("substringof('en', name)", ["bench"]), ("substringof('', name) and id lt 0", [])],
    "contains": [("contains(name, 'on')", ["pond"]), ("contains(properties/owner, 'amt')", ["bench"])],
    "startswith": [("startswith(name, 'tr')", ["tree"])],
    "endswith": [("endswith(name, 'd')", ["pond"]), ("endswith(name, '')", ["bench", "pond", "tree"])],
    "length": [("length(name) eq 5", ["bench"]), ("length(properties/owner) gt 10", ["pond"])],
    "indexof": [("indexof(name, 'e') eq 1", ["bench"]), ("indexof(name, 'x') eq -1 and name eq 'tree'", ["tree"])],
    "substring": [
        ("substring(name, 2) eq 'nch'", ["bench"]),
        ("substring(name, 0, 2) eq 'po'", ["pond"]),
        ("substring(name, -5, 1) eq 'p'", ["pond"]),
        ("substring(name, 99999999999, 99999999999) eq '' and name eq 'tree'", ["tree"]),
        ("substring(name, 0, -1) eq '' and name eq 'tree'", ["tree"]),
    ],
    "tolower": [("tolower(properties/owner) eq 'parkamt'", ["bench"])],
    "toupper": [("toupper(name) eq 'TREE'", ["tree"])],
    "trim": [("trim(concat(' ', name)) eq 'tree'", ["tree"])],
    "concat": [("concat(concat(name, '-'), name) eq 'pond-pond'", ["pond"])],
    "round": [("round(properties/height) eq 3", ["bench"]), ("round(-2.5) eq -3 and name eq 'tree'", ["tree"])],
    "floor": [("floor(properties/height) eq 2", ["bench"])],
    "ceiling": [("ceiling(properties/height) eq 3", ["bench"])],
    "geo.distance": [
        (f"geo.distance(Locations/location, {PARK}) lt 0.02", ["bench", "tree"]),
        (f"geo.distance({PARK}, Locations/location) gt 0.02", ["pond"]),
        (f"0.02 gt geo.distance(Locations/location, {PARK})", ["bench", "tree"]),
        (f"geo.distance(Locations/location, {PARK}) le 0", ["bench"]),
    ],
    "geo.length": [
        ("geo.length(Locations/location) eq 0", ["bench", "pond", "tree"]),
        (f"geo.length({LINE}) lt 0.78", ["bench", "pond", "tree"]),
    ],
    "geo.intersects": [(f"geo.intersects(Locations/location, {AREA})", ["bench"])],
    "st_equals": [(f"st_equals(Locations/location, {PARK})", ["bench"])],
    "st_disjoint": [(f"st_disjoint(Locations/location, {AREA})", ["pond", "tree"])],
    "st_touches": [(f"st_touches(Locations/location, {LINE})", ["bench"])],
    "st_within": [
        (f"st_within(Locations/location, {AREA})", ["bench"]),
        (f"st_within({AREA}, Locations/location)", []),
    ],
    "st_overlaps": [(f"st_overlaps(Locations/location, {AREA})", [])],
    "st_crosses": [(f"st_crosses(Locations/location, {LINE})", [])],
    "st_intersects": [(f"not st_intersects(Locations/location, {AREA})", ["pond", "tree"])],
    "st_contains": [
        (f"st_contains({AREA}, Locations/location)", ["bench"]),
        (f"st_contains({AREA}, {PARK}) and id lt 0", []),
    ],
    "st_relate": [(f"st_relate(Locations/location, {AREA}, 'T*F**F***')", ["bench"])],
}
AIR = {
    "year": [("year(phenomenonTime) eq 2026 and result gt 15", [15.5])],
    "month": [("month(phenomenonTime) eq 5 and result gt 15", [15.5]), ("month(phenomenonTime) eq 6", [])],
    "day": [("day(resultTime) eq 4 and result gt 15", [15.5])],
    "hour": [
        ("hour(phenomenonTime) eq 13", [11.5]),
        ("hour(phenomenonTime) eq hour(2026-05-04T13:00:00+02:00)", [11.5]),
    ],
    "minute": [("minute(phenomenonTime) eq 0 and result gt 15", [15.5])],
    "second": [("second(phenomenonTime) gt 0", [])],
    "fractionalseconds": [("fractionalseconds(phenomenonTime) eq 0 and result gt 15", [15.5])],
    "date": [
        ("date(phenomenonTime) eq 2026-05-04 and result gt 15", [15.5]),
        ("year(date(phenomenonTime)) ne 2026", []),
        ("date(phenomenonTime) eq date(2026-05-04T00:30:00+02:00) and result gt 15", [15.5]),
    ],
    "time": [("time(phenomenonTime) gt 16:30:00", [15.5]), ("hour(time(phenomenonTime)) eq 17", [15.5])],
    "totaloffsetminutes": [
        ("totaloffsetminutes(phenomenonTime) eq 0 and result gt 15", [15.5]),
        ("totaloffsetminutes(2026-05-04T00:30:00-01:30) eq -90 and result gt 15", [15.5]),
    ],
    "now": [("phenomenonTime gt now() add duration'P36500D'", [])],
    "mindatetime": [("phenomenonTime gt mindatetime() and result gt 15", [15.5])],
    "maxdatetime": [("phenomenonTime ge maxdatetime()", [])],
    "before": [("before(phenomenonTime, 2026-05-04T13:00:00Z)", [10.5])],
    "after": [("after(phenomenonTime, 2026-05-04T16:00:00Z)", [15.5])],
    "meets": [("meets(phenomenonTime, 2026-05-04T13:00:00Z/2026-05-04T15:00:00Z)", [11.5, 13.5])],
    "during": [("during(phenomenonTime, 2026-05-04T13:00:00Z/2026-05-04T15:00:00Z)", [11.5, 12.5])],
    "overlaps": [("overlaps(phenomenonTime, 2026-05-04T13:00:00Z/2026-05-04T15:00:00Z)", [11.5, 12.5])],
    "starts": [("starts(phenomenonTime, 2026-05-04T13:00:00Z/2026-05-04T15:00:00Z)", [11.5])],
    "finishes": [("finishes(phenomenonTime, 2026-05-04T13:00:00Z/2026-05-04T15:00:00Z)", [13.5])],
}


def test_none_is_forgotten() -> None:
    assert THINGS.keys() | AIR.keys() == FUNCTIONS.keys()


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_every_function(town: Town, sta: Sta, name: str) -> None:
    for filter, wanted in THINGS.get(name, []):
        assert sta.names("Things", filter=filter) == wanted, filter
    path = f"Datastreams({town.streams['bench air'].pk})/Observations"
    for filter, results in AIR.get(name, []):
        assert [one["result"] for one in sta(path, filter=filter)["value"]] == results, filter


def test_places_of_observations_and_datastreams(town: Town, sta: Sta) -> None:
    assert len(sta.ids("Observations", filter=f"st_within(FeatureOfInterest/feature, {AREA})")) == 10
    assert sta.names("Datastreams", filter=f"st_within(observedArea, {AREA})") == ["bench air", "bench rain"]
    far = f"geo.distance(FeatureOfInterest/feature, {PARK}) lt 0.01 and result lt 1"
    assert [one["result"] for one in sta("Observations", filter=far)["value"]] == [0]


def test_too_many_places_are_refused_with_advice(town: Town, sta: Sta, monkeypatch: pytest.MonkeyPatch) -> None:
    from stadtkern.hub.api.sta.planning import places

    monkeypatch.setattr(places, "MOST_CANDIDATES", 1)
    status, message = sta.problem("Things", filter=f"st_disjoint(Locations/location, {AREA})")
    assert status == 400
    assert "say more about where" in message
    assert sta.names("Things", filter=f"st_within(Locations/location, {AREA})") == ["bench"]


def test_all_places_of_a_question_together_are_bounded(town: Town, sta: Sta, monkeypatch: pytest.MonkeyPatch) -> None:
    from stadtkern.hub.api.sta.planning import places

    monkeypatch.setattr(places, "MOST_CANDIDATES", 5)
    one = f"st_disjoint(location, {AREA})"
    assert sta.names("Locations", filter=one) == ["street", "lake"]
    status, message = sta.problem("Locations", filter=f"{one} or {one}")
    assert (status, "say more about where" in message) == (400, True)
