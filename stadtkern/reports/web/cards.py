"""A report as a card in a list: drawn once per version and language, then kept."""

from collections.abc import Iterable

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from stadtkern.core.templatetags.core import ago
from stadtkern.places.domain.geometry import district_names
from stadtkern.reports.domain.queries import Row
from stadtkern.reports.web.fragments import Shelf
from stadtkern.reports.web.wording import badge, category_icon, category_name

_shelf: Shelf[SafeString] = Shelf(3_000)


def cards(rows: Iterable[Row]) -> SafeString:
    """The rows as list items of one <ul>."""
    return mark_safe("".join(_card(row) for row in rows))


def _card(row: Row) -> SafeString:
    when = ago(row.filed_at)
    key = (row.id, row.version, row.support_count, row.image, when, get_language())
    return _shelf.get(key, lambda: mark_safe(render_to_string("reports/_card.html", context_of(row) | {"when": when})))


def context_of(row: Row) -> dict[str, object]:
    return {
        "row": row,
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
