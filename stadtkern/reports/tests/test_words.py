"""The maps of steps are the law, one per kind of matter: tested exhaustively, and their shape too."""

import itertools

import pytest

from stadtkern.reports.words import AFTER_HANDOVER, CLOSED, LAWS, OPEN, Kind, Status, next_steps

BY_KIND = pytest.mark.parametrize("kind", list(Kind))


def reached(kind: Kind) -> set[Status]:
    """Every status a matter of this kind comes to by its own steps."""
    found = {Status.RECEIVED}
    while more := set().union(*(next_steps(kind, status) for status in found)) - found:
        found |= more
    return found


@BY_KIND
def test_every_status_has_a_row(kind):
    assert set(LAWS[kind]) == set(Status)


@pytest.mark.parametrize(
    ("kind", "never"),
    [
        (Kind.DEFECT, set()),
        (Kind.IDEA, {Status.ASSIGNED, Status.IN_WORK}),
        (Kind.PRAISE, {Status.CHECKED, Status.ASSIGNED, Status.IN_WORK, Status.WAITING}),
    ],
)
def test_a_matter_comes_to_what_fits_its_kind(kind, never):
    assert set(Status) - reached(kind) == never


@BY_KIND
def test_no_status_is_a_trap_whatever_a_matter_was_before(kind):
    assert all(LAWS[kind].values())


@pytest.mark.parametrize(("kind", "status"), list(itertools.product(Kind, Status)))
def test_no_step_leads_to_itself(kind, status):
    assert status not in next_steps(kind, status)


@pytest.mark.parametrize(("kind", "status"), list(itertools.product(Kind, sorted(CLOSED))))
def test_what_is_closed_only_opens_again(kind, status):
    assert next_steps(kind, status) == {Status.REOPENED}


@pytest.mark.parametrize(("kind", "status"), list(itertools.product(Kind, sorted(OPEN))))
def test_whatever_is_open_can_be_ended_both_ways(kind, status):
    assert next_steps(kind, status) >= CLOSED


@BY_KIND
def test_nothing_is_received_twice(kind):
    assert not any(Status.RECEIVED in news for news in LAWS[kind].values())


@pytest.mark.parametrize(("kind", "pairs"), [(Kind.DEFECT, 32), (Kind.IDEA, 24), (Kind.PRAISE, 14)])
def test_the_pairs_are_as_many_as_the_clerks_agreed(kind, pairs):
    assert sum(len(news) for news in LAWS[kind].values()) == pairs


@pytest.mark.parametrize(("old", "new"), list(AFTER_HANDOVER.items()))
def test_a_handover_steps_back_as_the_law_allows(old, new):
    assert new in next_steps(Kind.DEFECT, old)
