"""A citizen says the place by the number on a mast, a stop, a container."""

import re

import pytest
from django.urls import reverse

from stadtkern.reports.models import Report
from stadtkern.reports.tests import builders
from stadtkern.reports.tests.citizen.wizardry import PLACE, filled_in
from stadtkern.reports.words import Visibility

pytestmark = pytest.mark.django_db
LAMP = {"answers.trouble": "out", "answers.several": "one"}


@pytest.fixture
def demo(settings, city):
    settings.DEMO = True


def test_a_known_number_alone_says_the_place(visitor, demo):
    given = filled_in(asset="90001", lat="", lon="")
    assert visitor.post("/melden/senden", given).status_code == 302
    report = Report.objects.get()
    assert report.asset_id == "Laterne 90001"
    assert (report.lat, report.address) == (51.48176, "Willy-Brandt-Platz 2, 44777 Bochum")


def test_an_unknown_number_is_kept_beside_the_place(visitor, city):
    visitor.post("/melden/senden", filled_in(asset="P 12"))
    assert Report.objects.get().asset_id == "P 12"


def test_a_number_of_another_form_comes_back_with_all_that_was_typed(visitor, city):
    response = visitor.post("/melden/senden", filled_in(asset="vor dem Haus", category="lamp"))
    page = response.content.decode()
    assert response.status_code == 422
    assert "So sehen diese Nummern nicht aus" in page
    assert 'value="vor dem Haus"' in page


def test_without_a_register_only_the_field_shows(visitor, city):
    page = visitor.get("/melden/", PLACE).content.decode()
    assert 'name="asset"' in page
    assert "data-near-assets" not in page
    assert "Was hat hier eine Nummer?" not in page


def test_what_is_near_can_be_chosen_without_javascript(visitor, demo):
    page = visitor.get("/melden/", PLACE | {"schritt": "1"}).content.decode()
    assert "Laterne 90002, " in page
    link = re.search(r'<li>\s*<a\s+class="line"\s+href="([^"]+)"', page)[1].replace("&amp;", "&")
    step = visitor.get(link).content.decode()
    assert 'value="Laterne 9000' in step
    assert 'name="lat" value="51.48' in step


def test_a_thing_already_reported_is_marked(visitor, demo):
    told = builders.report(asset_id="Laterne 90002")
    Report.objects.update(visibility=Visibility.PUBLIC)
    fragment = visitor.get("/melden/objekte/", PLACE).content.decode()
    assert fragment.count("gibt es schon eine Meldung") == 1
    assert f"({told.pk})" in fragment


@pytest.mark.parametrize(
    "point", [{}, {"lat": "nan", "lon": "7"}, {"lat": "x", "lon": "y"}, {"lat": "999", "lon": "7"}]
)
def test_no_point_no_list(visitor, demo, point):
    response = visitor.get("/melden/objekte/", point)
    assert response.status_code == 200
    assert "data-asset" not in response.content.decode()


def test_a_sign_s_code_opens_the_form_filled_in(visitor, demo):
    page = visitor.get("/melden/?objekt=lamp-90001&kategorie=lamp").content.decode()
    assert 'value="Laterne 90001"' in page
    assert 'name="lat" value="51.481760"' in page
    assert "Willy-Brandt-Platz 2" in page
    assert (
        'value="lamp" checked' in page
        or 'checked value="lamp"' in page
        or "checked" in page.split('value="lamp"')[1][:80]
    )


def test_staff_read_the_number(client, demo, dora):
    report = builders.report(asset_id="Laterne 90002")
    client.force_login(dora)
    assert "Laterne 90002" in client.get(reverse("reports-desk:report", args=[report.pk])).content.decode()


def test_the_number_is_not_asked_for_twice(visitor, city):
    page = visitor.get(
        "/melden/", PLACE | {"asset": "Laterne 4711", "category": "lamp", "schritt": "3"}
    ).content.decode()
    assert 'name="answers.lamp_number" value="4711"' in page
    visitor.post("/melden/senden", filled_in(asset="4711", category="lamp") | LAMP | {"answers.lamp_number": "4712"})
    visitor.post("/melden/senden", filled_in(asset="4711", category="lamp", idempotency_key="another-1") | LAMP)
    told = [report.answers["lamp_number"] for report in Report.objects.order_by("pk")]
    assert told == ["4712", "4711"]
