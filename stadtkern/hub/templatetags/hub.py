"""What only templates of the hub need."""

from typing import Any

from django import template

from stadtkern.hub.web import wording

register = template.Library()


@register.filter
def unit(given: Any) -> str:
    """A datastream's unit as people write it; of several properties none."""
    return wording.unit_words(given.get("symbol", "")) if isinstance(given, dict) else ""
