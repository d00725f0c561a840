"""Tags and filters for every template: icons, the city's sign, words of the pack, moments."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from django import template
from django.forms import BoundField
from django.templatetags.static import static
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from stadtkern.core.city import city
from stadtkern.core.languages import pick
from stadtkern.core.web.forms import is_box_group
from stadtkern.core.web.icons import app_icon as address_of_app_icon
from stadtkern.core.web.icons import drawing

register = template.Library()
OWN = Path(__file__).resolve().parents[1] / "templates" / "core" / "drawings"
MINUTE, HOUR, DAY = 60, 3600, 86400


@register.simple_tag
def icon(name: str, label: str = "", extra: str = "") -> SafeString:
    """`{% icon "lamp" %}` decorates; with a label it speaks: `{% icon "lock" _("nur intern") %}`."""
    return _icon(str(name), str(label), str(extra))


@lru_cache(1024)
def _icon(name: str, label: str, extra: str) -> SafeString:
    speaking = format_html('role="img" aria-label="{}"', label) if label else mark_safe('aria-hidden="true"')
    return format_html(
        '<svg class="icon icon-{} {}" viewBox="0 0 24 24" focusable="false" {}>{}</svg>',
        name, extra, speaking, mark_safe(drawing(name)),
    )  # fmt: skip


@register.simple_tag
def city_sign() -> SafeString:
    """The city's sign (logo.svg of the pack), or the house's own."""
    return _of_the_pack("logo.svg", own="sign.svg")


@register.simple_tag
def city_skyline() -> SafeString:
    """The drawing behind the greeting (skyline.svg of the pack), or a town of our own."""
    return _of_the_pack("skyline.svg", own="skyline.svg")


@register.simple_tag
def city_theme() -> str:
    """The address of the pack's own colours (cities/<key>/theme.css), empty when it has none."""
    return static(f"themes/{city().folder.name}.css") if city().path("theme.css").is_file() else ""


@register.simple_tag
def app_icon(name: str) -> str:
    return address_of_app_icon(name)


def _of_the_pack(name: str, *, own: str) -> SafeString:
    path = city().path(name)
    return mark_safe(_svg(path if path.is_file() else OWN / own))


@lru_cache
def _svg(path: Path) -> str:
    """The svg element alone: a pack's file may begin with an xml declaration or a comment."""
    text = path.read_text(encoding="utf-8")
    return text[text.index("<svg") :].strip()


@register.filter
def in_my_language(words: Any) -> str:
    """Words of the pack ({"de": …, "en": …}) in the reader's language; plain text stays as it is."""
    return pick(words) if isinstance(words, Mapping) else str(words or "")


@register.filter
def ago(moment: datetime | None) -> str:
    """ "vor 5 Minuten" up to a week, then the date."""
    if moment is None:
        return ""
    seconds = (timezone.now() - moment).total_seconds()
    if seconds < MINUTE:
        return _("gerade eben")
    if seconds < HOUR:
        count = int(seconds // MINUTE)
        return ngettext("vor %(count)d Minute", "vor %(count)d Minuten", count) % {"count": count}
    if seconds < DAY:
        count = int(seconds // HOUR)
        return ngettext("vor %(count)d Stunde", "vor %(count)d Stunden", count) % {"count": count}
    return _days_ago(moment)


def _days_ago(moment: datetime) -> str:
    days = (timezone.localdate() - timezone.localtime(moment).date()).days
    if days <= 1:
        return _("gestern")
    if days < 7:
        return ngettext("vor %(count)d Tag", "vor %(count)d Tagen", days) % {"count": days}
    return date_format(timezone.localtime(moment), "DATE_FORMAT")


@register.filter
def distance(metres: float | None) -> str:
    """80 -> "80 m", 1240 -> "1,2 km"."""
    if metres is None:
        return ""
    if metres < 1000:
        return _("%(metres)d m") % {"metres": round(metres / 10) * 10 or 10}
    return _("%(km)s km") % {"km": f"{metres / 1000:.1f}".replace(".", _(","))}


@register.filter
def duration(span: timedelta | None) -> str:
    """180 days -> "6 Monate": how long something is kept."""
    if span is None:
        return ""
    days = span.days
    if days >= 365 and days % 365 == 0:
        return ngettext("%(count)d Jahr", "%(count)d Jahre", days // 365) % {"count": days // 365}
    if days >= 60 and days % 30 == 0:
        return ngettext("%(count)d Monat", "%(count)d Monate", days // 30) % {"count": days // 30}
    if days:
        return ngettext("%(count)d Tag", "%(count)d Tage", days) % {"count": days}
    hours = span.seconds // HOUR
    return ngettext("%(count)d Stunde", "%(count)d Stunden", hours) % {"count": hours}


@register.filter
def is_group(field: BoundField) -> bool:
    """Radio buttons and boxes are a fieldset with a legend."""
    return is_box_group(field.field.widget)


@register.filter
def is_single_box(field: BoundField) -> bool:
    return getattr(field.field.widget, "input_type", "") == "checkbox" and not is_box_group(field.field.widget)


@register.filter
def get(mapping: Mapping[str, Any], key: str) -> Any:
    return mapping.get(key) if mapping else None


@register.filter
def at(items: Sequence[Any], index: int) -> Any:
    """The item at this place, or nothing."""
    return items[index] if items and 0 <= index < len(items) else ""
