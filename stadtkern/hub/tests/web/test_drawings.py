"""Every chart is drawn: each span, with gaps, bad values, waterings and care; several stations in one."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from stadtkern.hub.domain.charts import comparison_spec, course_spec, day_bars
from stadtkern.hub.domain.drawing import COLOURS, draw
from stadtkern.hub.domain.stations.course import Course, Point, Span, Trend, gaps_between, trend_of
from stadtkern.hub.models import CalibrationPeriod

NOW = datetime(2026, 7, 20, 10, tzinfo=UTC)


def course(span: Span, **more: Any) -> Course:
    since, step = NOW - span.length, span.length / 100
    points = [Point(since + n * step, 10 + n % 7, 9 + n % 7, 12 + n % 7) for n in range(100)]
    return Course(
        **{"span": span, "since": since, "until": NOW, "points": points, "gaps": [], "bad": [], "cared": []} | more
    )


@pytest.mark.parametrize("span", Span)
@pytest.mark.parametrize("language", ["de", "en", "ar"])
def test_a_course_is_drawn_in_the_colours_of_the_page(span: Span, language: str) -> None:
    from django.utils import translation

    with translation.override(language):
        drawn = draw(course_spec(course(span), decimals=1))
    assert "var(--accent)" in drawn.svg
    assert not any(placeholder in drawn.svg for placeholder in COLOURS)
    assert 'aria-hidden="true"' in drawn.svg
    assert 0 <= drawn.left < drawn.left + drawn.field <= drawn.width


@pytest.mark.parametrize("span", Span)
def test_what_is_missing_bad_watered_or_cared_for_is_marked(span: Span) -> None:
    middle = NOW - span.length / 2
    plain = draw(course_spec(course(span), decimals=1)).svg
    marked = course(
        span,
        gaps=[(middle, middle + span.length / 10)],
        bad=[Point(middle, 99, 99, 99)],
        cared=[CalibrationPeriod(since=middle, until=None)],
    )
    svg = draw(course_spec(marked, decimals=1, waterings=[middle])).svg
    for colour in ("var(--bad)", "var(--info)"):
        assert colour in svg
        assert colour not in plain


def test_stations_beside_each_other_differ_by_dashes_too() -> None:
    svg = draw(comparison_spec([(name, course(Span.WEEK)) for name in ("Ost", "West", "Süd", "Nord")], decimals=1)).svg
    assert all(name in svg for name in ("Ost", "West", "Süd", "Nord"))
    assert svg.count("stroke-dasharray") >= 3


def test_completeness_is_drawn_by_day() -> None:
    assert "<path" in draw(day_bars([(NOW - timedelta(days=n), 0.9) for n in range(30)])).svg


def test_a_gap_is_where_more_than_one_value_is_missing() -> None:
    hour = timedelta(hours=1)
    moments = [NOW + n * hour for n in (0, 1, 2, 6, 7)]
    assert gaps_between(moments, hour, NOW, NOW + 7 * hour) == [(NOW + 2 * hour, NOW + 6 * hour)]


@pytest.mark.parametrize(
    ("values", "trend"),
    [([1] * 7, None), ([1] * 16, Trend.STEADY), (range(16), Trend.RISING), (range(16, 0, -1), Trend.FALLING)],
)
def test_where_it_goes(values: Any, trend: Trend | None) -> None:
    assert trend_of(list(values)) is trend
