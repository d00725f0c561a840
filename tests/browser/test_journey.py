"""The journey of the house: filed on a phone, worked on at the desk, asked back, answered, done, confirmed."""

from collections.abc import Callable
from typing import Any

from tests.browser.conftest import PHONE
from tests.browser.steps import TEXT, choose_kind, fill_in, number_of, photo, send

QUESTION = "Liegt das Loch auf der Seite des Rathauses?"
ANSWER = "Ja, direkt vor der Treppe."
TOLD = "Das Loch ist mit Heißasphalt geschlossen."


def test_a_defect_from_the_phone_to_confirmed(
    phone: Any,
    desktop: Any,
    house: Any,
    open_context: Callable[..., Any],
    signed_in: Callable[..., Any],
    do_jobs: Callable[[], int],
) -> None:
    number, link = _file(phone)
    do_jobs()
    desk = signed_in(desktop, house.bernd)
    _find_and_take(desk, number)
    _act(desk, "schritt", to="in_work")
    _act(desk, "rueckfrage", text=QUESTION)
    do_jobs()
    _answer_question(phone, link)
    do_jobs()
    _finish(desk, number)
    do_jobs()
    _confirm(phone, link)
    do_jobs()
    _read_publicly(open_context(**PHONE).new_page(), number)


def _file(phone: Any) -> tuple[int, str]:
    phone.goto("/melden/")
    fill_in(phone, with_photo=True)
    phone.locator(".photos img").wait_for()
    send(phone)
    phone.wait_for_url("**/melden/danke/**")
    assert phone.locator("svg").count() > 0
    return number_of(phone), phone.locator("a.secret-link").get_attribute("href")


def _find_and_take(desk: Any, number: int) -> None:
    desk.goto("/desk/meldungen/")
    desk.locator(f"main a[href*='/desk/meldungen/{number}/']").first.click()
    desk.get_by_text(TEXT).wait_for()
    assert desk.locator("main .photos img").count() == 1
    desk.get_by_role("button", name="Ich übernehme").click()
    desk.get_by_text("Sie bearbeiten diese Meldung.").wait_for()


def _act(desk: Any, key: str, **fields: str) -> None:
    """Open one fold of the desk, fill in, send."""
    fold = desk.locator(f"#tun-{key}")
    fold.locator("summary").click()
    for name, value in fields.items():
        field = fold.locator(f"[name={key}-{name}]")
        if field.evaluate("(field) => field.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)
    with desk.expect_navigation():
        fold.locator("form button:not([name=reload])").click()


def _answer_question(phone: Any, link: str) -> None:
    phone.goto(link)
    assert "/m/" not in phone.url, "the address must not hold the secret"
    phone.get_by_role("heading", name="Wir haben eine Frage an Sie").wait_for()
    assert QUESTION in phone.locator(".report-question").inner_text()
    phone.get_by_label("Ihre Nachricht").fill(ANSWER)
    phone.get_by_role("button", name="Antworten").click()
    phone.wait_for_url("**danke=nachricht**")


def _finish(desk: Any, number: int) -> None:
    desk.goto(f"/desk/meldungen/{number}/")
    desk.get_by_text(ANSWER).first.wait_for()
    assert "In Arbeit" in desk.locator("section[aria-labelledby=facts] .row").first.inner_text(), (
        "an answer lets the work go on"
    )
    _act(desk, "schritt", to="done", told=TOLD)
    assert "Erledigt" in desk.locator("section[aria-labelledby=facts] .row").first.inner_text()


def _confirm(phone: Any, link: str) -> None:
    phone.goto(link)
    phone.get_by_role("heading", name="Ist es gut geworden?").wait_for()
    phone.get_by_role("button", name="Ja, erledigt").click()
    phone.wait_for_url("**danke=bestaetigt**")


def _read_publicly(other: Any, number: int) -> None:
    """Somebody else reads the whole story, but not what was between the two."""
    other.goto(f"/meldungen/{number}/")
    story = other.locator("main").inner_text()
    for words in (TOLD, "Erledigt", TEXT):
        assert words in story
    assert other.locator(".timeline li").count() >= 4
    assert QUESTION not in story
    assert ANSWER not in story
    assert other.get_by_role("heading", name="Ihr Draht zur Stadt").count() == 0


def test_the_same_filing_without_scripts(open_context: Callable[..., Any]) -> None:
    """Three pages instead of three steps; the address carries what was chosen."""
    page = open_context(**PHONE, java_script_enabled=False).new_page()
    page.goto("/melden/")
    page.get_by_label("Adresse oder Ort").fill("Bergbaumuseum")
    page.get_by_role("button", name="Weiter: Worum geht es?").click()
    choose_kind(page)
    page.get_by_role("button", name="Weiter: Beschreiben").click()
    for code, value in (("where", "lane"), ("depth", "deep")):
        field = page.locator(f"[data-kind-details] [name='answers.{code}']")
        radio = page.locator(f"[data-kind-details] [name='answers.{code}'][value='{value}']")
        radio.check() if radio.count() else field.select_option(value)
    page.get_by_label("Was ist los?").fill(TEXT)
    page.locator("input[type=file]").set_input_files(photo())
    page.wait_for_timeout(2_200)  # nobody reads and fills in a form within two seconds
    send(page)
    page.wait_for_url("**/melden/danke/**")
    assert number_of(page) > 0
    with page.expect_navigation():
        page.locator("a.secret-link").click()
    assert "/m/" not in page.url
    assert TEXT in page.locator("main").inner_text()
