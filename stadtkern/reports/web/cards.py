"""A report as a card in a list: drawn once per version and language, then kept."""

from collections.abc import Iterable
from datetime import datetime

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from stadtkern.core.templatetags.core import ago
from stadtkern.places.domain.geometry import district_names
from stadtkern.reports.domain.queries import Row
from stadtkern.reports.web.fragments import Shelf
from stadtkern.reports.web.wording import badge, category_icon, category_name

WEEK_SECONDS = 7 * 86_400
Key = tuple[int, int, int, str | None, str]
_shelf: Shelf[SafeString] = Shelf(3_000)


def cards(rows: Iterable[Row]) -> SafeString:
    """The rows as list items of one <ul>."""
    now, language = timezone.now(), get_language()
    return mark_safe("".join(_card(row, key_of(row, now), language) for row in rows))


def key_of(row: Row, now: datetime) -> Key:
    """Two cards with the same key look the same (in one language). A week ago and older is told as a date."""
    fresh = (now - row.filed_at).total_seconds() < WEEK_SECONDS
    return (row.id, row.version, row.support_count, row.image, ago(row.filed_at) if fresh else "")


def _card(row: Row, key: Key, language: str | None) -> SafeString:
    return _shelf.get((key, language), lambda: mark_safe(render_to_string("reports/_card.html", context_of(row))))


def context_of(row: Row) -> dict[str, object]:
    return {
        "row": row,
        "when": ago(row.filed_at),
        "title": category_name(row.category),
        "icon": category_icon(row.category),
        "badge": badge(row.status),
        "url": reverse("reports:report", kwargs={"report_id": row.id}),
        "photo": photo_url(row.image, "thumb"),
        "district": district_names().get(row.district, ""),
    }


def photo_url(image: str | None, size: str) -> str:
    """The address of a public photo known as id/base; "" without one."""
    if not image:
        return ""
    id, _slash, base = image.partition("/")
    return reverse("media:image", kwargs={"image_id": id, "base": base, "size": size})
