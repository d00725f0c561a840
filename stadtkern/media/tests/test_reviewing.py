"""Staff correct the boxes: from the original while it is kept, by adding only afterwards."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
import pytest
from django.test import TestCase
from PIL import Image as Pillow

from stadtkern.core.models import AuditEntry
from stadtkern.core.problems import Conflict
from stadtkern.media.domain import files, renditions
from stadtkern.media.domain.boxes import Box
from stadtkern.media.domain.retention import purge_originals
from stadtkern.media.domain.reviewing import boxes_of, picture_for_review, redo_redaction
from stadtkern.media.models import Image
from stadtkern.media.tests import making
from stadtkern.media.tests.pictures import photo
from stadtkern.media.words import BoxKind, Size, State

FLAG = Box(BoxKind.OTHER, 0.02, 0.05, 0.18, 0.3)
FLAG_PIXELS = slice(30, 170), slice(15, 95)
EYES = slice(90, 150), slice(195, 260)


def pixels(image: Image) -> np.ndarray:
    data = files.get(files.private(), renditions.name(image.pk, image.base, Size.LARGE, "webp"))
    assert data is not None
    return np.asarray(Pillow.open(io.BytesIO(data)).convert("RGB")).astype(int)


def detail(part: np.ndarray) -> float:
    return float(np.abs(np.diff(part, axis=1)).mean())


def test_a_box_more_and_a_box_less(blurred: Image) -> None:
    clear = np.asarray(photo("astronaut.png")).astype(int)
    image = redo_redaction(blurred.pk, [FLAG])
    after = pixels(image)
    assert detail(after[FLAG_PIXELS]) < detail(clear[FLAG_PIXELS]) / 2
    assert detail(after[EYES]) > detail(clear[EYES]) / 2, "the freed face is sharp again, from the original"
    assert boxes_of(Image.objects.get(pk=image.pk)) == [FLAG]
    assert image.reviewed_at is not None
    assert image.base != blurred.base
    assert AuditEntry.objects.filter(action="media.redacted").count() == 1


def test_a_public_image_stays_public_and_its_old_files_go(shown: Image) -> None:
    with TestCase.captureOnCommitCallbacks(execute=True):
        image = redo_redaction(shown.pk, [*boxes_of(shown), FLAG])
    assert image.state == State.PUBLIC
    assert not any(files.public().exists(name) for name in renditions.names(shown.pk, shown.base))
    assert any(files.public().exists(name) for name in renditions.names(image.pk, image.base))


def test_the_same_boxes_again_change_no_address(blurred: Image) -> None:
    once = redo_redaction(blurred.pk, [FLAG])
    with TestCase.captureOnCommitCallbacks(execute=True):
        twice = redo_redaction(blurred.pk, [FLAG])
    assert once.base == twice.base
    assert pixels(twice).size


def test_without_the_original_one_can_only_add(blurred: Image, run_jobs: Callable[..., int]) -> None:
    from stadtkern.core.clock import now

    assert purge_originals(now()) == 1
    before = Image.objects.get(pk=blurred.pk)
    with pytest.raises(Conflict, match="Original"):
        redo_redaction(blurred.pk, [FLAG])
    image = redo_redaction(blurred.pk, [*boxes_of(before), FLAG])
    after = pixels(image)
    clear = np.asarray(photo("astronaut.png")).astype(int)
    assert detail(after[FLAG_PIXELS]) < detail(clear[FLAG_PIXELS]) / 2
    assert detail(after[EYES]) < 3


def test_what_is_not_ready_cannot_be_reviewed(received: Image) -> None:
    with pytest.raises(Conflict, match="noch nicht"):
        redo_redaction(received.pk, [FLAG])


def test_endless_boxes_are_refused(blurred: Image) -> None:
    with pytest.raises(Conflict, match="200"):
        redo_redaction(blurred.pk, [FLAG] * 201)


def test_the_reviewers_picture_is_numbered_and_clean(blurred: Image) -> None:
    data = picture_for_review(blurred)
    assert making.CAMERA.encode() not in data
    plain, numbered = (
        np.asarray(Pillow.open(io.BytesIO(each)).convert("RGB"))
        for each in (picture_for_review(blurred, numbered=False), data)
    )
    assert (plain != numbered).any()
    assert detail(plain.astype(int)[EYES]) > 4, "reviewers see what has to be hidden"
