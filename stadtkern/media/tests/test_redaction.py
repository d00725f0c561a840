"""From upload to renditions: no metadata, no face, no second way out."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as Pillow

from stadtkern.core.clock import now
from stadtkern.media.domain import detecting, files, redaction, renditions
from stadtkern.media.domain.detectors import texts
from stadtkern.media.domain.detectors.port import DetectorMissing
from stadtkern.media.domain.storing import publish, store_image
from stadtkern.media.models import Image
from stadtkern.media.tests import making
from stadtkern.media.tests.pictures import photo
from stadtkern.media.words import Size, State


def rendition(image: Image, size: str = Size.LARGE, kind: str = "webp", *, public: bool = False) -> bytes:
    storage = files.public() if public else files.private()
    data = files.get(storage, renditions.name(image.pk, image.base, size, kind))
    assert data is not None
    return data


def test_a_face_is_gone_and_the_rest_is_there(blurred: Image) -> None:
    assert blurred.state == State.BLURRED
    assert [box["kind"] for box in blurred.boxes].count("face") >= 1
    assert "centerface" in blurred.detector
    seen = Pillow.open(io.BytesIO(rendition(blurred))).convert("RGB")
    before = np.asarray(photo("astronaut.png")).astype(int)
    after = np.asarray(seen).astype(int)
    eyes = slice(90, 150), slice(195, 260)
    assert np.abs(np.diff(after[eyes], axis=1)).mean() < np.abs(np.diff(before[eyes], axis=1)).mean() / 4
    flag = slice(20, 200), slice(0, 120)
    assert np.abs(after[flag] - before[flag]).mean() < 8
    face = [box for box in detecting.find_all(seen) if box.x < 0.44 < box.right and box.y < 0.22 < box.bottom]
    assert face == [], "the detector itself sees no face there any more"


def test_no_rendition_carries_a_word_of_the_camera(blurred: Image, portrait: bytes) -> None:
    assert making.CAMERA.encode() in portrait
    for size in Size:
        for kind in renditions.formats():
            data = rendition(blurred, size, kind)
            for trace in (making.CAMERA.encode(), b"Exif", b"EXIF", b"GPS", b"XMP ", b"ICCP", b"2026:05:01"):
                assert trace not in data, (size, kind, trace)
            picture = Pillow.open(io.BytesIO(data))
            assert not dict(picture.getexif())
            assert "icc_profile" not in picture.info


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "HEIF", "AVIF"])
def test_no_format_smuggles_a_place_through(kind: str, db: None, run_jobs: Callable[..., int]) -> None:
    data = making.encoded(making.drawing(), kind, exif=making.camera_notes(1).tobytes())
    image = store_image(data, purpose="tests.photo", redact=False)
    run_jobs()
    image.refresh_from_db()
    for size in Size:
        assert making.CAMERA.encode() not in rendition(image, size)
        assert b"Exif" not in rendition(image, size)


def test_three_sizes_never_enlarged(plain: Image) -> None:
    assert plain.state == State.PUBLIC
    sides = {size: max(Pillow.open(io.BytesIO(rendition(plain, size))).size) for size in Size}
    assert sides == {"thumb": 320, "card": 640, "large": 1600}


def test_a_small_picture_stays_small(db: None, run_jobs: Callable[..., int]) -> None:
    image = store_image(making.jpeg((200, 100)), purpose="tests.picture", redact=False)
    run_jobs()
    image.refresh_from_db()
    assert Pillow.open(io.BytesIO(rendition(image))).size == (200, 100)
    assert (image.boxes, image.detector) == ([], "")


def test_blurring_twice_changes_nothing(blurred: Image) -> None:
    redaction.redact_image.func(image_id=str(blurred.pk))
    again = Image.objects.get(pk=blurred.pk)
    assert (again.state, again.base) == (blurred.state, blurred.base)


def test_no_model_no_public_photo(received: Image, settings: Any, tmp_path: Path, run_jobs: Callable[..., int]) -> None:
    settings.PLATE_MODEL = str(tmp_path / "lost.onnx")
    publish(received.pk)
    with pytest.raises(DetectorMissing):
        redaction.redact_image.func(image_id=str(received.pk))
    received.refresh_from_db()
    assert received.state == State.RECEIVED
    assert "lost.onnx" in received.trouble
    assert "lost.onnx" in redaction.trouble()
    Image.objects.update(created_at=now() - timedelta(hours=1))
    assert redaction.catch_up() == 0

    settings.PLATE_MODEL = ""
    assert redaction.catch_up() == 1
    run_jobs()
    received.refresh_from_db()
    assert (received.state, received.trouble, redaction.trouble()) == (State.PUBLIC, "", "")


@pytest.fixture
def no_text_model(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine on which the wheel rapidocr was not installed."""
    monkeypatch.setattr(texts, "find_spec", lambda name: None)
    detecting._load.cache_clear()
    yield
    detecting._load.cache_clear()


@pytest.mark.usefixtures("no_text_model")
def test_without_the_text_model_nothing_is_published(received: Image) -> None:
    publish(received.pk)
    with pytest.raises(DetectorMissing, match="rapidocr"):
        redaction.redact_image.func(image_id=str(received.pk))
    received.refresh_from_db()
    assert received.state == State.RECEIVED
    assert "rapidocr" in received.trouble
    assert "rapidocr" in detecting.obstacle()


def test_nothing_stands_in_the_way_here() -> None:
    assert detecting.obstacle() == ""


def test_nothing_waits_nothing_is_loaded(db: None, settings: Any) -> None:
    settings.PLATE_MODEL = "/nowhere.onnx"
    assert redaction.catch_up() == 0


def test_an_original_that_vanished_is_refused(received: Image, run_jobs: Callable[..., int]) -> None:
    files.drop(files.private(), received.original)
    run_jobs()
    received.refresh_from_db()
    assert (received.state, received.refused_reason) == (State.REFUSED, "the original is gone")


def test_an_original_that_cannot_be_read_is_refused(received: Image, run_jobs: Callable[..., int]) -> None:
    """A disk may lose bytes after the form was content."""
    whole = files.get(files.private(), received.original) or b""
    files.put(files.private(), received.original, whole[: len(whole) // 2])
    run_jobs()
    received.refresh_from_db()
    assert received.state == State.REFUSED
    assert "beschädigt" in received.refused_reason
