"""What stands beside a report: nearly the same for every one, so it is drawn once per kind of case.

Numbers, point and words of the single report are put in afterwards, where stand-ins hold their places.
"""

from typing import Any
from urllib.parse import quote

from django.template.loader import render_to_string
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from stadtkern.reports.domain.reading import Facts
from stadtkern.reports.web.fragments import Shelf

# Stand-ins: a number, a point and words that no report has.
ID, LAT, LON, WORDS, NOTE = 987654321098765, 11.121314151, 21.222324252, "zzstandinwordszz", "zzstandinnotezz"
_shelf: Shelf[str] = Shelf(400)


def aside(found: Facts, shows: dict[str, Any]) -> SafeString:
    """The column beside the report, for readers who do not take part."""
    note = found.place_note if shows["readable"] else ""
    key = (
        *(get_language(), found.kind, found.category, found.is_open, found.is_public, found.support_count),
        *(found.lat is None, bool(found.address), bool(note), shows["title"]),
    )
    text = _shelf.get(key, lambda: _draw(found, shows, note))
    return mark_safe(_fill(text, found, note))


def _draw(found: Facts, shows: dict[str, Any], note: str) -> str:
    stand_in = found._replace(
        id=ID,
        lat=None if found.lat is None else LAT,
        lon=None if found.lon is None else LON,
        address=WORDS if found.address else "",
        place_note=NOTE if note else "",
    )
    url = shows["url"].replace(str(found.id), str(ID))
    return render_to_string("reports/_report_aside.html", shows | {"report": stand_in, "url": url, "readable": True})


def _fill(text: str, found: Facts, note: str) -> str:
    text = text.replace(str(ID), str(found.id))
    if found.lat is not None and found.lon is not None:
        for stand_in, value in ((LAT, found.lat), (LON, found.lon)):
            text = text.replace(f"{stand_in:.6f}", f"{value:.6f}").replace(f"{stand_in:.5f}", f"{value:.5f}")
    if found.address:
        text = text.replace(WORDS, quote(found.address))
    return text.replace(NOTE, escape(note)) if note else text
