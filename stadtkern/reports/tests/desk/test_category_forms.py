"""Correcting and splitting ask the questions of the chosen category; another category comes back with its own."""

import pytest

from stadtkern.reports.domain import catalogue
from stadtkern.reports.models import Category, Report
from stadtkern.reports.tests.builders import POTHOLE, report
from stadtkern.reports.tests.desk.posting import fields, page_of, post

pytestmark = pytest.mark.django_db


@pytest.fixture
def closed_bollards(city):
    Category.objects.filter(key="bollard").update(is_active=False, closed_reason={"de": "Bis Montag geschlossen."})
    catalogue.forget()
    yield
    catalogue.forget()


def corrected(made, **given):
    plain = {"category": made.category_id, "questions_of": made.category_id, "address": made.address}
    return plain | {"lat": made.lat, "lon": made.lon, "public_text": ""} | given


def test_the_page_offers_the_answers_there_are(visitor, bernd):
    page = visitor.signed_in(bernd).get(page_of(report(**POTHOLE))).content.decode()
    assert 'name="berichtigen-answers.depth" value="deep"' in page


def test_an_answer_is_corrected(visitor, bernd):
    made = report(**POTHOLE)
    given = corrected(made, **{"answers.where": "lane", "answers.depth": "shallow"})
    shallow = Category.objects.get(key="pothole").questions[1]["values"][0]["key"]
    given["answers.depth"] = shallow
    assert post(visitor.signed_in(bernd), made, "berichtigen", **given).status_code == 302
    made.refresh_from_db()
    assert made.answers["depth"] == shallow


@pytest.mark.parametrize("key", ["berichtigen", "teilen"])
def test_another_category_comes_back_with_its_questions_and_all_that_was_typed(visitor, bernd, key):
    made = report()
    typed = corrected(made, category="pothole", public_text="Meine Worte", text="Meine Worte")
    answer = post(visitor.signed_in(bernd), made, key, **typed)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert f'name="{key}-answers.where"' in page
    assert f'name="{key}-questions_of" value="pothole"' in page
    assert "Meine Worte" in page
    assert "noch einmal" in page
    made.refresh_from_db()
    assert (made.category_id, Report.objects.count()) == ("bollard", 1)


def test_then_the_second_send_does_it(visitor, bernd):
    made = report()
    given = corrected(made, category="pothole", questions_of="pothole")
    given |= {"answers.where": "lane", "answers.depth": "deep"}
    assert post(visitor.signed_in(bernd), made, "berichtigen", **given).status_code == 302
    made.refresh_from_db()
    assert (made.category_id, made.answers) == ("pothole", {"where": "lane", "depth": "deep"})


def test_a_part_is_split_off_with_its_answers(visitor, bernd):
    made = report()
    given = {"category": "pothole", "questions_of": "pothole", "text": "Daneben ein Schlagloch."}
    given |= {"answers.where": "lane", "answers.depth": "deep"}
    assert post(visitor.signed_in(bernd), made, "teilen", **given).status_code == 302
    assert Report.objects.get(part_of=made).answers == {"where": "lane", "depth": "deep"}


def test_a_closed_category_stays_for_a_report_that_is_in_it(visitor, bernd, city):
    made = report()
    Category.objects.filter(key="bollard").update(is_active=False, closed_reason={"de": "Bis Montag geschlossen."})
    catalogue.forget()
    desk = visitor.signed_in(bernd)
    page = desk.get(page_of(made)).content.decode()
    catalogue.forget()
    assert '<option value="bollard" selected>' in page


def test_in_a_closed_category_the_rest_can_be_corrected(visitor, bernd, city):
    made = report()
    Category.objects.filter(key="bollard").update(is_active=False, closed_reason={"de": "Bis Montag geschlossen."})
    catalogue.forget()
    given = corrected(made, address="Husemannplatz")
    assert post(visitor.signed_in(bernd), made, "berichtigen", **given).status_code == 302
    catalogue.forget()
    made.refresh_from_db()
    assert (made.category_id, made.address) == ("bollard", "Husemannplatz")


@pytest.mark.parametrize(("reroute", "owner"), [("", "tiefbauamt"), ("on", "usb")])
def test_another_category_may_go_to_its_house_at_once(visitor, dora, reroute, owner):
    made = report()
    given = corrected(made, category="street-dirty", questions_of="street-dirty", reroute=reroute)
    assert post(visitor.signed_in(dora), made, "berichtigen", **given).status_code == 302
    made.refresh_from_db()
    assert (made.category_id, made.owner.key) == ("street-dirty", owner)


def test_a_question_may_stay_open(visitor, bernd):
    made = report()
    given = corrected(made, category="pothole", questions_of="pothole")
    assert post(visitor.signed_in(bernd), made, "berichtigen", **given).status_code == 302
    made.refresh_from_db()
    assert (made.category_id, made.answers) == ("pothole", {})


def test_a_part_may_be_split_off_with_open_questions(visitor, bernd):
    made = report()
    given = {"category": "pothole", "questions_of": "pothole", "text": "Daneben ein Schlagloch."}
    assert post(visitor.signed_in(bernd), made, "teilen", **given).status_code == 302
    assert Report.objects.get(part_of=made).answers == {}


def test_nothing_is_moved_into_a_closed_category(visitor, bernd, closed_bollards):
    made = report(**POTHOLE)
    given = corrected(made, category="bollard", questions_of="bollard")
    answer = visitor.signed_in(bernd).post(f"{page_of(made)}berichtigen/", fields("berichtigen", version=1, **given))
    assert answer.status_code == 422
