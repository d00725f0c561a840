"""The desk's page and the real door: what is filed appears without loading the page again.

The door is a process of its own, as in an installation; the browser's stream is led there, everything else is served
by the house of these tests.
"""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import DESKTOP
from tests.browser.steps import PATIENCE_MS
from tests.operations.conftest import granian, server_dsn  # noqa: F401  the same processes as the door's own tests
from tests.operations.test_door import DOOR

INBOX = "/desk/meldungen/"
pytestmark = pytest.mark.operations


@pytest.fixture(scope="module")
def door(granian: Callable[..., str]) -> str:  # noqa: F811
    address = granian(*DOOR, ready="/door/health", STADTKERN_DEMO="yes")
    return address.replace("127.0.0.1", "localhost")  # the session's cookie belongs to the house's name


@pytest.fixture
def desk(open_context: Callable[..., Any], signed_in: Callable[..., Any], house: Any, door: str) -> Iterator[Any]:
    """Bernd's list, listening to the door."""
    page = signed_in(open_context(**DESKTOP, service_workers="block").new_page(), house.bernd)
    page.context.unroute("**/door/desk*")
    page.context.route("**/door/desk*", lambda route: route.continue_(url=f"{door}/door/desk"))
    with page.expect_request("**/door/desk*"):
        page.goto(INBOX)
    page.wait_for_timeout(1_500)  # the stream is open when its first bytes are here; nothing on the page says so
    page.evaluate("window.untouched = true")
    return page


def _file(text: str) -> int:
    from stadtkern.reports.tests.builders import report

    return int(report(text=text).pk)


def test_a_filed_report_appears_without_loading_the_page(desk: Any, ears: Any) -> None:
    number = _file("Der Poller am Husemannplatz ist umgefahren.")
    expect(desk.locator(f"#desk-rows a[href='{INBOX}{number}/']")).to_be_visible(timeout=PATIENCE_MS)
    assert desk.evaluate("window.untouched")


def test_who_works_in_the_list_is_told_and_decides(desk: Any, ears: Any) -> None:
    first = _file("Der erste Poller ist umgefahren.")
    row = desk.locator("tr", has=desk.locator(f"a[href='{INBOX}{first}/']"))
    row.locator("input[type=checkbox]").check(timeout=PATIENCE_MS)
    second = _file("Der zweite Poller ist umgefahren.")
    notice = desk.get_by_text("Inzwischen hat sich in dieser Liste etwas geändert.")
    expect(notice).to_be_visible(timeout=PATIENCE_MS)
    link = desk.locator(f"#desk-rows a[href='{INBOX}{second}/']")
    assert link.count() == 0, "nobody's choice is taken from under the hand"
    desk.get_by_role("button", name="Jetzt zeigen").click()
    expect(link).to_be_visible()
    expect(notice).to_be_hidden()
    expect(row.locator("input[type=checkbox]")).to_be_checked()
    assert desk.evaluate("window.untouched")
