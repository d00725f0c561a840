"""A point belongs to exactly one district; outside says so with metres; nonsense is refused by name."""

import math
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import Point

from stadtkern.core.problems import BadInput
from stadtkern.places.domain import geometry
from stadtkern.places.domain.projection import checked, distance_m, from_25832, to_25832

TOWN_HALL = (51.48250, 7.21526)
inside = st.tuples(st.floats(51.40, 51.54), st.floats(7.09, 7.36))


def _borders() -> list[tuple[float, float]]:
    """Every corner of every outline, and the middle of every edge."""
    points = []
    for district in geometry.ground().districts:
        corners = list(district.shape.exterior.coords)
        points += [(lat, lon) for lon, lat in corners]
        points += [((a[1] + b[1]) / 2, (a[0] + b[0]) / 2) for a, b in pairwise(corners)]
    return points


def test_the_town_hall_lies_in_mitte():
    place = geometry.locate(*TOWN_HALL, with_address=False)
    assert (place.inside, place.district_key, place.distance_m) == (True, "mitte", 0.0)


@pytest.mark.parametrize(
    ("lat", "lon", "district"),
    [
        (51.4728, 7.3246, "ost"),
        (51.4268, 7.1460, "suedwest"),
        (51.4814, 7.1333, "wattenscheid"),
        (51.5200, 7.2786, "nord"),
        (51.4456, 7.2605, "sued"),
    ],
)
def test_known_addresses_lie_in_their_district(lat, lon, district):
    assert geometry.district_at(lat, lon).key == district


def test_a_point_on_a_border_belongs_to_exactly_one_district_and_always_to_the_same():
    points = _borders()
    assert len(points) > 2000
    one_by_one = [geometry.district_at(*point) for point in points]
    names = [district.key if district else "" for district in one_by_one]
    assert names == geometry.districts_of(points)
    shared = [
        point
        for point in points
        if sum(d.shape.covers(Point(point[1], point[0])) for d in geometry.ground().districts) > 1
    ]
    assert len(shared) > 300
    for lat, lon in shared:
        owner = geometry.district_at(lat, lon)
        rivals = [d.ref for d in geometry.ground().districts if d.shape.covers(Point(lon, lat))]
        assert owner.ref == min(rivals)


@settings(max_examples=200, deadline=None)
@given(inside)
def test_inside_the_city_means_in_one_district_and_outside_in_none(point):
    lat, lon = point
    in_city = geometry.ground().boundary.covers(Point(lon, lat))
    assert (geometry.district_at(lat, lon) is not None) == in_city


@settings(max_examples=100, deadline=None)
@given(st.lists(inside, max_size=20))
def test_many_at_once_says_the_same_as_one_by_one(points):
    singles = [found.key if (found := geometry.district_at(*point)) else "" for point in points]
    assert geometry.districts_of(points) == singles


def test_just_outside_is_outside_with_metres():
    place = geometry.locate(51.5400, 7.2200, with_address=False)
    assert not place.inside
    assert place.district_key == ""
    assert 100 < place.distance_m < 4_000


def test_far_away_has_no_false_metres():
    assert geometry.locate(-33.9, 151.2) == geometry.Location(inside=False, distance_m=None)


@pytest.mark.parametrize(
    ("lat", "lon", "field"),
    [
        (math.nan, 7.2, "lat"),
        (51.4, math.inf, "lon"),
        (-math.inf, 7.2, "lat"),
        (1e300, 7.2, "lat"),
        (51.4, 10**400, "lon"),
        (90.0001, 7.2, "lat"),
        (51.4, -180.0001, "lon"),
        ("51.4", 7.2, "lat"),
        (None, 7.2, "lat"),
    ],
)
def test_numbers_that_are_no_place_on_earth_are_refused_by_name(lat, lon, field):
    with pytest.raises(BadInput) as caught:
        geometry.locate(lat, lon)
    assert list(caught.value.fields) == [field]


@settings(max_examples=200, deadline=None)
@given(st.floats(47, 55), st.floats(6, 12))
def test_there_and_back_through_utm_is_the_same_place(lat, lon):
    again = from_25832(*to_25832(lat, lon))
    assert distance_m(lat, lon, *again) < 0.01


def test_a_point_of_the_citys_own_data_lands_at_the_mining_museum():
    lat, lon = from_25832(376_216, 5_705_713)
    assert distance_m(lat, lon, 51.48900, 7.21706) < 5


@settings(max_examples=200)
@given(st.floats(allow_nan=True, allow_infinity=True), st.floats(allow_nan=True, allow_infinity=True))
def test_any_two_numbers_are_a_place_or_a_clear_refusal(lat, lon):
    if math.isfinite(lat) and math.isfinite(lon) and abs(lat) <= 90 and abs(lon) <= 180:
        assert checked(lat, lon) == (lat, lon)
        return
    with pytest.raises(BadInput) as caught:
        checked(lat, lon)
    assert set(caught.value.fields) <= {"lat", "lon"}


def test_distance_agrees_with_the_projection():
    east, north = to_25832(*TOWN_HALL)
    lat, lon = from_25832(east + 300, north + 400)
    assert distance_m(*TOWN_HALL, lat, lon) == pytest.approx(500, rel=0.005)


def test_district_names_stand_in_official_order():
    assert list(geometry.district_names()) == ["mitte", "wattenscheid", "nord", "ost", "sued", "suedwest"]
    assert geometry.district_names()["sued"] == "Süd"


def test_areas_are_those_of_the_city():
    total = sum(geometry.metric(district.shape).area for district in geometry.ground().districts) / 1e6
    assert total == pytest.approx(145.7, abs=0.2)
