"""A threshold in sight."""

from datetime import timedelta

import pytest

from stadtkern.core import clock
from stadtkern.hub.domain.alerts import forecasting
from stadtkern.hub.domain.connection import writing
from stadtkern.hub.domain.recording import record
from stadtkern.hub.models import Alert
from stadtkern.hub.tests.alerts.acting import rule_for, told
from stadtkern.hub.tests.quality.values import at, moment


def test_a_straight_line_goes_on_straight():
    assert forecasting.ahead([float(n) for n in range(48)], 3) == pytest.approx([48, 49, 50], abs=0.1)


def test_what_never_changes_stays():
    assert forecasting.ahead([3.0] * 30, 2) == [3.0, 3.0]


def test_missing_hours_lie_on_the_line_between():
    hours = [(moment(0), 1.0), (moment(60), 2.0), (moment(240), 8.0)]
    assert forecasting.without_holes(hours) == [1.0, 2.0, 4.0, 6.0, 8.0]


@pytest.mark.django_db
@pytest.mark.parametrize(("hours_shown", "limit", "raised"), [(40, 43.0, True), (40, 60.0, False), (10, 11.0, False)])
def test_a_rising_pond_is_told_of_before_it_is_full(pond, steward, hours_shown, limit, raised):
    rule_for(pond, steward, name="Teich bald voll", kind="forecast", threshold=limit, seconds=6 * 3600)
    samples = [at(60 * hour, float(hour), datastream_id=pond.pk) for hour in range(hours_shown)]
    now = moment(60 * (hours_shown - 1) + 1)
    with clock.at(now), writing() as connection:
        record(connection, samples)
    with clock.at(now):
        forecasting.forecast_all.func(timestamp=0)
    assert told(steward) == (["Warnung: Teich bald voll, Wasserstand, Teich"] if raised else [])
    if raised:
        assert Alert.objects.get().value > limit
        assert "erwartet, Grenze" in steward.contact.notifications.get().body


@pytest.mark.django_db
def test_a_series_that_ended_has_no_future(pond, steward):
    rule_for(pond, steward, kind="forecast", threshold=43.0)
    with clock.at(moment(60 * 40)), writing() as connection:
        record(connection, [at(60 * hour, float(hour), datastream_id=pond.pk) for hour in range(40)])
    with clock.at(moment(60 * 40) + timedelta(hours=5)):
        forecasting.forecast_all.func(timestamp=0)
    assert told(steward) == []
