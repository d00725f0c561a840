"""Due times: bundles at five, quiet nights, summer time."""

from datetime import UTC, datetime, time

import pytest

from stadtkern.core.clock import local
from stadtkern.threads.domain.due import Quiet, due, quiet_of, slower
from stadtkern.threads.words import Pace

NIGHT = Quiet(time(21), time(7))


def at(text: str) -> datetime:
    """A moment on Bochum's clocks."""
    from zoneinfo import ZoneInfo

    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Europe/Berlin"))


DIGESTS = [
    (Pace.NOW, "2026-03-10 12:00", "2026-03-10 12:00"),
    (Pace.DAILY, "2026-03-10 12:00", "2026-03-10 17:00"),
    (Pace.DAILY, "2026-03-10 17:00", "2026-03-11 17:00"),
    (Pace.DAILY, "2026-03-10 23:59", "2026-03-11 17:00"),
    (Pace.WEEKLY, "2026-03-10 12:00", "2026-03-13 17:00"),  # a Tuesday
    (Pace.WEEKLY, "2026-03-13 16:59", "2026-03-13 17:00"),
    (Pace.WEEKLY, "2026-03-13 17:00", "2026-03-20 17:00"),
    # clocks go forward on 29 March and back on 25 October 2026: five o'clock stays five o'clock
    (Pace.DAILY, "2026-03-28 18:00", "2026-03-29 17:00"),
    (Pace.DAILY, "2026-10-24 18:00", "2026-10-25 17:00"),
    (Pace.WEEKLY, "2026-03-27 18:00", "2026-04-03 17:00"),
    (Pace.WEEKLY, "2026-10-23 18:00", "2026-10-30 17:00"),
]


@pytest.mark.parametrize(("pace", "moment", "expected"), DIGESTS)
def test_digests_come_at_five(pace, moment, expected):
    assert due(at(moment), pace=pace) == at(expected)


def test_the_length_of_the_night_of_the_clock_change_is_right():
    evening = at("2026-03-28 18:00").astimezone(UTC)
    assert (due(evening, pace=Pace.DAILY) - evening).total_seconds() == 22 * 3600  # one hour is missing
    evening = at("2026-10-24 18:00").astimezone(UTC)
    assert (due(evening, pace=Pace.DAILY) - evening).total_seconds() == 24 * 3600


QUIET = [
    ("2026-03-10 20:59", "2026-03-10 20:59"),
    ("2026-03-10 21:00", "2026-03-11 07:00"),
    ("2026-03-10 23:30", "2026-03-11 07:00"),
    ("2026-03-11 00:00", "2026-03-11 07:00"),
    ("2026-03-11 06:59", "2026-03-11 07:00"),
    ("2026-03-11 07:00", "2026-03-11 07:00"),
    ("2026-03-28 23:00", "2026-03-29 07:00"),
    ("2026-12-31 23:00", "2027-01-01 07:00"),
]


@pytest.mark.parametrize(("moment", "expected"), QUIET)
def test_nobody_is_woken(moment, expected):
    assert due(at(moment).astimezone(UTC), pace=Pace.NOW, quiet=NIGHT) == at(expected)


def test_quiet_hours_in_the_daytime():
    noon = Quiet(time(12), time(14))
    assert due(at("2026-03-10 13:00"), pace=Pace.NOW, quiet=noon) == at("2026-03-10 14:00")
    assert due(at("2026-03-10 14:00"), pace=Pace.NOW, quiet=noon) == at("2026-03-10 14:00")


def test_a_digest_waits_for_the_end_of_the_quiet_hours():
    assert due(at("2026-03-10 12:00"), pace=Pace.DAILY, quiet=Quiet(time(16), time(18))) == at("2026-03-10 18:00")


def test_equal_ends_mean_never_quiet():
    assert due(at("2026-03-10 03:00"), pace=Pace.NOW, quiet=Quiet(time(0), time(0))) == at("2026-03-10 03:00")


def test_the_end_of_the_quiet_hours_may_fall_into_the_hour_that_does_not_exist():
    end = due(at("2026-03-29 01:30").astimezone(UTC), pace=Pace.NOW, quiet=Quiet(time(22), time(2, 30)))
    assert local(end.astimezone(UTC)).strftime("%H:%M") == "03:30"


def test_push_is_quiet_at_night_without_a_choice_and_mail_is_not():
    assert quiet_of("push", None, None) == NIGHT
    assert quiet_of("email", None, None) is None
    assert quiet_of("email", time(1), time(2)) == Quiet(time(1), time(2))


def test_the_slower_pace_wins():
    assert slower(Pace.NOW, Pace.DAILY) == slower(Pace.DAILY, Pace.NOW) == Pace.DAILY
    assert slower(Pace.DAILY, Pace.WEEKLY) == Pace.WEEKLY
