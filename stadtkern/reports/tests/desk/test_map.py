"""The desk's map: every matter of mine, by the same filters as the list, and the same as text."""

import json
import re

import pytest

from stadtkern.reports.domain import desk_places
from stadtkern.reports.models import Report
from stadtkern.reports.tests.builders import TOWN_HALL, report

pytestmark = pytest.mark.django_db
MAP, POINTS = "/desk/meldungen/karte/", "/desk/meldungen/karte.json"
AROUND = "7.1,51.4,7.35,51.54"


def features(visitor, person, **query):
    return json.loads(visitor.signed_in(person).get(POINTS, query).content)["features"]


def test_only_what_is_mine_and_asked_for(visitor, bernd, clara):
    made = report()
    assert [feature["id"] for feature in features(visitor, bernd, bbox=AROUND)] == [made.pk]
    assert features(visitor, bernd, bbox="7.3,51.4,7.35,51.41") == []
    assert features(visitor, bernd, q="Giraffe") == []
    assert features(visitor, clara) == []


def test_too_many_for_points_are_all_counted(visitor, dora, monkeypatch):
    monkeypatch.setattr(desk_places, "MOST_POINTS", 3)
    for number in range(7):
        report(lat=TOWN_HALL["lat"] + number * 0.004)
    for given in ({}, {"bbox": AROUND}):
        found = features(visitor, dora, **given)
        assert sum(feature["properties"]["point_count"] for feature in found) == 7
        assert 1 < len(found) <= 7


@pytest.mark.parametrize("box", ["1,2,3", "a,b,c,d", "7.3,51.4,7.1,51.5", "nan,1,2,3", "7,51,inf,52"])
def test_a_strange_box_is_refused(visitor, dora, box):
    assert visitor.signed_in(dora).get(POINTS, {"bbox": box}).status_code == 400


def test_the_page_holds_the_list_and_says_what_has_no_point(visitor, bernd):
    made, nowhere = report(), report(text="Irgendwo steht ein Poller schief.")
    Report.objects.filter(pk=nowhere.pk).update(lat=None, lon=None)
    page = visitor.signed_in(bernd).get(MAP, {"view": "open"}).content.decode()
    for part in (f"/desk/meldungen/{made.pk}/", f"/desk/meldungen/{nowhere.pk}/", "2 Meldungen", "1 davon ohne Punkt"):
        assert part in page, part
    assert "karte.json?bbox={bbox}&amp;view=open" in page


@pytest.mark.parametrize("rows", [1, 3])
def test_the_page_costs_the_same_however_many_rows(visitor, bernd, rows, django_assert_max_num_queries):
    for _turn in range(rows):
        report()
    desk = visitor.signed_in(bernd)
    desk.get(MAP)
    with django_assert_max_num_queries(11):
        assert desk.get(MAP).status_code == 200


def test_strangers_are_sent_away(visitor, aylin):
    assert visitor.signed_in(aylin).get(MAP).status_code == 403
    assert visitor.signed_in(aylin).get(POINTS).status_code == 403


@pytest.mark.parametrize("address", ["/desk/meldungen/", MAP])
def test_every_search_of_a_page_has_a_name_of_its_own(visitor, bernd, address):
    page = visitor.signed_in(bernd).get(address).content.decode()
    searches = re.findall(r'<form[^>]*role="search"[^>]*>', page)
    names = [re.search(r'aria-label="([^"]+)"', form) for form in searches]
    assert len(searches) >= 2
    assert len({name[1] for name in names if name}) == len(searches)
