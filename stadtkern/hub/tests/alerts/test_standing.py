"""The steps of an alert, as tables."""

import itertools
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stadtkern.hub.domain.alerts.standing import OPEN, Condition, News, Standing, State, measure
from stadtkern.hub.models import AlertRule
from stadtkern.hub.tests.quality.values import moment


def walk(condition: Condition, numbers, every: float = 5) -> list[str]:
    """What is told at each value; "" for nothing."""
    standing = Standing()
    return [str(standing.step(condition, number, moment(every * place)) or "") for place, number in enumerate(numbers)]


@pytest.mark.parametrize(
    ("threshold", "clear", "numbers", "told"),
    [
        (10, 10, [9, 11, 12, 10, 11], ["", "raised", "", "over", "raised"]),
        (10, 8, [9, 11, 9, 10.5, 8, 9], ["", "raised", "", "", "over", ""]),  # hysteresis: 9 is neither high nor over
        (10, 8, [10, 8, 10], ["", "", ""]),  # at the threshold is not beyond it
        (10, 8, [11, 7.9, 10.1, 8.0], ["raised", "over", "raised", "over"]),
    ],
)
def test_hysteresis(threshold, clear, numbers, told):
    assert walk(Condition(threshold=threshold, clear=clear), numbers) == told


@pytest.mark.parametrize(
    ("numbers", "told"),
    [
        ([11, 11, 11, 11], ["", "", "raised", ""]),
        ([11, 11, 9, 11, 11, 11], ["", "", "", "", "", "raised"]),  # a dip begins it anew
        ([11, 9, 11, 9], ["", "", "", ""]),
    ],
)
def test_it_must_last(numbers, told):
    assert walk(Condition(threshold=10, clear=10, hold=timedelta(minutes=10)), numbers) == told


def test_time_alone_raises_what_lasts_and_a_clock_set_back_does_not():
    condition = Condition(threshold=10, clear=10, hold=timedelta(minutes=10))
    standing = Standing()
    standing.step(condition, 11, moment(0))
    assert standing.tick(condition, moment(9)) is None
    assert standing.tick(condition, moment(-600)) is None
    assert standing.tick(condition, moment(10)) == News.RAISED
    assert standing.tick(condition, moment(20)) is None


@pytest.mark.parametrize(("state", "is_silent"), list(itertools.product(State, [True, False])))
def test_silence_from_every_state(state, is_silent):
    standing = Standing(state)
    news = standing.silent(is_silent, moment(0))
    if state in OPEN:
        assert (news, standing.state) == ((None, state) if is_silent else (News.OVER, State.QUIET))
    else:
        assert (news, standing.state) == ((News.RAISED, State.RAISED) if is_silent else (None, state))


@pytest.mark.parametrize(
    ("kind", "direction", "numbers", "told"),
    [
        ("threshold", "above", [11, 7], ["raised", "over"]),
        ("threshold", "below", [11, 9, 11, 12.5], ["", "raised", "", "over"]),
    ],
)
def test_below_is_above_upside_down(kind, direction, numbers, told):
    rule = AlertRule(kind=kind, direction=direction, threshold=10, clear=8 if direction == "above" else 12)
    measures = [measure(rule, number, moment(0), None) for number in numbers]
    assert walk(Condition.of(rule), measures) == told


@pytest.mark.parametrize(
    ("direction", "number", "minutes", "expected"),
    [("above", 12, 10, 6), ("above", 0, 10, -6), ("below", 0, 10, 6), ("above", 12, 0, None), ("above", 9, 60, 0.5)],
)
def test_a_rate_is_the_rise_or_fall_in_a_time(direction, number, minutes, expected):
    rule = AlertRule(kind="rate", direction=direction, threshold=5, seconds=600)
    assert measure(rule, number, moment(minutes), (moment(0), 6)) == expected


def test_the_first_value_has_no_rate():
    assert measure(AlertRule(kind="rate", threshold=5, seconds=600), 1, moment(0), None) is None


def test_a_clear_beyond_the_threshold_is_the_threshold():
    assert Condition.of(AlertRule(kind="threshold", threshold=10, clear=99)).clear == 10


@given(st.lists(st.floats(0, 20, width=16), max_size=40), st.floats(0, 10, width=16))
def test_raised_and_over_take_turns_whatever_comes(numbers, band):
    told = [news for news in walk(Condition(threshold=10, clear=10 - band), numbers) if news]
    assert told == [("raised", "over")[place % 2] for place in range(len(told))]
