"""Files that a steward has uploaded for a connector, in the private storage."""

from functools import partial
from typing import Any, BinaryIO
from uuid import uuid4

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from stadtkern.core.problems import TooLarge
from stadtkern.hub.domain.connecting.port import SourceFault
from stadtkern.hub.models import Connector
from stadtkern.media.domain.files import drop, private

FOLDER = "hub/uploads"
MOST_BYTES = 100_000_000


def keep_upload(connector: Connector, upload: UploadedFile) -> None:
    """Store the file and note it; the one before goes. Raises TooLarge."""
    if (upload.size or 0) > MOST_BYTES:
        raise TooLarge(_("Die Datei ist größer als %(most)d MB.") % {"most": MOST_BYTES // 1_000_000})
    before = connector.file
    connector.file = private().save(f"{FOLDER}/{uuid4().hex}", upload)
    connector.file_name = (upload.name or "")[:200]
    connector.position = {}
    connector.save(update_fields=["file", "file_name", "position", "changed_at"])
    transaction.on_commit(lambda: drop(private(), before))


def forget_upload(connector: Connector) -> None:
    """The source has an address now: no file goes before it any more."""
    if connector.file:
        transaction.on_commit(partial(drop, private(), connector.file))
        connector.file = connector.file_name = ""
        connector.save(update_fields=["file", "file_name", "changed_at"])


def opened_upload(connector: Connector) -> BinaryIO | None:
    """The file, open for reading, or None when this connector has none; raises SourceFault when it is gone."""
    if not connector.file:
        return None
    try:
        opened: Any = private().open(connector.file, "rb").file
    except FileNotFoundError as error:
        raise SourceFault(_("Die hochgeladene Datei ist nicht mehr da; laden Sie sie noch einmal hoch.")) from error
    return opened  # type: ignore[no-any-return]


def drop_upload(connector: Connector) -> None:
    drop(private(), connector.file)
