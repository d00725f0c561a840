"""The inbox on a small phone: axe finds nothing, nothing sticks out, and it all works without JavaScript."""

from typing import Any

import pytest
from django.conf import settings

from stadtkern.threads.domain.confirming import confirm_path
from stadtkern.threads.domain.conversation import contact_for, join
from stadtkern.threads.domain.following import follow
from stadtkern.threads.domain.links import contact_path, unsubscribe_path
from stadtkern.threads.models import ChannelChoice, Contact, Follow, Notification
from stadtkern.threads.tests.builders import MESSAGE, lamp, mail_contact, tell

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SMALL = {"width": 320, "height": 700}


@pytest.fixture
def vera(own_queue: None) -> Contact:
    contact, thread = mail_contact(), lamp()
    join(thread, contact)
    tell(contact, thread=thread, body="Die Stadtwerke kommen am Dienstag.", url="/mitteilungen/")
    follow(contact, "district", value="mitte", label="Bochum-Mitte")
    return contact


def test_axe_finds_nothing_at_320_pixels(live_server: Any, browser: Any, vera: Contact) -> None:
    stranger = contact_for(email="neu@stadtkern.example")
    page = browser.new_context(viewport=SMALL, bypass_csp=True).new_page()
    page.set_default_timeout(60_000)
    page.goto(live_server.url + contact_path(vera))
    for path in (
        "/mitteilungen/",
        "/mitteilungen/einstellungen/",
        "/mitteilungen/folgen/?topic=area&lat=51.48&lon=7.21&label=Rathaus",
        confirm_path(stranger),
        unsubscribe_path(vera, MESSAGE),
    ):
        page.goto(live_server.url + path)
        page.add_script_tag(path=str(settings.ROOT / "node_modules" / "axe-core" / "axe.min.js"))
        found = page.evaluate("axe.run()")["violations"]
        assert [(each["id"], each["nodes"][0]["html"]) for each in found] == []
        assert page.evaluate("document.documentElement.scrollWidth") <= SMALL["width"]


def test_everything_works_without_javascript(live_server: Any, browser: Any, vera: Contact) -> None:
    page = browser.new_context(viewport=SMALL, java_script_enabled=False, locale="de-DE").new_page()
    page.set_default_timeout(60_000)
    page.goto(live_server.url + contact_path(vera))
    assert page.url == live_server.url + "/mitteilungen/"
    page.get_by_role("button", name="Alle als gelesen markieren").click()
    assert Notification.objects.filter(read_at=None).count() == 0
    page.get_by_role("link", name="Einstellungen").first.click()
    page.locator(f"input[value='{MESSAGE}:email'][type=checkbox]").uncheck()
    page.get_by_label("einmal am Tag").check()
    page.get_by_role("button", name="Speichern").click()
    assert ChannelChoice.objects.get(topic=MESSAGE, channel="email").wanted is False
    assert Contact.objects.get(pk=vera.pk).pace == "daily"
    page.get_by_role("button", name="Beenden").click()
    assert not Follow.objects.exists()
