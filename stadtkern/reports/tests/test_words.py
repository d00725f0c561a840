"""The map of steps is the law: tested exhaustively, and its shape too."""

import itertools

import pytest

from stadtkern.reports.words import CLOSED, NEXT, OPEN, Status

ALLOWED = {(old, new) for old, news in NEXT.items() for new in news}


def test_every_status_has_a_row():
    assert set(NEXT) == set(Status)


def test_every_status_can_be_reached_and_none_is_a_trap():
    reached = {Status.RECEIVED}
    while more := set().union(*(NEXT[s] for s in reached)) - reached:
        reached |= more
    assert reached == set(Status)
    assert all(NEXT.values())


@pytest.mark.parametrize("status", list(Status))
def test_no_step_leads_to_itself(status):
    assert status not in NEXT[status]


@pytest.mark.parametrize("status", sorted(CLOSED))
def test_what_is_closed_only_opens_again(status):
    assert NEXT[status] == {Status.REOPENED}


@pytest.mark.parametrize("status", sorted(OPEN))
def test_whatever_is_open_can_be_ended_both_ways(status):
    assert NEXT[status] >= CLOSED


def test_nothing_is_received_twice():
    assert not any(Status.RECEIVED in news for news in NEXT.values())


def test_the_pairs_are_as_many_as_the_clerks_agreed():
    every = set(itertools.product(Status, Status))
    assert (len(ALLOWED), len(every - ALLOWED)) == (32, 32)
