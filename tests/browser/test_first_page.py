"""The first page is the device's own: tiles by use, pinned or hidden; the position only when somebody asks for it.
And a place is chosen on one map only, by keys through the hits, on a public screen without a trace."""

from collections.abc import Callable
from typing import Any

from playwright.sync_api import expect

from tests.browser.conftest import PHONE
from tests.browser.steps import fill_in, send, until_ready

NEVER_ASKED = """navigator.geolocation.getCurrentPosition = () => { window.positionAsked = true; };
navigator.geolocation.watchPosition = () => { window.positionAsked = true; };"""
FIRST_TILE = "[data-tile]:not([hidden])"


def _first_tile(page: Any) -> str:
    return str(page.locator(FIRST_TILE).first.get_attribute("data-tile"))


def test_nobody_asks_for_the_position_by_itself(open_context: Callable[..., Any]) -> None:
    context = open_context(**PHONE)
    context.add_init_script(NEVER_ASKED)
    page = context.new_page()
    for address in ("/", "/melden/", "/in-meiner-naehe/", "/karte/"):
        page.goto(address)
        page.wait_for_load_state("networkidle")
        assert not page.evaluate("Boolean(window.positionAsked)"), address


def test_what_is_used_stands_first_and_what_is_hidden_stays_away(phone: Any) -> None:
    phone.goto("/")
    phone.get_by_role("button", name="Kacheln ordnen").wait_for()
    assert _first_tile(phone) == "reports.start"
    phone.evaluate("""localStorage.setItem("stadtkern.tiles", JSON.stringify({use: {"reports.mine": 3}}))""")
    phone.reload()
    expect(phone.locator(FIRST_TILE).first).to_have_attribute("data-tile", "reports.mine")
    phone.get_by_role("button", name="Kacheln ordnen").click()
    group = phone.get_by_role("group", name="Meine Meldungen")
    group.get_by_label("Ausblenden").check()
    phone.keyboard.press("Escape")
    phone.reload()
    expect(phone.locator("[data-tile='reports.mine']")).to_be_hidden()
    phone.get_by_role("button", name="Kacheln ordnen").click()
    phone.get_by_role("button", name="Wie am Anfang").click()
    expect(phone.locator("[data-tile='reports.mine']")).to_have_count(1)
    assert _first_tile(phone) == "reports.start"


def test_a_place_is_chosen_on_one_map_fetched_for_a_person(phone: Any) -> None:
    phone.goto("/melden/")
    phone.wait_for_load_state("networkidle")
    expect(phone.locator(".map canvas")).to_have_count(0)
    phone.get_by_role("combobox", name="Adresse oder Ort").press("Tab")
    expect(phone.locator(".map canvas")).to_have_count(1)


def test_the_search_is_walked_by_keys(desktop: Any) -> None:
    desktop.goto("/suche/?q=Poller")
    hits = desktop.locator("[data-hits] a.line")
    hits.first.wait_for()
    until_ready(desktop)
    desktop.locator("main").focus()
    desktop.keyboard.press("/")
    expect(desktop.locator("#q")).to_be_focused()
    desktop.keyboard.press("ArrowDown")
    expect(hits.first).to_be_focused()
    desktop.keyboard.press("Escape")
    expect(desktop.locator("#q")).to_be_focused()


def test_a_public_screen_keeps_nothing(phone: Any) -> None:
    text = "Am öffentlichen Bildschirm gemeldet: ein tiefes Loch."
    phone.goto("/melden/kiosk/")
    fill_in(phone, text)
    send(phone)
    phone.get_by_text("Danke! Ihre Meldung ist da.").wait_for()
    phone.get_by_role("link", name="Fertig").click()
    phone.wait_for_url("**/melden/kiosk/")
    kept = phone.evaluate("""async () => [localStorage.length, sessionStorage.length,
        (await indexedDB.databases()).length, document.cookie.length]""")
    assert kept == [0, 0, 0, 0]
    assert phone.locator("#id_address").input_value() == ""
    phone.go_back()
    phone.wait_for_load_state()
    assert text not in phone.content()
