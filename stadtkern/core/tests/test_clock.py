"""Working days of Bochum: North Rhine-Westphalia's holidays, and days on which the clocks are set."""

from datetime import UTC, date, datetime

import pytest

from stadtkern.core import clock


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "day",
    [
        "2026-01-01", "2026-04-03", "2026-04-06", "2026-05-01", "2026-05-14", "2026-05-25", "2026-06-04",
        "2026-10-03", "2026-11-01", "2026-12-25", "2026-12-26",
    ],
)  # fmt: skip
def test_nobody_works_on_a_holiday_of_the_state(day):
    assert not clock.is_working_day(date.fromisoformat(day))


@pytest.mark.parametrize("day", ["2026-01-06", "2026-08-15", "2026-10-31", "2026-11-18", "2026-12-24", "2026-12-31"])
def test_holidays_of_other_states_are_working_days_unless_a_weekend(day):
    asked = date.fromisoformat(day)
    assert clock.is_working_day(asked) == (asked.weekday() < 5)


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        ("2026-03-10T09:00", 0, "2026-03-10T17:00"),  # a Tuesday in winter time: 18:00 here is 17:00 UTC
        ("2026-03-13T09:00", 1, "2026-03-16T17:00"),  # over a weekend
        ("2026-03-14T09:00", 0, "2026-03-16T17:00"),  # from a Saturday
        ("2026-03-27T09:00", 1, "2026-03-30T16:00"),  # the clocks go forward in between
        ("2026-10-23T09:00", 1, "2026-10-26T17:00"),  # and back
        ("2026-04-02T09:00", 1, "2026-04-07T16:00"),  # Easter
        ("2026-12-23T09:00", 2, "2026-12-28T17:00"),  # Christmas
        ("2026-03-09T23:30", 0, "2026-03-10T17:00"),  # half past midnight in Bochum is the next day already
    ],
)
def test_a_deadline_is_six_in_the_evening_of_a_working_day(start, days, end):
    due = clock.add_working_days(utc(start), days)
    assert due == utc(end)
    assert (due.hour, due.minute) == (18, 0)


@pytest.mark.parametrize("days", range(15))
@pytest.mark.parametrize("start", ["2026-03-26T22:59", "2026-10-24T23:30", "2026-12-31T10:00"])
def test_counting_back_gives_the_days_that_were_added(start, days):
    begun = utc(start)
    due = clock.add_working_days(begun, days)
    least = 0 if clock.is_working_day(clock.local(begun).date()) else 1
    assert clock.working_days_between(begun, due) == (days or least)


def test_a_clock_that_jumped_back_counts_nothing():
    assert clock.working_days_between(utc("2026-03-10T09:00"), utc("2026-03-09T09:00")) == 0


@pytest.mark.parametrize(
    ("moment", "shown"),
    [
        ("2026-03-29T00:59", "2026-03-29T01:59:00+01:00"),
        ("2026-03-29T01:00", "2026-03-29T03:00:00+02:00"),
        ("2026-10-25T00:30", "2026-10-25T02:30:00+02:00"),
        ("2026-10-25T01:30", "2026-10-25T02:30:00+01:00"),
    ],
)
def test_the_hour_that_is_missing_and_the_one_that_comes_twice(moment, shown):
    assert clock.local(utc(moment)).isoformat() == shown


def test_another_moment_can_be_pretended_and_ends_even_after_a_fault():
    long_ago = utc("2020-01-01T00:00")
    with pytest.raises(ValueError, match="on the way"), clock.at(long_ago):
        assert clock.now() == long_ago
        raise ValueError("on the way")
    assert clock.now() > long_ago
