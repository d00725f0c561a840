"""What a person does on the pages, in words; used by several journeys."""

import io
from typing import Any

from PIL import Image as Picture
from playwright.sync_api import expect

from stadtkern.reports.web.wizard import LEAST_SECONDS

PATIENCE_MS = 90_000  # a machine that does many other things at once
TEXT = "Tiefes Loch vor dem Rathaus, ein Radfahrer ist fast gestürzt."


def photo() -> dict[str, Any]:
    """A small JPEG as a phone's camera gives it."""
    made = io.BytesIO()
    Picture.new("RGB", (640, 480), (120, 118, 110)).save(made, "JPEG", quality=80)
    return {"name": "loch.jpg", "mimeType": "image/jpeg", "buffer": made.getvalue()}


def until_ready(page: Any) -> None:
    """Until every behaviour of the page listens; a person is slower than that, a test is not."""
    page.locator("html[data-ready]").wait_for(state="attached")


def next_step(page: Any) -> None:
    page.get_by_role("button", name="Weiter", exact=True).click()


def choose_place(page: Any) -> None:
    """By the phone's position; the page tells the address."""
    page.get_by_role("button", name="Meinen Standort nehmen").click()
    expect(page.locator("input[data-lat]")).not_to_have_value("", timeout=PATIENCE_MS)


def choose_kind(page: Any, *, group: str = "Straßen und Wege", kind: str = "pothole") -> None:
    page.locator("summary", has_text=group).click()
    page.locator(f"#kind-{kind}").check()


def describe(page: Any, text: str = TEXT, *, with_photo: bool = False) -> None:
    page.locator("[data-kind-details] select, [data-kind-details] input[type=radio]").first.wait_for()
    answer_questions(page)
    page.get_by_label("Was ist los?").fill(text)
    if with_photo:
        page.locator("input[type=file]").set_input_files(photo())


def answer_questions(page: Any) -> None:
    """Where on the road, and how deep: as select or as radios."""
    for code, value in (("where", "lane"), ("depth", "deep")):
        field = page.locator(f"[data-kind-details] [name='answers.{code}']")
        if field.first.evaluate("(field) => field.tagName") == "SELECT":
            field.select_option(value)
        else:
            page.locator(f"[data-kind-details] [name='answers.{code}'][value='{value}']").check()


def fill_in(page: Any, text: str = TEXT, *, with_photo: bool = False) -> None:
    """All three steps, up to the button."""
    until_ready(page)
    choose_place(page)
    next_step(page)
    choose_kind(page)
    next_step(page)
    describe(page, text, with_photo=with_photo)


def send(page: Any) -> None:
    """Not quicker than a person: what is filed within two seconds is refused as a machine's."""
    page.wait_for_timeout(1000 * LEAST_SECONDS)
    page.get_by_role("button", name="Absenden").click()


def number_of(page: Any) -> int:
    """The number on the page of thanks."""
    return int(page.locator(".thanks-number").inner_text())
