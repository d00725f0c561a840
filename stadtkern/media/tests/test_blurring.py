"""Blurring: what was in a box cannot be told apart any more, and the rest is untouched."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from stadtkern.media.domain.blurring import GROWTH, blur
from stadtkern.media.domain.boxes import Box, clamp, grow
from stadtkern.media.tests.pictures import TEXTS, plate
from stadtkern.media.words import BoxKind

fraction = st.floats(0, 0.95)
side = st.floats(0.01, 0.9)


def checkered(size: tuple[int, int] = (240, 180)) -> Image.Image:
    """Single-pixel checks: any pixel that is left as it was is plain to see."""
    rows = np.indices(size[::-1]).sum(axis=0) % 2 * 255
    return Image.fromarray(rows.astype(np.uint8)).convert("RGB")


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(list(BoxKind)), fraction, fraction, side, side)
def test_nothing_inside_a_box_stays_and_nothing_far_outside_changes(
    kind: BoxKind, x: float, y: float, w: float, h: float
) -> None:
    box = clamp(Box(kind, x, y, w, h))
    if box is None:
        return
    before = checkered()
    after = np.asarray(blur(before, [box])).astype(int)
    high, wide = after.shape[:2]
    inner = after[int(box.y * high) + 1 : int(box.bottom * high) - 1, int(box.x * wide) + 1 : int(box.right * wide) - 1]
    if inner.size:
        assert inner.min() > 60, "a black check shows through"
        assert inner.max() < 195, "a white check shows through"
    far = clamp(grow(box, by=GROWTH[kind]))
    assert far
    same = after == np.asarray(before)
    left, top = int(far.x * wide) - 8, int(far.y * high) - 8
    right, bottom = int(far.right * wide) + 8, int(far.bottom * high) + 8
    outside = np.ones((high, wide), bool)
    outside[max(0, top) : bottom, max(0, left) : right] = False
    assert same[outside].all()


@pytest.mark.parametrize("other", TEXTS[1:])
def test_two_plates_look_alike_when_blurred(other: str) -> None:
    """The test of an attacker who knows the font and tries every number: nothing is left to compare."""
    box = Box(BoxKind.PLATE, 0.05, 0.05, 0.9, 0.9)
    one, two = (np.asarray(blur(plate(text), [box])).astype(int) for text in (TEXTS[0], other))
    sharp = np.abs(np.asarray(plate(TEXTS[0])).astype(int) - np.asarray(plate(other)).astype(int)).mean()
    assert np.abs(one - two).mean() < sharp / 3
    assert np.abs(one - two).max() < 90
    assert len(np.unique(np.asarray(Image.fromarray(one.astype(np.uint8)).resize((3, 1), Image.Resampling.BOX)))) <= 9


def test_the_picture_itself_is_left_alone() -> None:
    before = checkered()
    blur(before, [Box(BoxKind.FACE, 0.2, 0.2, 0.3, 0.3)])
    assert before.tobytes() == checkered().tobytes()


def test_a_dot_of_a_box_still_hides_something() -> None:
    after = blur(checkered(), [Box(BoxKind.OTHER, 0.5, 0.5, 0.002, 0.002)])
    assert after.tobytes() != checkered().tobytes()
