"""Vega-Lite specifications drawn to SVG by vl-convert, in the colours of the page.

The colours of a specification are placeholders; in the SVG they become the house's CSS variables, so one drawing
serves light, dark and high contrast. A drawing is one image with a name; its values stand in a table beside it.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import translation

COLOURS = {
    "#010101": "var(--ink)",
    "#020202": "var(--ink-soft)",
    "#030303": "var(--line)",
    "#040404": "var(--accent)",
    "#050505": "var(--good)",
    "#060606": "var(--warn)",
    "#070707": "var(--bad)",
    "#080808": "var(--idea)",
    "#090909": "var(--info)",
}
INK, SOFT, LINE, ACCENT, GOOD, WARN, BAD, IDEA, INFO = COLOURS
WIDTH, HEIGHT = 640, 250
ROOT = re.compile(r'<g fill="none" stroke-miterlimit="10" transform="translate\(([\d.]+),([\d.]+)\)">')
Spec = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Drawing:
    """`svg` is its text; the field of values begins `left` units from the left of its `width` and is `field` wide."""

    svg: str
    width: float
    left: float
    field: float


def draw(spec: Spec) -> Drawing:
    """Raises ValueError when the specification is none."""
    import vl_convert  # heavy: only processes that draw load it

    numbers: Any = _numbers()  # a name of d3-format
    svg: str = vl_convert.vegalite_to_svg(json.dumps(spec), format_locale=numbers)
    for placeholder, variable in COLOURS.items():
        svg = svg.replace(placeholder, variable)
    box = svg.split("viewBox=")[1].split('"')[1]
    root = ROOT.search(svg)
    start = svg.index(">")
    text = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}" aria-hidden="true" focusable="false"{svg[start:]}'
    return Drawing(text, float(box.split()[2]), float(root[1]) if root else 0.0, float(spec.get("width", WIDTH)))


def frame() -> Spec:
    """What all drawings share."""
    text = {"labelColor": SOFT, "labelFontSize": 14, "labelFont": "Fira Sans"}
    axis = {"gridColor": LINE, "domainColor": LINE, "tickColor": LINE, "labelPadding": 8, "titleColor": SOFT}
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "width": WIDTH,
        "height": HEIGHT,
        "background": None,
        "config": {
            "aria": False,
            "font": "Fira Sans",
            "view": {"stroke": None},
            "axis": axis | text,
            "legend": text
            | {"symbolType": "stroke", "symbolSize": 900, "symbolStrokeWidth": 2.25, "title": None, "orient": "top"},
        },
    }


def layer(values: Sequence[Mapping[str, Any]], mark: Spec, **encoding: Any) -> Spec:
    """One layer with data of its own."""
    return {"data": {"values": list(values)}, "mark": mark, "encoding": encoding}


def _numbers() -> str:
    """How the language writes 12500: a locale of d3-format. Arabic has the digits of the page around it."""
    language = (translation.get_language() or "de").split("-")[0]
    return {"en": "en-GB", "uk": "uk-UA"}.get(language, "de-DE")
