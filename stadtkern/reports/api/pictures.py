"""Addresses of public pictures in answers for machines."""

from django.conf import settings

from stadtkern.media.domain.addresses import image_url
from stadtkern.media.models import Image
from stadtkern.media.words import Size, State


def picture_url(row: str | None, size: Size = Size.LARGE) -> str:
    """The full address of a public picture; `row` is "<id> <base>" as a query gave it, None means no picture."""
    if not row:
        return ""
    id, _blank, base = row.partition(" ")
    return f"{settings.BASE_URL}{image_url(Image(pk=id, base=base, state=State.PUBLIC), size)}"
