"""How long pixels are kept: originals a month, images nobody sees any more a quarter, strays a day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

from django.core.files.storage import Storage
from django.utils.translation import gettext_lazy as _

from stadtkern.core.clock import now
from stadtkern.core.jobs import nightly
from stadtkern.core.parts import RetentionRule, retention_rules
from stadtkern.media.domain import files, renditions
from stadtkern.media.domain.redaction import refuse
from stadtkern.media.models import Image
from stadtkern.media.words import State

KEEP_ORIGINALS = timedelta(days=30)
KEEP_WITHDRAWN = timedelta(days=90)
STRAY_AFTER = timedelta(days=1)
AT_A_TIME = 1000


def purge_originals(before: datetime) -> int:
    """Delete uploads older than this; returns how many. An image still waiting for its blurring is refused."""
    taken = 0
    kept = Image.objects.filter(created_at__lt=before).exclude(original="").order_by("created_at")
    for image in kept[:AT_A_TIME]:
        if image.state == State.RECEIVED:
            refuse(image.pk, "not processed within the time originals are kept")
        files.drop(files.private(), image.original)
        Image.objects.filter(pk=image.pk).update(original="")
        taken += 1
    return taken


def purge_unseen(before: datetime) -> int:
    """Delete the renditions of images withdrawn before that; the row stays, so that its owner need not care."""
    taken = 0
    unseen = Image.objects.filter(state=State.WITHDRAWN, withdrawn_at__lt=before).exclude(base="")
    for image in unseen[:AT_A_TIME]:
        renditions.remove_all(image.pk, image.base)
        Image.objects.filter(pk=image.pk).update(base="", boxes=[])
        taken += 1
    return taken


def sweep_strays(before: datetime) -> int:
    """Delete files without a row: their upload's transaction failed, or their image was forgotten."""
    taken = 0
    for storage in (files.private(), files.public()):
        for folder in ("originals", "renditions"):
            taken += sum(_drop_if_stray(storage, name, before) for name in _walk(storage, folder))
    return taken


def _drop_if_stray(storage: Storage, name: str, before: datetime) -> int:
    if storage.get_modified_time(name) >= before or _belongs(name, storage):
        return 0
    files.drop(storage, name)
    return 1


def _belongs(name: str, storage: Storage) -> bool:
    """Is there a row that wants this very file, in this storage?"""
    parts = name.split("/")
    try:
        image = Image.objects.filter(pk=UUID(parts[2])).first()
    except (IndexError, ValueError):
        return False
    if image is None:
        return False
    if parts[0] == "originals":
        return bool(image.original == name)
    is_open = image.state == State.PUBLIC or storage is not files.public()
    return is_open and bool(image.base) and parts[-1].startswith(image.base)


def _walk(storage: Storage, folder: str) -> Iterator[str]:
    try:
        folders, names = storage.listdir(folder)
    except FileNotFoundError:
        return
    yield from (f"{folder}/{name}" for name in names)
    for each in folders:
        yield from _walk(storage, f"{folder}/{each}")


@nightly("media.sweep_strays")
def nightly_sweep() -> None:
    sweep_strays(now() - STRAY_AFTER)


retention_rules.add(
    RetentionRule(
        key="media.originals",
        what=_("Fotos, wie sie hochgeladen wurden (mit allem, was die Kamera dazuschreibt)"),
        keep=KEEP_ORIGINALS,
        purge=purge_originals,
    )
)
retention_rules.add(
    RetentionRule(
        key="media.withdrawn",
        what=_("Zurückgezogene Fotos"),
        keep=KEEP_WITHDRAWN,
        purge=purge_unseen,
    )
)
