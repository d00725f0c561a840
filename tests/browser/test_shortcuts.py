"""Work with the keys at the desk, and switching them off on the device."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.steps import until_ready

INBOX = "/desk/meldungen/"


@pytest.fixture
def desk(desktop: Any, house: Any, signed_in: Callable[..., Any]) -> Any:
    """Bernd's list with two reports."""
    from stadtkern.reports.tests.builders import report

    report(text="Der erste Poller ist umgefahren.")
    report(text="Der zweite Poller ist umgefahren.")
    page = signed_in(desktop, house.bernd)
    _open(page, INBOX)
    return page


def _open(page: Any, address: str) -> None:
    page.goto(address)
    expect(page.locator("[data-shortcuts-on]")).to_have_count(1)
    until_ready(page)


def _row(page: Any, number: int) -> Any:
    return page.locator("[data-row]").nth(number)


def test_through_the_list_and_into_a_report(desk: Any) -> None:
    desk.keyboard.press("j")
    expect(_row(desk, 0).locator("a").first).to_be_focused()
    desk.keyboard.press("j")
    desk.keyboard.press("x")
    expect(_row(desk, 1).locator("input[type=checkbox]")).to_be_checked()
    desk.keyboard.press("k")
    address = _row(desk, 0).locator("a").first.get_attribute("href")
    desk.keyboard.press("n")
    desk.wait_for_url(f"**{address}#tun-notiz")
    expect(desk.locator("#tun-notiz textarea").first).to_be_focused()
    desk.keyboard.type("jas/?")
    expect(desk.locator("#tun-notiz textarea").first).to_have_value("jas/?")
    assert desk.locator("dialog[open]").count() == 0


def test_a_report_is_answered_moved_and_taken(desk: Any) -> None:
    desk.keyboard.press("j")
    desk.keyboard.press("o")
    desk.wait_for_url(f"**{INBOX}*/")
    desk.wait_for_load_state("networkidle")
    desk.keyboard.press("a")
    expect(desk.locator("#tun-antwort textarea").first).to_be_focused()
    desk.locator("h1").click()
    desk.keyboard.press("s")
    expect(desk.locator("#tun-schritt")).to_have_attribute("open", "")
    desk.locator("h1").click()
    with desk.expect_navigation():
        desk.keyboard.press("t")
    expect(desk.get_by_text("Sie bearbeiten diese Meldung.")).to_be_visible()


def test_the_help_lists_them_and_switches_them_off(desk: Any) -> None:
    desk.keyboard.press("/")
    expect(desk.locator("#desk-q")).to_be_focused()
    desk.locator("h1").click()
    desk.keyboard.press("?")
    expect(desk.get_by_role("dialog", name="Tastenkürzel")).to_be_visible()
    desk.get_by_label("Kürzel mit einzelnen Tasten benutzen").uncheck()
    desk.keyboard.press("Escape")
    _open(desk, INBOX)
    desk.keyboard.press("j")
    assert desk.evaluate("!document.activeElement.closest('[data-row]')")
    desk.get_by_role("button", name="Tastenkürzel").click()
    expect(desk.get_by_label("Kürzel mit einzelnen Tasten benutzen")).not_to_be_checked()
