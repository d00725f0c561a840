"""Addresses of renditions: open ones for public images, signed and short-lived ones for everything else."""

from __future__ import annotations

from django.core import signing
from django.urls import reverse

from stadtkern.media.models import Image
from stadtkern.media.words import Size, State

PREVIEW_SECONDS = 3600
SALT = "media.preview"


def image_url(image: Image | None, size: str = Size.CARD) -> str:
    """Where everybody sees the image; empty unless it is public."""
    if image is None or image.state != State.PUBLIC:
        return ""
    return _address(image, size)


def preview_url(image: Image | None, size: str = Size.CARD) -> str:
    """As `image_url`; for an image that is not public an address that holds for an hour.

    Whoever has the address may look, so only a page that has checked the reader's rights may show it.
    Empty as long as there are no renditions.
    """
    if image is None or not image.base or image.state == State.REFUSED:
        return ""
    if image.state == State.PUBLIC:
        return _address(image, size)
    return f"{_address(image, size)}?key={sign(image)}"


def sign(image: Image) -> str:
    return signing.TimestampSigner(salt=SALT).sign_object([str(image.pk), image.base])


def is_signed(image: Image, key: str) -> bool:
    """Was this key given out for these very renditions, within the hour?"""
    try:
        named = signing.TimestampSigner(salt=SALT).unsign_object(key, max_age=PREVIEW_SECONDS)
    except signing.BadSignature:
        return False
    return bool(named == [str(image.pk), image.base])


def _address(image: Image, size: str) -> str:
    return reverse("media:image", kwargs={"image_id": image.pk, "base": image.base, "size": Size(size).value})
