"""Take in an upload. The verbs of the other files are offered here too, so that callers need one import.

image = store_image(upload, purpose="reports.photo", redact=True)   # in the caller's transaction
publish(image.pk)          # when the caller's own rule says so; before the blurring is done: as soon as it is
image_url(image, "card")   # "" as long as the image is not public
"""

from __future__ import annotations

from typing import BinaryIO
from uuid import uuid4

from django.db import transaction

from stadtkern.media.domain import files
from stadtkern.media.domain.addresses import image_url, preview_url
from stadtkern.media.domain.decoding import inspect, read_upload
from stadtkern.media.domain.hints import Hint, read_hint
from stadtkern.media.domain.publishing import forget, publish, withdraw
from stadtkern.media.domain.redaction import redact_image
from stadtkern.media.domain.restoring import restore
from stadtkern.media.domain.reviewing import redo_redaction
from stadtkern.media.models import Image

__all__ = [
    "Hint",
    "forget",
    "image_url",
    "preview_url",
    "publish",
    "read_hint",
    "redo_redaction",
    "restore",
    "store_image",
    "withdraw",
]


def store_image(
    upload: BinaryIO | bytes,
    *,
    purpose: str,
    alt: str = "",
    licence: str = "",
    author: str = "",
    redact: bool = True,
) -> Image:
    """Keep an upload privately and queue its blurring; `purpose` is the owner's word, e.g. "reports.photo".

    Raises BadInput with the reason when it is no sound photo, Unavailable when it cannot be kept.
    The file is there before the row; should the caller's transaction fail, a nightly sweep removes the file.
    """
    data = read_upload(upload)
    facts = inspect(data)
    key = uuid4()
    name = f"originals/{key.hex[:2]}/{key.hex}"
    files.put(files.private(), name, data)
    try:
        with transaction.atomic():
            image = Image.objects.create(
                id=key, purpose=purpose, alt=alt, licence=licence, author=author, redact=redact, original=name,
                kind=facts.kind, width=facts.width, height=facts.height, bytes=facts.bytes,
            )  # fmt: skip
            redact_image.defer(image_id=str(key))
    except BaseException:
        files.drop(files.private(), name)
        raise
    return image
