"""What a filled-in form sends."""

import io
from datetime import timedelta
from typing import Any

import pytest
from django.core import signing
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image

from stadtkern.reports.web import frame
from stadtkern.reports.web.wizard import STARTED_SALT

KEY = "a-key-of-the-page-1"
PLACE = {"lat": "51.48186", "lon": "7.21667"}


def filled_in(**changes: Any) -> dict[str, Any]:
    """All fields of a good report, with changes."""
    long_ago = (timezone.now() - timedelta(minutes=1)).timestamp()
    plain = PLACE | {
        "category": "bollard",
        "text": "Der Poller ist umgefahren.",
        "idempotency_key": KEY,
        "started": signing.dumps(long_ago, salt=STARTED_SALT),
    }
    return plain | changes


def photo(name: str = "poller.jpg") -> SimpleUploadedFile:
    """A small sound photo, always the same bytes."""
    out = io.BytesIO()
    Image.new("RGB", (320, 240), (90, 120, 150)).save(out, "JPEG")
    return SimpleUploadedFile(name, out.getvalue(), "image/jpeg")


def needs_free_switches() -> None:
    """The frame's forms (language, colours) belong to the portal; readers get no cookie once they need no token."""
    if not frame._switches_need_no_token():
        pytest.skip("the portal's forms for language and colours still need a token")
