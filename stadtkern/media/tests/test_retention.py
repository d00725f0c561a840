"""Keeping no longer than said: originals, withdrawn images, files nobody owns."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from stadtkern.core.clock import now
from stadtkern.core.parts import retention_rules
from stadtkern.media.domain import files, renditions, retention
from stadtkern.media.domain.storing import withdraw
from stadtkern.media.models import Image
from stadtkern.media.tests.conftest import every_file
from stadtkern.media.words import State

SOON = timedelta(hours=1)


def test_an_original_goes_after_its_time_and_not_before(shown: Image) -> None:
    assert retention.purge_originals(now() - SOON) == 0
    assert retention.purge_originals(now() + SOON) == 1
    image = Image.objects.get(pk=shown.pk)
    assert (image.original, image.state) == ("", State.PUBLIC)
    assert not files.private().exists(shown.original)
    assert retention.purge_originals(now() + SOON) == 0


def test_what_was_never_blurred_is_refused_with_its_original(received: Image) -> None:
    assert retention.purge_originals(now() + SOON) == 1
    image = Image.objects.get(pk=received.pk)
    assert (image.original, image.state) == ("", State.REFUSED)


def test_a_withdrawn_image_loses_its_pixels_later(shown: Image, blurred: Image) -> None:
    withdraw(shown.pk, "falsch")
    assert retention.purge_unseen(now() - SOON) == 0
    assert retention.purge_unseen(now() + SOON) == 1
    image = Image.objects.get(pk=shown.pk)
    assert (image.base, image.boxes, image.state) == ("", [], State.WITHDRAWN)
    assert not any(files.private().exists(name) for name in renditions.names(shown.pk, shown.base))


def test_strays_are_swept_and_owned_files_are_not(shown: Image, settings: Any) -> None:
    files.put(files.private(), "originals/ab/abcdefabcdefabcdefabcdefabcdefab", b"left by a failed transaction")
    files.put(files.private(), "originals/ab/nonsense", b"not ours by name")
    files.put(files.public(), renditions.name(shown.pk, "0" * 24, "card", "webp"), b"an older rendition")
    before = len(every_file(settings))
    assert retention.sweep_strays(now() - SOON) == 0
    assert retention.sweep_strays(now() + SOON) == 3
    assert len(every_file(settings)) == before - 3
    assert retention.sweep_strays(now() + SOON) == 0


def test_public_files_of_a_withdrawn_image_are_strays(shown: Image) -> None:
    withdraw(shown.pk)
    count = len(renditions.formats()) * 3
    assert retention.sweep_strays(now() + SOON) == count


@pytest.mark.parametrize("key", ["media.originals", "media.withdrawn"])
def test_the_rules_are_listed(key: str) -> None:
    assert retention_rules[key].keep >= timedelta(days=30)
