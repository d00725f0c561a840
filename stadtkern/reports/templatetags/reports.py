"""What only templates of reports need."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from django import template
from django.utils.translation import ngettext

from stadtkern.media.domain.addresses import preview_url
from stadtkern.reports.domain.catalogue import catalogue
from stadtkern.reports.models import Category
from stadtkern.reports.web.desk_rows import TONES
from stadtkern.reports.words import ForwardState, Status

register = template.Library()


@register.filter
def desk_tone(status: str) -> str:
    """The tone of a status badge."""
    return TONES[Status(status)]


@register.filter
def forward_tone(state: str) -> str:
    """The tone of a forwarding's state."""
    return {ForwardState.SENT: "good", ForwardState.FAILED: "bad"}.get(ForwardState(state), "calm")


@register.simple_tag
def photo_url(image: Any, size: str) -> str:
    """The address of a rendition for staff; empty while faces and plates are not blurred."""
    return preview_url(image, size)


@register.filter
def span(took: timedelta | None) -> str:
    """A length of time in the largest unit that says enough."""
    if took is None:
        return "–"
    hours = took.total_seconds() / 3600
    if hours < 1:
        return ngettext("%(n)d Minute", "%(n)d Minuten", int(hours * 60)) % {"n": int(hours * 60)}
    if hours < 48:
        return ngettext("%(n)d Stunde", "%(n)d Stunden", int(hours)) % {"n": int(hours)}
    return ngettext("%(n)d Tag", "%(n)d Tage", int(hours / 24)) % {"n": int(hours / 24)}


@register.simple_tag
def new_key() -> str:
    """A fresh Idempotency-Key for a form: sent twice, done once."""
    return str(uuid4())


@register.filter
def referred_to(category: Category) -> str:
    """The names of those who help instead, where a category is closed."""
    houses = {house.key: house.name for house in catalogue().organisations.values()}
    return ", ".join(houses[key] for key in category.referral if key in houses)


@register.filter
def words(text: str) -> list[str]:
    return text.split()
