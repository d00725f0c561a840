"""What a reader with a session gets is marked as theirs; everybody else's pages may be kept."""

import pytest

PAGES = ("/", "/suche/?q=Rathaus", "/karte/", "/barrierefreiheit/", "/daten/", "/gibt-es-nicht/")


@pytest.mark.parametrize("path", PAGES)
def test_pages_of_a_session_are_kept_by_nobody(visitor, aylin, path):
    answer = visitor.signed_in(aylin).get(path)
    assert answer.headers["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize("path", PAGES)
def test_pages_of_nobody_may_be_kept(city, visitor, path):
    assert "no-store" not in visitor.get(path).headers.get("Cache-Control", "")


def test_a_page_that_tells_something_once_is_somebodys_too(city, visitor):
    visitor.cookies["messages"] = "something"
    assert visitor.get("/").headers["Cache-Control"] == "private, no-store"


def test_what_says_itself_how_long_it_may_be_kept_is_left_alone(visitor, aylin):
    answer = visitor.signed_in(aylin).get("/orte/bezirke.geojson")
    assert answer.headers["Cache-Control"] == "public, max-age=300"


def test_the_mark_costs_no_query(city, visitor, django_assert_num_queries):
    with django_assert_num_queries(0):
        visitor.get("/ohne-netz/")
