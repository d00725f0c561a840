"""How long a connector waits, and when its silence is a fault."""

from datetime import timedelta

LONGEST_PAUSE = timedelta(hours=6)
LATE_AT_MOST = timedelta(hours=1)  # a dead feed is seen within an hour of the value that did not come


def pause_after(interval_minutes: int, *, failures: int, at_least: int = 0) -> timedelta:
    """Until the next run: the interval, twice as long after each failure, but no longer than six hours then.

    `at_least`: seconds the other side asked for.
    """
    interval = timedelta(minutes=interval_minutes)
    if not failures:
        return interval
    doubled = interval * 2 ** min(failures, 16)
    return max(min(doubled, LONGEST_PAUSE), timedelta(seconds=at_least))


def silent_after(expect_minutes: int) -> timedelta:
    """After the last news, when something new comes every so many minutes: two intervals, or one and an hour."""
    expected = timedelta(minutes=expect_minutes)
    return expected + min(expected, LATE_AT_MOST)
