"""Taking in an upload: the file first, then the row, then the job; all of it or nothing."""

from __future__ import annotations

import errno
import io
import resource
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction

from stadtkern.core.problems import BadInput, Unavailable
from stadtkern.media.domain import files
from stadtkern.media.domain.storing import store_image
from stadtkern.media.models import Image
from stadtkern.media.tests import making
from stadtkern.media.tests.conftest import every_file
from stadtkern.media.words import State


@pytest.mark.django_db
@pytest.mark.parametrize("wrap", [bytes, io.BytesIO, lambda data: SimpleUploadedFile("a.exe", data)])
def test_an_upload_is_kept_privately_as_it_came(wrap: Callable[[bytes], Any]) -> None:
    data = making.jpeg(exif=making.camera_notes(6).tobytes())
    image = store_image(wrap(data), purpose="tests.photo", alt="Ein Loch", licence="CC0-1.0", author="A. Ylin")
    assert (image.state, image.kind, image.bytes) == (State.RECEIVED, "jpeg", len(data))
    assert (image.width, image.height) == (480, 640)
    assert (image.alt, image.licence, image.author) == ("Ein Loch", "CC0-1.0", "A. Ylin")
    assert files.get(files.private(), image.original) == data
    assert files.get(files.public(), image.original) is None
    assert "." not in image.original


@pytest.mark.django_db
@pytest.mark.parametrize("data", [b"", b"<html>", making.giant_png(30_000, 30_000), making.jpeg()[:900]])
def test_a_refused_upload_leaves_nothing(data: bytes, settings: Any) -> None:
    with pytest.raises(BadInput):
        store_image(data, purpose="tests.photo")
    assert not Image.objects.exists()
    assert every_file(settings) == []


@pytest.mark.django_db
def test_a_row_that_cannot_be_written_takes_its_file_along(settings: Any) -> None:
    with pytest.raises(Exception, match="too long"):
        store_image(making.jpeg(), purpose="p" * 61)
    assert not Image.objects.exists()
    assert every_file(settings) == []


@pytest.mark.django_db
def test_the_job_dies_with_the_transaction(run_jobs: Callable[..., int]) -> None:
    class Changed(Exception):
        pass

    with pytest.raises(Changed), transaction.atomic():
        store_image(making.jpeg(), purpose="tests.photo")
        raise Changed
    assert run_jobs() == 0


@pytest.fixture
def short_of_space() -> Iterator[None]:
    """The operating system refuses to let any file of this process grow beyond 4 kB."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.django_db
def test_no_space_is_said_plainly_and_leaves_nothing(short_of_space: None, settings: Any) -> None:
    with pytest.raises(Unavailable, match="voll") as told:
        store_image(making.jpeg((1200, 900)), purpose="tests.photo")
    assert told.value.status == 503
    assert not Image.objects.exists()
    assert every_file(settings) == []


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """A real file system of 64 kB."""
    place = tmp_path / "tiny"
    place.mkdir()
    try:
        mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(place)]
        mounted = subprocess.run(mount, capture_output=True, check=False)
    except OSError as error:
        pytest.skip(f"no mount: {error}")
    if mounted.returncode:
        pytest.skip("mounting needs more rights than this machine gives")
    yield place
    subprocess.run(["umount", place], check=True)


@pytest.mark.django_db
def test_a_full_disk_keeps_what_was_there(tiny_disk: Path, settings: Any) -> None:
    place = {"location": str(tiny_disk), "file_permissions_mode": 0o640}
    backend = "django.core.files.storage.FileSystemStorage"
    settings.STORAGES = settings.STORAGES | {"private_media": {"BACKEND": backend, "OPTIONS": place}}
    first = store_image(making.jpeg((64, 48)), purpose="tests.photo")
    with pytest.raises(Unavailable, match="voll") as told:
        store_image(making.jpeg((3000, 2000), quality=98), purpose="tests.photo")
    assert isinstance(told.value.__cause__, OSError)
    assert told.value.__cause__.errno == errno.ENOSPC
    assert [image.pk for image in Image.objects.all()] == [first.pk]
    kept = [path for path in tiny_disk.rglob("*") if path.is_file()]
    assert [path.name for path in kept] == [first.pk.hex]
    assert kept[0].stat().st_mode & 0o777 == 0o640


@pytest.mark.django_db
def test_a_folder_that_is_a_file_is_unavailable_too(tmp_path: Path, settings: Any) -> None:
    blocked = tmp_path / "blocked"
    blocked.write_text("not a folder")
    backend = "django.core.files.storage.FileSystemStorage"
    place = {"BACKEND": backend, "OPTIONS": {"location": str(blocked)}}
    settings.STORAGES = settings.STORAGES | {"private_media": place}
    with pytest.raises(Unavailable, match="nicht speichern"):
        store_image(making.jpeg(), purpose="tests.photo")
