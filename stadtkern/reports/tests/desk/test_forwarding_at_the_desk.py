"""Carrying a matter to a body outside by hand, and trying again what failed."""

import pytest

from stadtkern.people.models import Organisation
from stadtkern.reports.domain import catalogue
from stadtkern.reports.domain.forwarding import forward_report
from stadtkern.reports.models import Forwarding
from stadtkern.reports.tests.builders import report
from stadtkern.reports.tests.desk.posting import page_of, post
from stadtkern.reports.words import ForwardState

pytestmark = pytest.mark.django_db


@pytest.fixture
def railway(city):
    house = Organisation.objects.get(key="deutsche-bahn")
    house.email = "bahn@stadtkern.example"
    house.save()
    catalogue.forget()
    yield house
    catalogue.forget()


def failed(made, house) -> Forwarding:
    forwarding = forward_report(made.pk, to=house, by=None)
    Forwarding.objects.update(state=ForwardState.FAILED, error="Postfach voll")
    made.refresh_from_db()
    return forwarding


def test_a_matter_is_carried_outside_with_words(visitor, bernd, railway):
    made = report()
    desk = visitor.signed_in(bernd)
    assert "Deutsche Bahn (E-Mail)" in desk.get(page_of(made)).content.decode()
    assert post(desk, made, "weiterleiten", to=railway.pk, words="Am Bahndamm.").status_code == 302
    forwarding = Forwarding.objects.get()
    assert (forwarding.to, forwarding.way, forwarding.state) == (railway, "email", ForwardState.WAITING)
    page = desk.get(page_of(made)).content.decode()
    assert "wird gesendet" in page
    assert "Am Bahndamm." in page


def test_twice_to_the_same_house_comes_back_with_the_words(visitor, bernd, railway):
    made = report()
    forward_report(made.pk, to=railway, by=bernd)
    made.refresh_from_db()
    answer = post(visitor.signed_in(bernd), made, "weiterleiten", to=railway.pk, words="Meine Worte")
    assert answer.status_code == 409
    assert "Meine Worte" in answer.content.decode()


def test_where_nobody_can_be_reached_nothing_is_offered(visitor, bernd, city):
    Organisation.objects.filter(kind="external").update(email="", open311_url="")
    catalogue.forget()
    assert "tun-weiterleiten" not in visitor.signed_in(bernd).get(page_of(report())).content.decode()


def test_what_failed_says_why_and_is_sent_again(visitor, bernd, railway):
    made = report()
    forwarding = failed(made, railway)
    desk = visitor.signed_in(bernd)
    page = desk.get(page_of(made)).content.decode()
    assert "Postfach voll" in page
    assert "Noch einmal an Deutsche Bahn senden" in page
    assert post(desk, made, "erneut-senden", forwarding=forwarding.pk).status_code == 302
    forwarding.refresh_from_db()
    assert forwarding.state == ForwardState.WAITING
    again = post(desk, made, "erneut-senden", forwarding=forwarding.pk)
    assert "schon unterwegs oder angekommen" in again.content.decode()


def test_nothing_of_another_report_is_sent_again(visitor, bernd, railway):
    made, other = report(), report()
    forwarding = failed(other, railway)
    assert post(visitor.signed_in(bernd), made, "erneut-senden", forwarding=forwarding.pk).status_code == 422
    forwarding.refresh_from_db()
    assert forwarding.state == ForwardState.FAILED


@pytest.mark.parametrize("key", ["weiterleiten", "erneut-senden"])
def test_a_crew_carries_nothing_outside(visitor, kai, railway, key):
    made = report()
    forwarding = failed(made, railway)
    desk = visitor.signed_in(kai)
    assert post(desk, made, key, forwarding=forwarding.pk, to=railway.pk).status_code == 403
    page = desk.get(page_of(made)).content.decode()
    assert "Noch einmal an" not in page
    assert "tun-weiterleiten" not in page
