"""Did you mean ...? Slips of the pen find what was meant."""

import pytest

from stadtkern.reports.domain import figures, lexicon
from stadtkern.reports.models import Figure, Report
from stadtkern.reports.tests import builders
from stadtkern.reports.words import Visibility

pytestmark = pytest.mark.django_db


@pytest.fixture
def told(city):
    made = builders.report(text="Die Straßenlaterne flackert seit Sonntag.")
    builders.report(text="Am Spielplatz liegt Müll.")
    Report.objects.update(visibility=Visibility.PUBLIC)
    return made


@pytest.mark.parametrize(
    ("one", "other", "far"),
    [
        ("latrene", "laterne", 1),
        ("laterne", "laterne", 0),
        ("latern", "laterne", 1),
        ("lterne", "laterne", 1),
        ("lampe", "rampe", 1),
        ("baum", "laterne", 3),
        ("", "ab", 2),
    ],
)
def test_distances(one, other, far):
    assert lexicon.distance(one, other, 2) == far
    assert lexicon.distance(other, one, 2) == far


@pytest.mark.parametrize("typed", ["Strassenlatrene", "Straßenlatrene", "strasenlaterne", "Strassenlatenre"])
def test_a_slip_finds_the_word_that_is_in_use(told, typed):
    assert lexicon.correct(typed) == "straßenlaterne"


def test_several_words_are_corrected_and_the_rest_stays(told):
    assert lexicon.correct("Mül Spielplaz 12") == "Mül spielplatz 12"  # three letters are left alone


@pytest.mark.parametrize("typed", ["Straßenlaterne", "Quetzalcoatl", "4711", "", "<>&", "mul", "a" * 500])
def test_what_is_right_or_beyond_reach_is_left_alone(told, typed):
    assert lexicon.correct(typed) == ""


@pytest.mark.parametrize(("typed", "reach"), [("lampa", True), ("laxxa", False)])
def test_short_words_may_have_one_slip(told, typed, reach):
    assert bool(lexicon.correct(typed)) is reach


def test_words_that_are_not_public_teach_nothing(city):
    builders.report(text="Zwrrblxanter Poller")
    Report.objects.update(visibility=Visibility.HIDDEN)
    assert "zwrrblxanter" not in dict(lexicon.count_words())


def test_the_words_are_kept_and_renewed(told):
    lexicon.renew.func(0)
    assert ["sonntag", 1] in Figure.objects.get(pk=lexicon.LEXICON).content
    figures.forget()
    assert lexicon.correct("sontag") == "sonntag"


def test_the_search_uses_what_was_meant_when_nothing_was_found(visitor, told):
    page = visitor.get("/suche/", {"q": "Strassenlatrene", "in": "reports"}).content.decode()
    assert f"/meldungen/{told.pk}/" in page
    assert "Das sind Treffer für:" in page
    assert "<strong>straßenlaterne</strong>" in page


def test_the_search_offers_it_beside_what_was_found(visitor, told):
    page = visitor.get("/suche/", {"q": "Spielplaz"}).content.decode()
    assert "spielplatz" in page.lower()


def test_the_list_does_the_same(visitor, told):
    page = visitor.get("/meldungen/", {"suche": "Strassenlatrene"}).content.decode()
    assert f"/meldungen/{told.pk}/" in page
    assert "Das sind Treffer für:" in page


def test_nothing_like_it_stays_nothing(visitor, told):
    page = visitor.get("/meldungen/", {"suche": "Quetzalcoatl"}).content.decode()
    assert "Hier ist nichts." in page
    assert "Das sind Treffer" not in page
