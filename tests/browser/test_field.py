"""A crew without a network: the list is on the phone, a result with photos waits, arrives once, and goes with them."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PHONE, Ears, without_network
from tests.browser.steps import PATIENCE_MS, photo
from tests.browser.test_offline import NO_NETWORK, _wait_for_worker

FIELD = "/desk/meldungen/unterwegs/"
KEPT = "async () => (await caches.has('own-field-1')) && (await (await caches.open('own-field-1')).keys()).length"


@pytest.fixture
def matter(house: Any, do_jobs: Callable[[], int]) -> Any:
    """A report with a blurred photo, checked and ready for the crew."""
    from stadtkern.media.domain.storing import store_image
    from stadtkern.reports.domain.workflow import move_report
    from stadtkern.reports.models import Photo
    from stadtkern.reports.tests.builders import report
    from stadtkern.reports.words import Status

    made = report(text="Der Poller vor dem Rathaus ist umgefahren.")
    Photo.objects.create(report=made, image=store_image(photo()["buffer"], purpose="report", redact=False))
    move_report(made.pk, to=Status.CHECKED, by=house.bernd)
    do_jobs()
    return made


@pytest.fixture
def crew(open_context: Any, house: Any, signed_in: Any, matter: Any, ears: Ears) -> Any:
    """Bernd's phone with the list taken along."""
    ears.expect("404")  # photos of the test before lie in files of their own
    page = signed_in(open_context(**PHONE).new_page(), house.bernd)
    page.goto(FIELD)
    _wait_for_worker(page)
    expect(page.locator("[data-said]")).to_contain_text("Mitgenommen", timeout=PATIENCE_MS)
    return page


def _card(page: Any, matter: Any) -> Any:
    return page.locator("article", has=page.locator(f"#r{matter.pk}"))


def _enter(page: Any, matter: Any) -> None:
    card = _card(page, matter)
    card.locator("summary").click()
    card.get_by_label("Das liest die meldende Person").fill("Der Poller steht wieder.")
    for part in ("before", "after"):
        card.locator(f"input[name={part}]").set_input_files(photo())
    expect(card.locator("[data-shown] img")).to_have_count(2)
    card.get_by_role("button", name="Eintragen").click()


def test_the_list_and_a_result_without_a_network(crew: Any, ears: Ears, matter: Any) -> None:
    ears.expect(*NO_NETWORK)
    with without_network(crew):
        crew.reload()
        expect(crew.locator("[data-enhance=page-age]")).to_contain_text("Ihre mitgenommene Liste")
        expect(_card(crew, matter)).to_contain_text("Der Poller vor dem Rathaus ist umgefahren.")
        shown = _card(crew, matter).locator(".photos img[alt]").first
        shown.scroll_into_view_if_needed()
        crew.wait_for_function("(picture) => picture.complete && picture.naturalWidth > 0", arg=shown.element_handle())
        _enter(crew, matter)
        crew.wait_for_url(f"**{FIELD}")
        expect(crew.locator("[data-enhance=outbox] li")).to_contain_text("wartet auf Netz")
        expect(_card(crew, matter)).to_contain_text("Ergebnis wartet auf Netz")
        matter.refresh_from_db()
        assert matter.status == "checked"
    expect(crew.get_by_text("angekommen", exact=True)).to_be_visible(timeout=PATIENCE_MS)
    crew.reload()
    crew.wait_for_load_state("networkidle")
    _arrived_once(matter)


def _arrived_once(matter: Any) -> None:
    matter.refresh_from_db()
    assert matter.status == "done"
    assert matter.thread.entries.filter(code="done").count() == 1
    assert sorted(matter.photos.values_list("part", flat=True)) == ["after", "before", "report"]


def test_what_is_refused_says_why_and_keeps_the_photos(crew: Any, ears: Ears, matter: Any, house: Any) -> None:
    from stadtkern.people.models import Organisation
    from stadtkern.reports.domain.workflow import hand_over

    ears.expect(*NO_NETWORK)
    with without_network(crew):
        _enter(crew, matter)
        expect(crew.locator("[data-enhance=outbox] li")).to_contain_text("wartet auf Netz")
        usb = Organisation.objects.get(key="usb")
        matter.refresh_from_db()
        hand_over(matter.pk, to=usb, by=house.dora, words="Für euch.", told="", version=matter.version)
    row = crew.locator("[data-enhance=outbox] li")
    expect(row).to_contain_text("nicht angenommen: Diese Meldung gibt es nicht", timeout=PATIENCE_MS)
    expect(row.get_by_role("button", name="Noch einmal senden")).to_be_visible()


def test_the_list_goes_with_the_one_who_took_it(crew: Any, ears: Ears) -> None:
    ears.expect(*NO_NETWORK)
    assert crew.evaluate(KEPT) > 3
    crew.locator("details.menu summary").first.click()
    crew.get_by_role("button", name="Abmelden").click()
    crew.wait_for_url(lambda address: FIELD not in address)
    crew.wait_for_function("async () => !(await caches.has('own-field-1'))")
    with without_network(crew):
        crew.goto(FIELD)
        assert "Poller" not in crew.locator("body").inner_text()
