"""The hub's charts as Vega-Lite specifications: the course of one series, and several stations in one picture.

Moments are drawn as the city's clocks show them: local time given to Vega as if it were UTC.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from stadtkern.core import clock
from stadtkern.hub.domain.drawing import ACCENT, BAD, GOOD, IDEA, INFO, SOFT, WARN, Spec, frame, layer
from stadtkern.hub.domain.stations.course import Course, Span

MOST_GAPS = 60
FORMATS = {Span.DAY: "%H:%M", Span.WEEK: "%d.%m.", Span.MONTH: "%d.%m.", Span.YEAR: "%m/%y"}
TICKS: Mapping[Span, Any] = {
    Span.DAY: {"interval": "hours", "step": 4},
    Span.WEEK: {"interval": "day", "step": 1},
    Span.MONTH: {"interval": "day", "step": 5},
    Span.YEAR: {"interval": "month", "step": 1},
}
LINES = (ACCENT, WARN, GOOD, IDEA)
DASHES: Sequence[list[int]] = ([], [8, 4], [2, 3], [12, 3, 3, 3])
Waterings = Sequence[datetime]


def course_spec(course: Course, *, decimals: int, waterings: Waterings = ()) -> Spec:
    """A line, the range of each interval behind it, gaps shaded, bad values as crosses, waterings and care marked."""
    axis = _time(course)
    layers = [
        *_stretches([(left, right) for left, right in course.gaps[:MOST_GAPS]], course, SOFT, 0.1),
        *_stretches([(one.since, one.until or course.until) for one in course.cared], course, INFO, 0.18),
        *_band(course, axis),
        layer(_parts(course), {"type": "line", "color": ACCENT, "strokeWidth": 2.25, "strokeJoin": "round"},
              x=axis, y=_value(decimals), detail={"field": "part"}),
        *_crosses(course, axis),
        *_drops(waterings, course, axis),
    ]  # fmt: skip
    return frame() | {"layer": layers}


def comparison_spec(named: Sequence[tuple[str, Course]], *, decimals: int) -> Spec:
    """One line for each station, told apart by colour and by dashes; all courses have the same span."""
    names = [name for name, _course in named]
    values = [dict(row, k=name, part=f"{name} {row['part']}") for name, course in named for row in _parts(course)]
    scale = {"domain": names, "range": list(LINES[: len(names)])}
    dash = {"domain": names, "range": list(DASHES[: len(names)])}
    encoding = {
        "x": _time(named[0][1]),
        "y": _value(decimals),
        "color": {"field": "k", "type": "nominal", "sort": names, "scale": scale},
        "strokeDash": {"field": "k", "type": "nominal", "sort": names, "scale": dash},
        "detail": {"field": "part"},
    }
    mark = {"type": "line", "strokeWidth": 2.25, "strokeJoin": "round"}
    return frame() | {"data": {"values": values}, "mark": mark, "encoding": encoding}


def wall(moment: datetime) -> str:
    """Local time, written as if it were UTC."""
    return clock.local(moment).replace(tzinfo=UTC).isoformat().replace("+00:00", "Z")


def _time(course: Course) -> Spec:
    return {
        "field": "x",
        "type": "temporal",
        "scale": {"type": "utc", "domain": [wall(course.since), wall(course.until)], "nice": False},
        "axis": {
            "title": None,
            "format": FORMATS[course.span],
            "tickCount": TICKS[course.span],
            "grid": False,
            "labelOverlap": "greedy",
            "labelFlush": True,
        },
    }


def _value(decimals: int) -> Spec:
    axis: Spec = {"title": None, "orient": "right", "tickCount": 5, "domain": False, "ticks": False}
    if decimals == 0:
        axis["tickMinStep"] = 1
    return {"field": "y", "type": "quantitative", "scale": {"zero": False, "nice": True}, "axis": axis}


def _parts(course: Course) -> list[dict[str, Any]]:
    """The points with the number of their part: a line does not bridge a gap."""
    ends = [left for left, _right in course.gaps]
    part, rows = 0, []
    for point in course.points:
        while part < len(ends) and point.at > ends[part]:
            part += 1
        rows.append({"x": wall(point.at), "y": point.value, "low": point.low, "high": point.high, "part": part})
    return rows


def _band(course: Course, axis: Spec) -> list[Spec]:
    if course.span is Span.DAY or not course.points:
        return []
    low = {"field": "low", "type": "quantitative", "scale": {"zero": False}}
    mark = {"type": "area", "color": ACCENT, "opacity": 0.18}
    return [layer(_parts(course), mark, x=axis, y=low, y2={"field": "high"}, detail={"field": "part"})]  # type: ignore[arg-type]


def _stretches(spans: Sequence[tuple[datetime, datetime]], course: Course, colour: str, opacity: float) -> list[Spec]:
    rows: list[Mapping[str, Any]] = [
        {"x": wall(max(left, course.since)), "x2": wall(min(right, course.until))} for left, right in spans
    ]
    if not rows:
        return []
    mark = {"type": "rect", "color": colour, "opacity": opacity}
    return [layer(rows, mark, x=_time(course), x2={"field": "x2"})]


def _crosses(course: Course, axis: Spec) -> list[Spec]:
    """Bad values at the upper edge: their height would flatten everything else."""
    rows: list[Mapping[str, Any]] = [{"x": wall(point.at)} for point in course.bad]
    if not rows:
        return []
    mark = {"type": "point", "shape": "cross", "angle": 45, "size": 90, "color": BAD, "filled": True, "opacity": 1}
    return [layer(rows, mark, x=axis, y={"value": 8})]


def _drops(waterings: Waterings, course: Course, axis: Spec) -> list[Spec]:
    rows: list[Mapping[str, Any]] = [{"x": wall(at)} for at in waterings if course.since <= at <= course.until]
    if not rows:
        return []
    rule = layer(rows, {"type": "rule", "color": INFO, "strokeWidth": 2, "strokeDash": [4, 3]}, x=axis)
    drop = {"type": "point", "shape": "triangle-down", "size": 110, "color": INFO, "filled": True, "opacity": 1}
    return [rule, layer(rows, drop, x=axis, y={"value": 6})]


def day_bars(shares: Sequence[tuple[datetime, float]]) -> Spec:
    """Completeness by day, 0 to 100 percent."""
    rows: list[Mapping[str, Any]] = [{"x": wall(day), "y": 100 * share} for day, share in shares]
    scale = {"type": "utc"}
    axis = {"title": None, "format": "%d.%m.", "tickCount": 8, "grid": False, "labelOverlap": "greedy"}
    x = {"field": "x", "type": "temporal", "timeUnit": "utcyearmonthdate", "scale": scale, "axis": axis}
    y = _value(0) | {"scale": {"domain": [0, 100]}}
    return frame() | {"height": 120} | layer(rows, {"type": "bar", "color": ACCENT, "cornerRadiusEnd": 2}, x=x, y=y)
