"""A text block goes where somebody is writing; what is typed in other forms of the page stays."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.steps import until_ready

BLOCK = "Guten Tag, wir kümmern uns um {nummer}."


@pytest.fixture
def desk(desktop: Any, house: Any, signed_in: Callable[..., Any]) -> Any:
    """Bernd's page of one report, with a block of the city."""
    from stadtkern.reports.models import CannedAnswer
    from stadtkern.reports.tests.builders import report

    CannedAnswer.objects.create(key="browser-block", title="Wir kümmern uns", text=BLOCK)
    made = report()
    page = signed_in(desktop, house.bernd)
    page.goto(f"/desk/meldungen/{made.pk}/")
    until_ready(page)
    page.made = made
    return page


def test_a_block_is_inserted_in_place(desk: Any) -> None:
    desk.locator("#tun-notiz summary").click()
    desk.locator("#tun-notiz textarea").fill("Noch nicht gesendet.")
    fold = desk.locator("#tun-antwort")
    fold.locator("summary").click()
    fold.locator("textarea").fill("Hallo!")
    fold.locator("select[name=antwort-block]").select_option("browser-block")
    fold.get_by_role("button", name="Baustein einfügen").click()
    expect(fold.locator("textarea")).to_have_value(f"Hallo!\n\nGuten Tag, wir kümmern uns um {desk.made.pk}.")
    expect(fold.locator("textarea")).to_be_focused()
    expect(desk.locator("#tun-notiz textarea")).to_have_value("Noch nicht gesendet.")
