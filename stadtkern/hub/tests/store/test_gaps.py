"""Gaps between values, filled in four ways."""

from datetime import UTC, datetime, timedelta

import pytest

from stadtkern.hub.domain.store import gaps
from stadtkern.hub.domain.store.port import Row

STARTS = [datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=n) for n in (0, 1, 2, 4, 5)]
HELD = [Row(7, STARTS[1], (1.0,)), Row(7, STARTS[3], (7.0,))]


@pytest.mark.parametrize(
    ("way", "expected"),
    [
        ("leave", [1.0, 7.0]),
        ("null", [None, 1.0, None, 7.0, None]),
        ("previous", [None, 1.0, 1.0, 7.0, 7.0]),
        ("linear", [None, 1.0, 3.0, 7.0, None]),
    ],
)
def test_a_gap_is_filled_as_asked(way: str, expected: list[float | None]) -> None:
    assert [row.values[0] for row in gaps.fill(HELD, STARTS, way=way)] == expected


def test_a_count_is_never_made_up() -> None:
    held = [Row(7, STARTS[0], (2, 1.0)), Row(7, STARTS[4], (2, 6.0))]
    assert [row.values for row in gaps.fill(held, STARTS, way="linear", counts=[0])] == [
        (2, 1.0), (0, 2.0), (0, 3.0), (0, 5.0), (2, 6.0),
    ]  # fmt: skip


def test_an_interval_with_bad_values_only_is_a_gap_too() -> None:
    held = [Row(7, STARTS[0], (1.0,)), Row(7, STARTS[1], (None,)), Row(7, STARTS[2], (3.0,))]
    assert [row.values[0] for row in gaps.fill(held, STARTS[:3], way="linear")] == [1.0, 2.0, 3.0]


def test_without_values_nothing_is_made_up() -> None:
    assert list(gaps.fill([], STARTS, way="previous")) == []


def test_another_way_is_refused() -> None:
    with pytest.raises(ValueError, match="leave, null, previous, linear"):
        gaps.fill(HELD, STARTS, way="guess")
