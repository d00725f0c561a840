"""Every rule with a table of values: which of them it finds."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stadtkern.hub.domain.quality.checking import FINDERS, FLAGS, Kind, Rule, Walk, judge_again
from stadtkern.hub.domain.store.slots import UNIQUE
from stadtkern.hub.tests.quality.values import at, moment, series
from stadtkern.hub.words import Flag

NUMBERS = st.lists(st.one_of(st.none(), st.floats(-50, 50, width=16)), max_size=30)
ALL = [
    Rule(kind=Kind.RANGE, low=-10, high=10),
    Rule(kind=Kind.STEP, high=8, bad=True),
    Rule(kind=Kind.STUCK, count=3),
    Rule(kind=Kind.GAP, seconds=400),
]


def found(rule: Rule, samples, received=None) -> list[int]:
    """Places of the values that the rule finds."""
    walk = Walk([rule], received)
    flags = [walk.judge(sample) for sample in samples]
    assert all(flag & Flag.CHECKED for flag in flags)
    return [place for place, flag in enumerate(flags) if flag & FLAGS[rule.kind]]


def test_every_kind_has_a_flag_and_a_finder():
    assert set(FLAGS) == set(FINDERS) == set(Kind)


@pytest.mark.parametrize(
    ("low", "high", "wrong"), [(0, 30, [0, 4]), (None, 30, [4]), (0, None, [0]), (-5, 31, []), (31, None, [0, 1, 2])]
)
def test_range(low, high, wrong):
    assert found(Rule(kind=Kind.RANGE, low=low, high=high), series([-1, 0, 30, None, 31])) == wrong


@pytest.mark.parametrize(
    ("rule", "numbers", "wrong"),
    [
        ({"high": 5}, [0, 5, 10, 16, 16], [3]),
        ({"high": 5}, [0, None, 50], []),  # there is no value to compare with
        ({"high": 5}, [20, 0, 20], [1, 2]),  # there and back
        ({"high": 1, "seconds": 60}, [0, 5, 10.1, 5.2], [2]),  # one a minute is five in five minutes
    ],
)
def test_step(rule, numbers, wrong):
    assert found(Rule(kind=Kind.STEP, **rule), series(numbers)) == wrong


def test_a_step_per_time_allows_more_after_a_gap():
    rule = Rule(kind=Kind.STEP, high=1, seconds=60)
    assert found(rule, [at(0, 0), at(60, 59)]) == []
    assert found(rule, [at(0, 0), at(1, 59)]) == [1]


@pytest.mark.parametrize(
    ("rule", "numbers", "wrong"),
    [
        ({"count": 3}, [1, 1, 1, 1, 2, 2, 2], [2, 3, 6]),
        ({"count": 3}, [1, 1, None, 1, 1], []),  # a result of null is no value that stands still
        ({"seconds": 600}, [1, 1, 1, 1, 2], [2, 3]),
        ({"seconds": 600, "count": 2}, [1, 1, 1], [1, 2]),
        ({}, [1, 1, 1], []),
    ],
)
def test_stuck(rule, numbers, wrong):
    assert found(Rule(kind=Kind.STUCK, **rule), series(numbers)) == wrong


def test_gap():
    samples = [at(0), at(5), at(12), at(60), at(65)]
    assert found(Rule(kind=Kind.GAP, seconds=300), samples) == [2, 3]
    assert found(Rule(kind=Kind.GAP, seconds=None), samples) == []


def test_duplicate_is_the_same_value_for_the_same_moment():
    rule = Rule(kind=Kind.DUPLICATE)
    assert found(rule, [at(0, 1), at(0, 1), at(5, 1), at(5, 2)]) == [1]
    beside = [at(0, 1, slot=UNIQUE), at(0, 2, slot=UNIQUE), at(0, 1, slot=UNIQUE)]
    assert found(rule, beside) == [2]


def test_another_value_for_the_same_moment_is_a_correction():
    walk = Walk([Rule(kind=Kind.DUPLICATE)])
    walk.judge(at(0, 1))
    assert walk.judge(at(0, 2)) == Flag.CHECKED | Flag.CORRECTED


@pytest.mark.parametrize(
    ("sample", "is_found"),
    [
        (at(1), False),
        (at(2.1), True),
        (at(0, result_time=moment(3)), True),
        (at(60, result_time=moment(-60)), False),  # a forecast
        (at(60, result_time=moment(30)), True),  # a forecast made in the future
        (at(-600), False),
    ],
)
def test_drift_is_a_time_that_is_not_over_yet(sample, is_found):
    rule = Rule(kind=Kind.DRIFT, seconds=120)
    assert found(rule, [sample], received=moment(0)) == ([0] if is_found else [])


def test_late_counts_from_the_end_of_the_phenomenon():
    rule = Rule(kind=Kind.LATE, seconds=600)
    assert found(rule, [at(-11)], received=moment(0)) == [0]
    assert found(rule, [at(-11, phenomenon_end=moment(-9))], received=moment(0)) == []


def test_what_comes_again_unchanged_is_as_late_as_it_was():
    rules = [Rule(kind=Kind.LATE, seconds=600, bad=True)]
    for before, after in [(0, 0), (Flag.LATE, Flag.LATE | Flag.BAD), (Flag.OUTLIER, Flag.OUTLIER)]:
        walk = Walk(rules, moment(6_000))
        walk.pass_by(at(0, 1, flags=int(before)))
        assert walk.judge(at(0, 1)) == Flag.CHECKED | after


def test_bad_comes_from_the_rule_that_found_something():
    rules = [Rule(kind=Kind.RANGE, high=10), Rule(kind=Kind.RANGE, high=50, bad=True)]
    flags = [Walk(rules).judge(at(0, number)) for number in (5, 20, 60)]
    assert flags == [Flag.CHECKED, Flag.CHECKED | Flag.RANGE, Flag.CHECKED | Flag.RANGE | Flag.BAD]


@given(NUMBERS)
def test_checking_changes_no_value(numbers):
    samples = series(numbers)
    walk = Walk(ALL)
    for sample in samples:
        walk.judge(sample)
    assert [sample.number for sample in samples] == numbers


@given(NUMBERS.flatmap(lambda numbers: st.tuples(st.just(numbers), st.permutations(range(len(numbers))))))
def test_for_the_range_the_order_of_arrival_does_not_matter(given_order):
    numbers, order = given_order
    rule = Rule(kind=Kind.RANGE, low=-10, high=10)
    samples = series(numbers)
    one_by_one = {place: Walk([rule]).judge(samples[place]) for place in order}
    walk = Walk([rule])
    assert [one_by_one[place] for place in range(len(numbers))] == [walk.judge(sample) for sample in samples]


@given(NUMBERS)
def test_judged_again_by_the_same_rules_nothing_changes(numbers):
    samples = series(numbers)
    walk = Walk(ALL)
    for sample in samples:
        sample.flags = walk.judge(sample)
    assert list(judge_again(ALL, samples, since=moment(0))) == []


@given(NUMBERS)
def test_without_rules_what_the_series_said_goes_and_what_the_arrival_said_stays(numbers):
    samples = series(numbers)
    for sample in samples:
        sample.flags = int(Flag.CHECKED | Flag.RANGE | Flag.BAD | Flag.LATE | Flag.OUTLIER)
    again = list(judge_again([], samples, since=moment(0)))
    assert [flags for _sample, flags in again] == [Flag.LATE] * len(numbers)


def test_judging_again_begins_where_it_is_told_and_knows_what_came_before():
    samples = series([0, 20, 20])
    again = list(judge_again([Rule(kind=Kind.STEP, high=5)], samples, since=moment(5)))
    assert [(sample.phenomenon_start - moment(0), flags) for sample, flags in again] == [
        (timedelta(minutes=5), Flag.CHECKED | Flag.STEP),
        (timedelta(minutes=10), Flag.CHECKED),
    ]
