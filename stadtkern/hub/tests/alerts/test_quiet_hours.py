"""Quiet hours go by the clocks of the city: across midnight, and on the days they are set."""

from datetime import UTC, datetime, time

import pytest

from stadtkern.hub.domain.alerts.telling import is_quiet
from stadtkern.hub.models import Alert, AlertRule
from stadtkern.hub.tests.alerts.acting import rule_for, told, turn, value
from stadtkern.hub.tests.quality.values import moment


@pytest.mark.parametrize(
    ("start", "end", "at", "quiet"),
    [
        (time(22), time(6), datetime(2026, 5, 4, 19, 59, tzinfo=UTC), False),
        (time(22), time(6), datetime(2026, 5, 4, 20, 0, tzinfo=UTC), True),  # 22:00 in summer
        (time(22), time(6), datetime(2026, 5, 4, 22, 30, tzinfo=UTC), True),  # past midnight
        (time(22), time(6), datetime(2026, 5, 5, 3, 59, tzinfo=UTC), True),
        (time(22), time(6), datetime(2026, 5, 5, 4, 0, tzinfo=UTC), False),
        (time(13), time(15), datetime(2026, 5, 4, 12, 0, tzinfo=UTC), True),
        (time(13), time(15), datetime(2026, 5, 4, 13, 0, tzinfo=UTC), False),
        (time(8), time(8), datetime(2026, 5, 4, 6, 0, tzinfo=UTC), False),  # equal ends are never
        # 29 March 2026: at 01:00 UTC the clocks go from 02:00 to 03:00
        (time(22), time(6), datetime(2026, 3, 29, 3, 59, tzinfo=UTC), True),
        (time(22), time(6), datetime(2026, 3, 29, 4, 0, tzinfo=UTC), False),
        (time(2), time(2, 30), datetime(2026, 3, 29, 1, 15, tzinfo=UTC), False),  # this half hour does not exist
        # 25 October 2026: at 01:00 UTC the clocks go from 03:00 back to 02:00
        (time(2), time(2, 30), datetime(2026, 10, 25, 0, 15, tzinfo=UTC), True),
        (time(2), time(2, 30), datetime(2026, 10, 25, 1, 15, tzinfo=UTC), True),  # the same clock again
        (time(22), time(6), datetime(2026, 10, 25, 4, 59, tzinfo=UTC), True),
        (time(22), time(6), datetime(2026, 10, 25, 5, 0, tzinfo=UTC), False),
        (None, None, datetime(2026, 5, 4, 0, 0, tzinfo=UTC), False),
    ],
)
def test_quiet_by_the_citys_clocks(start, end, at, quiet):
    assert is_quiet(AlertRule(quiet_from=start, quiet_until=end), at) is quiet


@pytest.mark.django_db
def test_what_happens_in_quiet_hours_is_told_when_they_end_as_one_message(pond, steward):
    rule_for(pond, steward, quiet_from=time(13), quiet_until=time(16))  # the values come at 14:00 local
    value(pond, 0, 11)
    value(pond, 5, 9)
    value(pond, 10, 11)
    turn(119)
    assert told(steward) == []
    turn(120)
    assert told(steward) == ["Warnung: Hoch, 2 Messreihen"]
    assert "vorbei seit" in steward.contact.notifications.get().body
    assert Alert.objects.filter(told_at=moment(120)).count() == 2


@pytest.mark.django_db
def test_escalation_waits_for_the_end_of_quiet_hours_too(pond, steward, stranger):
    rule_for(
        pond,
        steward,
        escalate_minutes=30,
        escalate_person_id=stranger.pk,
        quiet_from=time(14, 10),
        quiet_until=time(16),
    )
    value(pond, 0, 11)
    turn(60)
    assert told(stranger) == []
    turn(121)
    assert len(told(stranger)) == 1
