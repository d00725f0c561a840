"""The form on a public screen: it works without JavaScript, leads nowhere else and keeps nothing."""

import re

import pytest

from stadtkern.reports.models import Report
from stadtkern.reports.tests.citizen.wizardry import PLACE, filled_in

pytestmark = pytest.mark.django_db
ADDRESSES = re.compile(r'(?:<a [^>]*href|action)="([^"#]*)')


def ways_out(page: str) -> list[str]:
    allowed = ("/melden/kiosk/", "/sprache/")
    return [address for address in ADDRESSES.findall(page) if address and not address.startswith(allowed)]


STEPS = [
    {},
    PLACE | {"schritt": "2"},
    PLACE | {"schritt": "3", "category": "bollard"},
    {"art": "idea"},
    {"address": "Bahnhof", "schritt": "2"},
    {"address": "Hattinger Straße", "schritt": "2"},
]


@pytest.mark.parametrize("given", STEPS)
def test_no_way_leads_out(visitor, city, settings, given):
    settings.DEMO = True
    response = visitor.get("/melden/kiosk/", given)
    assert response.status_code == 200
    assert ways_out(response.content.decode()) == []
    assert "no-store" in response["Cache-Control"]


def test_the_device_is_told_to_keep_nothing(visitor, city):
    page = visitor.get("/melden/kiosk/").content.decode()
    for keeper in ("data-draft", "send-offline", 'data-worker="/sw.js"', "remember-report", 'type="file"'):
        assert keeper not in page
    assert 'autocomplete="off"' in page


def test_a_report_from_the_screen(visitor, city):
    response = visitor.post("/melden/kiosk/senden", filled_in())
    page = response.content.decode()
    assert response.status_code == 201
    assert str(Report.objects.get().pk) in page
    assert "<svg" in page
    assert "/m/" not in page
    assert ways_out(page) == []
    again = visitor.post("/melden/kiosk/senden", filled_in())
    assert again.status_code == 201
    assert Report.objects.count() == 1


def test_faults_stay_on_the_screen(visitor, city):
    response = visitor.post("/melden/kiosk/senden", filled_in(category=""))
    assert response.status_code == 422
    assert ways_out(response.content.decode()) == []
    assert "Der Poller ist umgefahren." in response.content.decode()


def test_an_address_that_only_takes_forms_leads_back_to_the_form(visitor, city):
    """Whoever chooses another language on a page with faults comes from there."""
    assert visitor.get("/melden/kiosk/senden").url == "/melden/kiosk/"
    assert visitor.get("/melden/senden").url == "/melden/"


def test_the_next_person_finds_nothing(visitor, city):
    visitor.cookies["language"] = "ar"
    visitor.cookies["device"] = "x"
    response = visitor.get("/melden/kiosk/neu/")
    assert response.url == "/melden/kiosk/"
    assert response["Clear-Site-Data"] == '"cookies", "storage"'
    assert {name for name, cookie in response.cookies.items() if not cookie.value} == {"language", "device"}
