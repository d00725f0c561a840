"""What only templates of reports need."""

from typing import Any

from django import template

from stadtkern.media.domain.addresses import image_url
from stadtkern.media.words import State
from stadtkern.reports.web.desk_rows import TONES
from stadtkern.reports.words import Status

register = template.Library()


@register.filter
def desk_tone(status: str) -> str:
    """The tone of a status badge."""
    return TONES[Status(status)]


@register.simple_tag
def photo_url(image: Any, size: str) -> str:
    """The address of a rendition; empty while faces and plates are not blurred."""
    return image_url(image, size) if image.state in {State.BLURRED, State.PUBLIC} else ""
