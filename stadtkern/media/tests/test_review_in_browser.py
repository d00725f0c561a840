"""Drawing a spot on the picture, in a real browser; and the same page without JavaScript."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.test import Client

from stadtkern.media.domain.reviewing import boxes_of
from stadtkern.media.domain.storing import store_image
from stadtkern.media.models import Image
from stadtkern.media.reviewers import Reviewer, reviewers
from stadtkern.media.tests import making

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def picture(transactional_db: None, run_jobs: Any) -> Image:
    image = store_image(making.jpeg((800, 600)), purpose="tests.drawn", redact=False, alt="Vier Farben")
    run_jobs()
    image.refresh_from_db()
    return image


@pytest.fixture
def session(transactional_db: None) -> Iterator[str]:
    """The session of somebody who may review the picture."""
    person = get_user_model().objects.create_user("bernd@stadtkern.example", name="Bernd")
    reviewers.add(Reviewer(key="tests.drawn", may=lambda who, image: who == person))
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    yield client.cookies[settings.SESSION_COOKIE_NAME].value
    del reviewers._parts["tests.drawn"]


@pytest.mark.parametrize("scripts", [True, False], ids=["drawn", "typed"])
def test_a_spot_is_hidden(live_server: Any, browser: Any, picture: Image, session: str, scripts: bool) -> None:
    context = browser.new_context(locale="de-DE", java_script_enabled=scripts, viewport={"width": 1280, "height": 1400})
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])
    page = context.new_page()
    page.set_default_timeout(120_000)
    page.goto(f"{live_server.url}/desk/media/{picture.pk}/", wait_until="domcontentloaded")
    (_draw if scripts else _type)(page)
    if folder := os.environ.get("STADTKERN_SHOTS"):
        page.screenshot(path=f"{folder}/review-{'drawn' if scripts else 'typed'}.png", full_page=True)
    page.get_by_role("button", name="Speichern").click()
    page.wait_for_load_state()
    assert "neu unkenntlich" in page.content()
    context.close()
    (box,) = boxes_of(Image.objects.get(pk=picture.pk))
    assert (box.x, box.y, box.w, box.h) == pytest.approx((0.25, 0.25, 0.5, 0.25), abs=0.01)


def _draw(page: Any) -> None:
    page.wait_for_selector("text=Ziehen Sie mit der Maus")
    frame = page.locator(".media-canvas img").bounding_box()
    page.mouse.move(frame["x"] + frame["width"] / 4, frame["y"] + frame["height"] / 4)
    page.mouse.down()
    page.mouse.move(frame["x"] + frame["width"] * 3 / 4, frame["y"] + frame["height"] / 2, steps=5)
    page.mouse.up()


def _type(page: Any) -> None:
    for side, value in {"x": "25", "y": "25", "w": "50", "h": "25"}.items():
        page.locator(f"[name=box-0-{side}]").fill(value)
