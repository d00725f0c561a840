"""Charts of the figures: Vega-Lite specifications, drawn to SVG by vl-convert in the nightly job.

The colours of a specification are placeholders; in the SVG they become the house's CSS variables, so one drawing
serves light, dark and high contrast. Each chart has its table beside it on the page, so the drawing itself is one
image with a name.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from stadtkern.core.city import city

COLOURS = {
    "#010101": "var(--ink)",
    "#020202": "var(--ink-soft)",
    "#030303": "var(--line)",
    "#040404": "var(--accent)",
    "#050505": "var(--good)",
    "#060606": "var(--warn)",
}
INK, SOFT, LINE, ACCENT, GOOD, WARN = COLOURS
WIDTH, HEIGHT = 640, 240
Spec = dict[str, Any]
Rows = Sequence[Mapping[str, Any]]


def draw_all(content: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """Language -> chart -> SVG, for every language of the city; charts without data are left out."""
    drawn = {}
    for language in city().languages:
        with translation.override(language):
            specs = {name: make(content) for name, make in CHARTS.items()}
            drawn[language] = {name: draw(spec) for name, spec in specs.items() if spec}
    return drawn


def draw(spec: Spec) -> str:
    """The specification as SVG text in the house's colours."""
    import vl_convert

    numbers: Any = _numbers()  # a name of d3-format
    svg: str = vl_convert.vegalite_to_svg(json.dumps(spec), format_locale=numbers)
    for placeholder, variable in COLOURS.items():
        svg = svg.replace(placeholder, variable)
    start = svg.index(">")
    size = f'viewBox="{svg.split("viewBox=")[1].split(chr(34))[1]}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size} aria-hidden="true" focusable="false"{svg[start:]}'


def _numbers() -> str:
    """How the language writes 12500: a locale of d3-format."""
    language = (translation.get_language() or "de").split("-")[0]
    return {"en": "en-GB", "uk": "uk-UA", "ar": "ar-001"}.get(language, "de-DE")


def _months(content: Mapping[str, Any]) -> Spec | None:
    rows = content["months"]
    if len(rows) < 2:
        return None
    names = {"filed": _("eingegangen"), "closed": _("abgeschlossen")}
    values = [
        {"x": _month(key), "y": count, "k": names[kind]}
        for key, filed, closed, _open in rows
        for kind, count in (("filed", filed), ("closed", closed))
    ]
    colour = {
        "field": "k",
        "sort": list(names.values()),
        "scale": {"domain": list(names.values()), "range": [ACCENT, GOOD]},
        "legend": {"title": None, "orient": "top"},
    }
    dash = {"field": "k", "sort": list(names.values()), "legend": None}
    return _spec(values, {"type": "line", "strokeWidth": 2.5}, _x(values), _y(), color=colour, strokeDash=dash)


def _backlog(content: Mapping[str, Any]) -> Spec | None:
    values = [{"x": _month(key), "y": still} for key, _filed, _closed, still in content["months"]]
    if len(values) < 2:
        return None
    mark = {"type": "area", "color": WARN, "opacity": 0.25, "line": {"color": WARN, "strokeWidth": 2.5}}
    return _spec(values, mark, _x(values), _y())


def _refusals(content: Mapping[str, Any]) -> Spec | None:
    """What did not end as done, one bar a month: referred apart from refused."""
    names = {_("andere zuständig"): ACCENT, _("doppelt gemeldet"): SOFT, _("abgelehnt"): WARN}
    return _stacked([[key, *counts] for key, _done, *counts in content.get("outcomes", [])], names)


def _verdicts(content: Mapping[str, Any]) -> Spec | None:
    """What reporters said when asked whether it is solved."""
    rows = content.get("satisfaction", {}).get("months", [])
    return _stacked(
        [[key, yes, no] for key, _asked, yes, no, _again in rows], {_("gelöst"): GOOD, _("nicht gelöst"): WARN}
    )


def _stacked(rows: Sequence[Sequence[Any]], names: Mapping[str, str]) -> Spec | None:
    """One bar a month from [month, count ...]; `names` of the counts with their colours."""
    values = [
        {"x": _month(key), "y": count, "k": name}
        for key, *counts in rows
        for name, count in zip(names, counts, strict=True)
    ]
    if not any(value["y"] for value in values):
        return None
    colour = {
        "field": "k",
        "sort": list(names),
        "scale": {"domain": list(names), "range": list(names.values())},
        "legend": {"title": None, "orient": "top", "symbolType": "square"},
    }
    return _spec(values, {"type": "bar"}, _x(values), _y(), color=colour)


def _weekdays(content: Mapping[str, Any]) -> Spec | None:
    monday = date(2024, 1, 1)
    names = [date_format(monday.replace(day=day), "D") for day in range(1, 8)]
    return _bars(names, content["weekdays"])


def _seasons(content: Mapping[str, Any]) -> Spec | None:
    names = [date_format(date(2024, month, 1), "M") for month in range(1, 13)]
    return _bars(names, content["seasons"])


def _bars(names: Sequence[str], counts: Sequence[float]) -> Spec | None:
    if not any(counts):
        return None
    values = [{"x": name, "y": count} for name, count in zip(names, counts, strict=True)]
    return _spec(values, {"type": "bar", "color": ACCENT, "cornerRadiusEnd": 4}, _x(values), _y())


def _forecast(content: Mapping[str, Any]) -> Spec | None:
    told = content["forecast"]
    if not told["weeks"]:
        return None
    past = [{"x": _day(day), "y": count} for day, count in told["history"]]
    next_weeks = [{"x": _day(day), "y": mean, "low": low, "high": high} for day, mean, low, high in told["weeks"]]
    axis = _x([*past, *next_weeks])
    band = {"low": {"field": "low"}, "high": {"field": "high"}}
    layers = [
        {
            "data": {"values": past},
            "mark": {"type": "line", "color": SOFT, "strokeWidth": 2},
            "encoding": {"x": axis, "y": _y()},
        },
        {
            "data": {"values": next_weeks},
            "mark": {"type": "area", "color": ACCENT, "opacity": 0.2},
            "encoding": {"x": axis, "y": _y() | band["low"], "y2": band["high"]},
        },
        {
            "data": {"values": next_weeks},
            "mark": {"type": "line", "color": ACCENT, "strokeWidth": 2.5, "point": {"color": ACCENT, "size": 50}},
            "encoding": {"x": axis, "y": _y()},
        },
    ]
    return _frame() | {"layer": layers}


def _x(values: Rows) -> Spec:
    names = list(dict.fromkeys(str(value["x"]) for value in values))
    return {
        "field": "x",
        "type": "ordinal",
        "sort": names,
        "scale": {"domain": names},
        "axis": {"title": None, "labelAngle": 0, "labelOverlap": "greedy", "labelSeparation": 12, "ticks": False},
    }


def _y() -> Spec:
    return {
        "field": "y",
        "type": "quantitative",
        "axis": {"title": None, "tickCount": 4, "domain": False, "ticks": False},
    }


def _spec(values: Rows, mark: Spec, x: Spec, y: Spec, **more: Any) -> Spec:
    return _frame() | {"data": {"values": list(values)}, "mark": mark, "encoding": {"x": x, "y": y, **more}}


def _frame() -> Spec:
    text = {"labelColor": SOFT, "labelFontSize": 13, "labelFont": "Fira Sans"}
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "width": WIDTH,
        "height": HEIGHT,
        "background": None,
        "config": {
            "aria": False,
            "font": "Fira Sans",
            "view": {"stroke": None},
            "axis": {"gridColor": LINE, "domainColor": LINE, "tickColor": LINE, "labelPadding": 8} | text,
            "legend": text | {"symbolType": "stroke"},
        },
    }


def _month(key: str) -> str:
    year, month = (int(part) for part in key.split("-"))
    return f"{date_format(date(year, month, 1), 'M')} {year % 100:02d}"


def _day(text: str) -> str:
    day = date.fromisoformat(text)
    return f"{day.day}.{day.month}.{day.year % 100:02d}"


CHARTS: dict[str, Callable[[Mapping[str, Any]], Spec | None]] = {
    "months": _months,
    "backlog": _backlog,
    "refusals": _refusals,
    "verdicts": _verdicts,
    "weekdays": _weekdays,
    "seasons": _seasons,
    "forecast": _forecast,
}
