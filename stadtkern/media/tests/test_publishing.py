"""Who sees an image: the public files exist exactly while it is public."""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

import pytest
from django.test import TestCase

from stadtkern.core.models import AuditEntry
from stadtkern.core.problems import Conflict, NotFound
from stadtkern.media.domain import files, publishing, redaction, renditions
from stadtkern.media.domain.storing import forget, image_url, preview_url, publish, restore, withdraw
from stadtkern.media.models import Image
from stadtkern.media.words import State


def public_files(image: Image) -> list[str]:
    return [name for name in renditions.names(image.pk, image.base) if files.public().exists(name)]


def test_a_blurred_image_is_not_public_by_itself(blurred: Image) -> None:
    assert public_files(blurred) == []
    assert image_url(blurred) == ""
    assert preview_url(blurred).startswith(f"/bild/{blurred.pk}/")


def test_publishing_copies_the_renditions_out(shown: Image) -> None:
    assert shown.state == State.PUBLIC
    assert shown.public_at is not None
    assert len(public_files(shown)) == len(renditions.formats()) * 3
    assert image_url(shown, "thumb").endswith(f"{shown.base}/thumb")
    assert publish(shown.pk).public_at == shown.public_at


def test_a_wish_is_kept_until_the_blurring_is_done(received: Image, run_jobs: Callable[..., int]) -> None:
    publish(received.pk)
    received.refresh_from_db()
    assert (received.state, received.wanted, image_url(received)) == (State.RECEIVED, True, "")
    run_jobs()
    received.refresh_from_db()
    assert received.state == State.PUBLIC
    assert public_files(received)


def test_withdrawing_removes_the_files_at_once(shown: Image) -> None:
    with TestCase.captureOnCommitCallbacks(execute=True):
        withdraw(shown.pk, "zeigt ein Kind")
    shown.refresh_from_db()
    assert (shown.state, shown.withdrawn_reason) == (State.WITHDRAWN, "zeigt ein Kind")
    assert public_files(shown) == []
    assert image_url(shown) == ""
    assert AuditEntry.objects.filter(action="media.withdrawn", subject_id=str(shown.pk)).count() == 1
    assert withdraw(shown.pk, "noch einmal").withdrawn_reason == "zeigt ein Kind"


def test_the_job_removes_what_the_first_try_left(shown: Image, run_jobs: Callable[..., int]) -> None:
    """The storage did not answer after the commit: nothing was removed, the job does it."""
    withdraw(shown.pk)
    assert public_files(shown)
    run_jobs()
    assert public_files(shown) == []


def test_a_late_job_never_removes_what_is_public_again(shown: Image, run_jobs: Callable[..., int]) -> None:
    withdraw(shown.pk)
    restore(shown.pk)
    run_jobs()
    shown.refresh_from_db()
    assert shown.state == State.PUBLIC
    assert public_files(shown)


def test_restoring_brings_back_what_was(shown: Image, run_jobs: Callable[..., int]) -> None:
    withdraw(shown.pk, "Irrtum")
    run_jobs()
    image = restore(shown.pk)
    assert (image.state, image.withdrawn_reason, image.withdrawn_at) == (State.PUBLIC, "", None)
    assert public_files(image)
    with pytest.raises(Conflict):
        restore(shown.pk)


def test_what_was_not_public_is_not_public_after_restoring(blurred: Image) -> None:
    withdraw(blurred.pk)
    assert restore(blurred.pk).state == State.BLURRED


def test_withdrawn_before_the_blurring_stays_private(received: Image, run_jobs: Callable[..., int]) -> None:
    publish(received.pk)
    withdraw(received.pk)
    run_jobs()
    received.refresh_from_db()
    assert (received.state, received.base) == (State.WITHDRAWN, "")
    restore(received.pk)
    run_jobs()
    received.refresh_from_db()
    assert received.state == State.PUBLIC


def test_a_refused_image_is_never_published(received: Image) -> None:
    redaction.refuse(received.pk, "kaputt")
    with pytest.raises(Conflict):
        publish(received.pk)


@pytest.mark.django_db
@pytest.mark.parametrize("verb", [publish, withdraw, restore])
@pytest.mark.parametrize("key", [uuid4(), "no-uuid"])
def test_an_unknown_image_is_not_found(verb: Callable[..., Image], key: object) -> None:
    with pytest.raises(NotFound):
        verb(key)


def test_an_image_whose_files_are_lost_is_not_published(blurred: Image) -> None:
    renditions.remove_all(blurred.pk, blurred.base)
    with pytest.raises(Conflict, match="keine Ansicht"):
        publish(blurred.pk)
    blurred.refresh_from_db()
    assert blurred.state == State.BLURRED


def test_forgetting_leaves_no_file_and_no_row(shown: Image) -> None:
    key, base, original = shown.pk, shown.base, shown.original
    with TestCase.captureOnCommitCallbacks(execute=True):
        forget(key)
        forget(key)
    assert not Image.objects.filter(pk=key).exists()
    assert not files.private().exists(original)
    for storage in (files.private(), files.public()):
        assert not any(storage.exists(name) for name in renditions.names(key, base))
    publishing.sweep_public.func(image_id=str(key), base=base)
