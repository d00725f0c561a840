"""Boxes: nothing that was to be hidden is ever uncovered by the geometry."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stadtkern.media.domain.boxes import Box, box_from_json, clamp, grow, merge, overlap, union
from stadtkern.media.words import BoxKind

fraction = st.floats(-0.5, 1.5, allow_nan=False)
side = st.floats(0.01, 1.2, allow_nan=False)
boxes = st.builds(Box, st.sampled_from(list(BoxKind)), fraction, fraction, side, side, st.floats(0, 1))


def covers(outer: Box, x: float, y: float) -> bool:
    return outer.x - 1e-9 <= x <= outer.right + 1e-9 and outer.y - 1e-9 <= y <= outer.bottom + 1e-9


@given(boxes)
def test_a_clamped_box_lies_in_the_picture_and_in_the_box(box: Box) -> None:
    inside = clamp(box)
    if inside is not None:
        assert 0 <= inside.x <= inside.right <= 1 + 1e-9
        assert 0 <= inside.y <= inside.bottom <= 1 + 1e-9
        assert covers(box, inside.x, inside.y)
        assert covers(box, inside.right, inside.bottom)


@given(boxes, st.floats(0, 2))
def test_growing_keeps_the_centre_and_covers_the_box(box: Box, by: float) -> None:
    grown = grow(box, by=by)
    assert grown.x + grown.w / 2 == pytest.approx(box.x + box.w / 2)
    assert covers(grown, box.x, box.y)
    assert covers(grown, box.right, box.bottom)


@given(boxes, boxes)
def test_a_union_covers_both_and_overlap_is_a_fraction(one: Box, other: Box) -> None:
    both = union(one, other)
    for box in (one, other):
        assert covers(both, box.x, box.y)
        assert covers(both, box.right, box.bottom)
    assert 0 <= overlap(one, other) <= 1
    assert overlap(one, other) == overlap(other, one)
    assert overlap(one, one) == pytest.approx(1)


@given(st.lists(boxes, max_size=12))
def test_merging_uncovers_no_point(many: list[Box]) -> None:
    merged = merge(many)
    assert len(merged) <= len(many)
    for box in filter(None, map(clamp, many)):
        mine = [m for m in merged if m.kind == box.kind]
        for x, y in ((box.x, box.y), (box.right, box.bottom), (box.x + box.w / 2, box.y + box.h / 2)):
            assert any(covers(m, x, y) for m in mine)


@given(boxes)
def test_a_box_survives_the_database(box: Box) -> None:
    if inside := clamp(box):
        back = box_from_json(inside.as_json())
        assert back.kind == inside.kind
        for name in ("x", "y", "w", "h", "score"):
            assert math.isclose(getattr(back, name), getattr(inside, name), abs_tol=3e-4)


@pytest.mark.parametrize(
    "row",
    [
        {},
        {"x": 0, "y": 0, "w": 0},
        {"x": "a", "y": 0, "w": 1, "h": 1},
        {"x": float("nan"), "y": 0, "w": 1, "h": 1},
        {"x": 0, "y": 0, "w": float("inf"), "h": 1},
        {"x": 2, "y": 2, "w": 1, "h": 1},
        {"x": 0.2, "y": 0.2, "w": 0, "h": 0.1},
        {"x": 0.2, "y": 0.2, "w": -1, "h": 0.1},
        {"x": 0.2, "y": 0.2, "w": 0.1, "h": 0.1, "kind": "hat"},
    ],
)
def test_what_is_no_box_is_refused(row: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"box|hat|float"):
        box_from_json(row)
