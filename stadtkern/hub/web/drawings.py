"""Charts on pages: drawn once for each value that changes them, with words that say what they show."""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from datetime import datetime
from threading import Lock
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from stadtkern.hub.domain.charts import comparison_spec, course_spec
from stadtkern.hub.domain.drawing import Drawing, Spec, draw
from stadtkern.hub.domain.stations.course import Course, Span
from stadtkern.hub.domain.stations.series import Series
from stadtkern.hub.web import wording

MOST_KEPT = 120  # of some 40 kB
SPANS = (Span.DAY, Span.WEEK, Span.MONTH, Span.YEAR)
_kept: OrderedDict[Hashable, Drawing] = OrderedDict()
_lock = Lock()


def span_words(span: Span) -> str:
    return {
        Span.DAY: _("24 Stunden"),
        Span.WEEK: _("7 Tage"),
        Span.MONTH: _("30 Tage"),
        Span.YEAR: _("1 Jahr"),
    }[span]


def stretch_words(course: Course) -> str:
    """ "24 Stunden", and until when if that is long ago."""
    span = span_words(course.span)
    if not course.is_past:
        return span
    return _("%(span)s bis zum %(day)s") % {"span": span, "day": wording.day_words(course.until)}


def chart_of(series: Series, course: Course, waterings: Sequence[datetime] = ()) -> Drawing | None:
    """The drawing of a course; None when there is nothing to draw."""
    if not course.points:
        return None
    last = course.points[-1]
    key = (series.id, course.span, last.at, last.value, len(course.points), len(course.bad), len(course.cared))
    return _drawn(
        (*key, len(waterings), course.until.timestamp() // 300, get_language()),
        lambda: course_spec(course, decimals=wording.decimals_of(series), waterings=waterings),
    )


def comparison_of(named: Sequence[tuple[str, Series, Course]]) -> Drawing | None:
    with_points = [(name, course) for name, _series, course in named if course.points]
    if not with_points:
        return None
    decimals = wording.decimals_of(named[0][1])
    parts = tuple((name, course.points[-1].at, len(course.points)) for name, course in with_points)
    until = with_points[0][1].until.timestamp() // 300
    return _drawn(
        (parts, with_points[0][1].span, until, get_language()), lambda: comparison_spec(with_points, decimals=decimals)
    )


def words_of(series: Series, course: Course) -> str:
    """What the drawing shows: lowest, highest, now, and where it goes."""
    if course.lowest is None or course.highest is None:
        return _("In diesem Zeitraum gibt es keine Werte.")
    low, high, last = course.lowest, course.highest, course.points[-1]
    facts = {
        "name": wording.name_of(series),
        "span": stretch_words(course),
        "low": wording.with_unit(low[0], series),
        "low_at": wording.moment_words(low[1]),
        "high": wording.with_unit(high[0], series),
        "high_at": wording.moment_words(high[1]),
        "last": wording.with_unit(last.value, series),
    }
    said = _(
        "%(name)s, %(span)s: am niedrigsten %(low)s (%(low_at)s), am höchsten %(high)s (%(high_at)s), zuletzt %(last)s."
    )
    trend = None if course.is_past else course.trend
    tail = f" {_('Der Wert %(trend)s.') % {'trend': wording.TRENDS[trend][0]}}" if trend else ""
    return said % facts + tail


def points_of(series: Series, course: Course) -> list[list[Any]]:
    """[share of the time axis, words] of each point: what a pointer over the drawing reads out."""
    length = (course.until - course.since).total_seconds()
    decimals, unit = wording.decimals_of(series), wording.unit_of(series)
    return [
        [
            round((point.at - course.since).total_seconds() / length, 4),
            f"{wording.moment_words(point.at)}: {wording.number(point.value, decimals)} {unit}".strip(),
        ]
        for point in course.points
    ]


def _drawn(key: Hashable, spec: Callable[[], Spec]) -> Drawing:
    with _lock:
        if key in _kept:
            _kept.move_to_end(key)
            return _kept[key]
    made = draw(spec())
    with _lock:
        _kept[key] = made
        while len(_kept) > MOST_KEPT:
            _kept.popitem(last=False)
    return made
