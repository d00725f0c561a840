"""The law of an image's states."""

import itertools

import pytest

from stadtkern.core.problems import Conflict
from stadtkern.media.domain.publishing import step
from stadtkern.media.models import Image
from stadtkern.media.words import BOX_LABELS, LONGEST_SIDE, NEXT, STATE_LABELS, BoxKind, Size, State


@pytest.mark.parametrize(("old", "new"), list(itertools.product(State, State)))
def test_the_map_of_steps_is_the_law(old: State, new: State) -> None:
    image = Image(state=old)
    if new in NEXT[old]:
        step(image, new)
        assert image.state == new
    else:
        with pytest.raises(Conflict):
            step(image, new)
        assert image.state == old


def test_nothing_becomes_public_but_what_is_blurred() -> None:
    assert [state for state in State if State.PUBLIC in NEXT[state]] == [State.BLURRED]


def test_every_state_can_be_reached() -> None:
    reached = {State.RECEIVED}
    while more := set().union(*(NEXT[s] for s in reached)) - reached:
        reached |= more
    assert reached == set(State)
    assert all(NEXT.values())


def test_every_word_has_its_label() -> None:
    assert set(STATE_LABELS) == set(State)
    assert set(BOX_LABELS) == set(BoxKind)
    assert set(LONGEST_SIDE) == set(Size)
