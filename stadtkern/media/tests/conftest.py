"""What the tests of media share: photos, and images at each stage."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from stadtkern.media.domain.storing import publish, store_image
from stadtkern.media.models import Image
from stadtkern.media.tests import making
from stadtkern.media.tests.pictures import photo


@pytest.fixture
def portrait() -> bytes:
    """A real face, with all that a phone writes beside it (NASA, public domain)."""
    return making.encoded(photo("astronaut.png"), "JPEG", quality=90, exif=making.camera_notes().tobytes())


@pytest.fixture
def received(db: None, portrait: bytes) -> Image:
    return store_image(portrait, purpose="tests.photo", alt="Eine Astronautin")


@pytest.fixture
def blurred(received: Image, run_jobs: Callable[..., int]) -> Image:
    run_jobs()
    received.refresh_from_db()
    return received


@pytest.fixture
def shown(blurred: Image) -> Image:
    return publish(blurred.pk)


@pytest.fixture
def plain(db: None, run_jobs: Callable[..., int]) -> Image:
    """A picture of the city itself, without anything to hide, public."""
    image = store_image(making.jpeg((2000, 1500)), purpose="tests.picture", redact=False)
    publish(image.pk)
    run_jobs()
    image.refresh_from_db()
    return image


def every_file(settings: Any) -> list[Any]:
    """All files of both storages."""
    from pathlib import Path

    place = Path(settings.STORAGES["private_media"]["OPTIONS"]["location"]).parent
    return [path for path in place.rglob("*") if path.is_file()]
