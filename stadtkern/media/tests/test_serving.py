"""Renditions over the wire: who gets them, as what, and for how long."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.core import signing
from django.urls import reverse

from stadtkern.media.domain.boxes import Box
from stadtkern.media.domain.storing import image_url, preview_url, redo_redaction, withdraw
from stadtkern.media.models import Image
from stadtkern.media.words import BoxKind, Size


@pytest.mark.parametrize("size", list(Size))
def test_a_public_image_is_served_to_everybody(visitor: Any, shown: Image, size: str) -> None:
    answer = visitor.get(image_url(shown, size))
    assert answer.status_code == 200
    assert answer["Content-Type"] == "image/webp"
    assert answer.content[8:12] == b"WEBP"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert "immutable" in answer["Cache-Control"]
    assert "Accept" in answer["Vary"]
    assert "Cookie" not in answer["Vary"]
    assert not answer.cookies


def test_avif_for_whoever_asks(visitor: Any, shown: Image) -> None:
    answer = visitor.get(image_url(shown), headers={"Accept": "image/avif,image/webp,*/*"})
    assert answer["Content-Type"] == "image/avif"
    assert answer.content[4:12] == b"ftypavif"


def test_the_short_address_shows_the_newest(visitor: Any, shown: Image) -> None:
    url = reverse("media:image", args=[shown.pk, "card"])
    assert visitor.get(url)["Cache-Control"] == "public, max-age=300"
    again = redo_redaction(shown.pk, [Box(BoxKind.OTHER, 0.1, 0.1, 0.5, 0.5)])
    assert visitor.get(url)["ETag"] == f'"{again.base}-card"'


def test_an_old_address_leads_to_the_corrected_picture(visitor: Any, shown: Image) -> None:
    old = image_url(shown)
    new = redo_redaction(shown.pk, [Box(BoxKind.OTHER, 0.1, 0.1, 0.5, 0.5)])
    answer = visitor.get(old)
    assert (answer.status_code, answer["Location"]) == (302, image_url(new))


def test_what_the_browser_has_is_not_sent_again(visitor: Any, shown: Image) -> None:
    tag = visitor.get(image_url(shown))["ETag"]
    for given in (tag, f"W/{tag}"):
        answer = visitor.get(image_url(shown), headers={"If-None-Match": given})
        assert (answer.status_code, answer.content) == (304, b"")


def test_nobody_finds_what_is_not_public(visitor: Any, blurred: Image, ada: Any) -> None:
    plain = preview_url(blurred).split("?")[0]
    for somebody in (visitor, visitor.signed_in(ada)):
        assert somebody.get(plain).status_code == 404
        assert somebody.get(reverse("media:image", args=[blurred.pk, "card"])).status_code == 404


def test_a_signed_address_shows_a_blurred_image_for_an_hour(
    visitor: Any, blurred: Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = preview_url(blurred, "thumb")
    answer = visitor.get(url)
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "private, no-store"
    assert "ETag" not in answer
    import time

    later = time.time() + 3700
    monkeypatch.setattr(signing.time, "time", lambda: later)
    assert visitor.get(url).status_code == 404


def test_a_key_fits_one_image_only(visitor: Any, blurred: Image) -> None:
    url = preview_url(blurred)
    assert visitor.get(url[:-2] + "xx").status_code == 404
    assert visitor.get(url.split("?")[0] + "?key=" + signing.dumps(["x"])).status_code == 404


def test_a_withdrawn_image_is_gone(visitor: Any, shown: Image) -> None:
    url = image_url(shown)
    withdraw(shown.pk)
    assert visitor.get(url).status_code == 404


def test_the_original_has_no_address(visitor: Any, received: Image) -> None:
    assert preview_url(received) == ""
    for path in (received.original, f"media/{received.original}", f"files/private/{received.original}"):
        assert visitor.get(f"/{path}").status_code == 404


def test_nonsense_is_not_found(visitor: Any, shown: Image) -> None:
    own = f"/bild/{shown.pk}"
    for path in (f"/bild/{uuid4()}/card", f"{own}/huge", f"{own}/{shown.base}/huge", "/bild/7/card"):
        assert visitor.get(path).status_code == 404
    assert visitor.post(image_url(shown)).status_code == 405
