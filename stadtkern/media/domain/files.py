"""Put a file into a storage so that it is there whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
from pathlib import Path
from uuid import uuid4

from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, Storage, storages
from django.utils.translation import gettext_lazy as _

from stadtkern.core.problems import Unavailable

FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def private() -> Storage:
    return storages["private_media"]


def public() -> Storage:
    return storages["public_media"]


def put(storage: Storage, name: str, data: bytes) -> None:
    """Write under exactly this name, replacing what was there; raises Unavailable and leaves nothing behind."""
    try:
        if isinstance(storage, FileSystemStorage):
            _put_on_disk(storage, Path(storage.path(name)), data)
        else:
            storage.delete(name)
            storage.save(name, ContentFile(data))
    except OSError as error:
        raise Unavailable(_words(error), retry_after=600) from error


def _put_on_disk(storage: FileSystemStorage, goal: Path, data: bytes) -> None:
    goal.parent.mkdir(parents=True, exist_ok=True)
    part = goal.with_name(f"{goal.name}.{uuid4().hex}.part")
    try:
        with part.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if storage.file_permissions_mode is not None:
            part.chmod(storage.file_permissions_mode)
        part.replace(goal)
    except OSError:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
        raise
    _sync_folder(goal.parent)


def _sync_folder(folder: Path) -> None:
    """The rename itself must survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _words(error: OSError) -> object:
    if error.errno in FULL:
        return _("Unser Speicher für Fotos ist gerade voll. Bitte versuchen Sie es später noch einmal.")
    return _("Das Foto ließ sich gerade nicht speichern. Bitte versuchen Sie es später noch einmal.")


def get(storage: Storage, name: str) -> bytes | None:
    """The file's bytes, or None when it is not there."""
    try:
        with storage.open(name, "rb") as file:
            return bytes(file.read())
    except FileNotFoundError:
        return None


def drop(storage: Storage, name: str) -> None:
    """Remove the file; a file that is gone already is fine."""
    if name:
        storage.delete(name)
