"""Filing without a network: it waits on the device, is sent once when the network is back, and never twice."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.utils import timezone

from tests.browser.conftest import Ears, without_network
from tests.browser.steps import TEXT, fill_in, photo, send

NO_NETWORK = ("ERR_INTERNET_DISCONNECTED", "ERR_FAILED", "Failed to fetch")


def _wait_for_worker(page: Any) -> None:
    """The service worker is there and answers for this page."""
    page.wait_for_function("async () => Boolean((await navigator.serviceWorker.ready).active)")
    page.wait_for_function("() => Boolean(navigator.serviceWorker.controller)")


def _filed(text: str) -> int:
    from stadtkern.reports.models import Report

    return Report.objects.filter(text=text).count()


def test_what_is_sent_without_a_network_waits_and_arrives_once(phone: Any, ears: Ears) -> None:
    ears.expect(*NO_NETWORK)
    text = f"{TEXT} Aus dem Funkloch."
    phone.goto("/melden/")
    _wait_for_worker(phone)
    fill_in(phone, text, with_photo=True)
    phone.locator(".photos img").wait_for()
    with without_network(phone):
        send(phone)
        phone.wait_for_url("**/ohne-netz/")
        row = phone.locator("[data-enhance=outbox] li").first
        row.wait_for()
        assert "wartet auf Netz" in row.inner_text()
        assert text[:40] in row.inner_text()
        assert _filed(text) == 0
    phone.get_by_text("angekommen", exact=True).wait_for()
    assert _filed(text) == 1
    _arrived_whole(text)
    phone.reload()
    phone.get_by_text("angekommen", exact=True).wait_for()
    phone.wait_for_load_state("networkidle")
    assert _filed(text) == 1, "looking again must not send again"


def test_a_device_whose_clock_is_a_day_ahead_is_told_so_and_loses_nothing(phone: Any, ears: Ears) -> None:
    ears.expect(*NO_NETWORK, "422")
    text = f"{TEXT} Aus der Zukunft."
    phone.goto("/melden/")
    _wait_for_worker(phone)
    fill_in(phone, text, with_photo=True)
    phone.clock.set_system_time(timezone.now() + timedelta(days=1))
    phone.locator(".photos img").wait_for()
    with without_network(phone):
        send(phone)
        phone.wait_for_url("**/ohne-netz/")
    phone.get_by_text("Die Uhr Ihres Geräts geht vor.").wait_for()
    assert _filed(text) == 0
    assert text[:40] in phone.locator("[data-enhance=outbox] li").first.inner_text()
    phone.get_by_role("button", name="Noch einmal senden").click()
    phone.get_by_text("angekommen", exact=True).wait_for()
    assert _filed(text) == 1
    _arrived_whole(text)


def _arrived_whole(text: str) -> None:
    from stadtkern.reports.models import Report

    report = Report.objects.get(text=text)
    assert report.photos.count() == 1
    assert report.source == "offline"


def test_the_same_request_twice_is_one_report(phone: Any) -> None:
    """The answer was lost, the device sends again: same key, same thanks."""
    text = f"{TEXT} Zweimal gesendet."
    sent = _plain_form(phone, text)
    first, second = (_post(phone, sent, key="zweimal-gesendet-0001") for _ in range(2))
    assert first.status == second.status == 200
    assert first.url == second.url
    assert "/melden/danke/" in first.url
    assert _filed(text) == 1


def test_the_same_key_for_something_else_is_refused(phone: Any) -> None:
    text = f"{TEXT} Erst so."
    sent = _plain_form(phone, text)
    assert _post(phone, sent, key="einmal-so-einmal-so-1").status == 200
    other = _post(phone, sent | {"text": f"{TEXT} Dann anders."}, key="einmal-so-einmal-so-1")
    assert other.status == 409
    assert _filed(text) == 1
    assert _filed(f"{TEXT} Dann anders.") == 0


def _plain_form(page: Any, text: str) -> dict[str, Any]:
    page.goto("/melden/")
    started = page.locator("[name=started]").input_value()
    page.wait_for_timeout(2_200)  # the house refuses what nobody can have typed so fast
    return {
        "art": "defect",
        "started": started,
        "lat": "51.481860",
        "lon": "7.216670",
        "category": "pothole",
        "answers.where": "lane",
        "answers.depth": "deep",
        "text": text,
    }


def _post(page: Any, fields: dict[str, Any], *, key: str) -> Any:
    return page.request.post("/melden/senden", multipart=fields | {"photos": photo()}, headers={"Idempotency-Key": key})


def test_a_reload_without_a_network_tells_what_works(phone: Any, ears: Ears) -> None:
    ears.expect(*NO_NETWORK)
    phone.goto("/")
    _wait_for_worker(phone)
    with without_network(phone):
        phone.goto("/meldungen/zahlen/")
        phone.get_by_role("heading", name="Auch ohne Netz für Sie da").wait_for()
        phone.goto("/melden/")
        phone.get_by_role("button", name="Meinen Standort nehmen").wait_for()
        assert phone.locator(".offline-note").first.is_visible()


def test_a_page_once_read_stays_readable_and_tells_its_age(phone: Any, ears: Ears) -> None:
    ears.expect(*NO_NETWORK)
    phone.goto("/")
    _wait_for_worker(phone)
    phone.goto("/meldungen/gruende/")
    title = phone.locator("h1").inner_text()
    with without_network(phone):
        phone.reload()
        assert phone.locator("h1").inner_text() == title
        phone.get_by_text(re.compile("Aus dem Speicher Ihres Geräts")).wait_for()


def test_nothing_personal_is_kept_on_the_device(phone: Any, house: Any, signed_in: Callable[..., Any]) -> None:
    page = signed_in(phone, house.aylin)
    page.goto("/")
    _wait_for_worker(page)
    for address in ("/", "/konto/", "/mitteilungen/"):
        page.goto(address)
    kept = page.evaluate(
        """async () => (await Promise.all((await caches.keys()).map(async (name) =>
            (await Promise.all((await (await caches.open(name)).matchAll()).map((answer) => answer.text()))))))
            .flat().filter((text) => text.includes("Aylin") || text.includes("aylin@")).length"""
    )
    assert kept == 0


PAGES_READ = """async () => (await Promise.all((await caches.keys()).filter((name) => name.startsWith("pages-"))
    .map(async (name) => (await (await caches.open(name)).keys())
        .map((request) => new URL(request.url).pathname)))).flat()"""


def test_no_page_of_a_session_is_kept_and_signing_out_takes_what_was_read(
    phone: Any, house: Any, signed_in: Callable[..., Any]
) -> None:
    phone.goto("/")
    _wait_for_worker(phone)
    phone.goto("/meldungen/gruende/")
    phone.wait_for_function(f"async () => (await ({PAGES_READ})()).length > 0")
    page = signed_in(phone, house.aylin)
    for address in ("/", "/suche/?q=Rathaus", "/karte/", "/barrierefreiheit/"):
        page.goto(address)
    assert page.evaluate(PAGES_READ) == ["/meldungen/gruende/"], "only what was read before signing in"
    page.goto("/konto/")
    page.locator("form[action='/konto/anmelden/logout/'] button").last.click()
    page.wait_for_function(f"async () => (await ({PAGES_READ})()).every((path) => path === '/')")
