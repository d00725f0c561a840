"""A feed that falls silent is seen within an hour, told once, and its return too."""

from datetime import timedelta

import pytest

from stadtkern.hub.domain.alerts import telling
from stadtkern.hub.domain.connection import writing
from stadtkern.hub.domain.recording import record
from stadtkern.hub.models import Alert, AlertRule, AlertState
from stadtkern.hub.tests.alerts.acting import bring, rule_for, told, turn, turns
from stadtkern.hub.tests.cast import datastream, thing
from stadtkern.hub.tests.quality.values import at, moment

pytestmark = pytest.mark.django_db


def alive(stream, start: float, end: float, step: float = 5) -> None:
    """Values come and the clock goes, until the feed stops."""
    minutes = start
    while minutes <= end:
        bring(stream, minutes, 1.0)
        turn(minutes)
        minutes += step


def test_a_silent_feed_is_seen_within_an_hour_and_told_once_and_then_over(pond, steward, stranger):
    alive(pond, 0, 30)
    turns(31, 30 + 90, 1)
    assert told(steward) == ["Warnung: Messreihe schweigt, Wasserstand, Teich"]
    alert = Alert.objects.get()
    assert alert.since == moment(30)
    assert alert.raised_at - moment(30) <= timedelta(hours=1)
    alive(pond, 125, 145)
    assert told(steward) == [
        "Warnung: Messreihe schweigt, Wasserstand, Teich",
        "Entwarnung: Messreihe schweigt, Wasserstand, Teich",
    ]
    assert told(stranger) == []


@pytest.mark.parametrize("interval", [60, 600, 3600, 86_400])
def test_whatever_the_interval_the_missing_value_is_told_within_the_hour(house, steward, interval):
    stream = datastream(thing(organisation=house), interval_seconds=interval)
    minutes = interval / 60
    bring(stream, 0, 1.0)
    for quarter in range(0, int(minutes) + 60, 4):
        turn(quarter)
    turn(minutes + 60)
    assert len(told(steward)) == 1
    assert Alert.objects.get().raised_at <= moment(minutes) + timedelta(hours=1)


def test_what_repeats_old_values_is_silent_too(pond, steward):
    alive(pond, 0, 30)
    for minutes in range(35, 95, 5):
        with writing() as connection:
            record(connection, [at(30, 1.0, datastream_id=pond.pk)])
        turn(minutes)
    assert len(told(steward)) == 1


def test_loaded_history_was_never_alive(pond, steward):
    with writing() as connection:
        record(connection, [at(-60 * 24 * 90 + 5 * n, 1.0, datastream_id=pond.pk) for n in range(20)])
    turns(0, 180, 20)
    assert not AlertState.objects.exists()
    assert told(steward) == []


def test_without_an_interval_nobody_knows_what_silence_is(house, steward):
    stream = datastream(thing(organisation=house))
    bring(stream, 0, 1.0)
    turns(0, 300, 30)
    assert told(steward) == []


def test_our_own_standstill_is_no_silence_of_others(pond, steward):
    alive(pond, 0, 30)
    turn(300)  # the hub was off for hours
    bring(pond, 304, 1.0)
    turns(301, 310)
    assert told(steward) == []


@pytest.mark.parametrize("jump", [-600, 600])
def test_a_clock_that_jumps_raises_nothing_by_itself(pond, steward, jump):
    alive(pond, 0, 30)
    turn(30 + jump)
    alive(pond, 31 + jump, 60 + jump)
    assert told(steward) == []


def test_a_dead_feed_is_still_found_after_a_standstill(pond, steward):
    alive(pond, 0, 30)
    turns(300, 330)
    assert len(told(steward)) == 1


def test_many_silent_feeds_of_a_house_are_one_message(pond, steward, house):
    others = [datastream(thing(organisation=house, name=f"Teich {n}"), interval_seconds=300) for n in range(20)]
    for minutes in (0, 5):
        for stream in (pond, *others):
            bring(stream, minutes, 1.0)
        turn(minutes)
    turns(6, 60)
    assert told(steward) == ["Warnung: Messreihe schweigt, 21 Messreihen"]


def test_each_house_hears_of_its_own(pond, steward, stranger):
    house = stranger.memberships.get().organisation
    other = datastream(thing(organisation=house, name="Container"), name="Füllstand", interval_seconds=300)
    for stream in (pond, other):
        bring(stream, 0, 1.0)
    turns(0, 40)
    assert told(steward) == ["Warnung: Messreihe schweigt, Wasserstand, Teich"]
    assert told(stranger) == ["Warnung: Messreihe schweigt, Füllstand, Container"]


def test_without_stewards_those_who_care_for_everything_hear_of_it(city, ada):
    stream = datastream(interval_seconds=300)  # belongs to nobody
    bring(stream, 0, 1.0)
    turns(0, 40)
    assert len(told(ada)) == 1


def test_an_own_rule_takes_the_place_of_the_one_of_the_house(pond, steward):
    alive(pond, 0, 10)
    rule_for(pond, steward, name="Teich stumm", kind="silence", seconds=7200)
    turns(11, 100)
    assert told(steward) == []
    turns(101, 140)
    assert told(steward) == ["Warnung: Teich stumm, Wasserstand, Teich"]


def test_a_switched_off_own_rule_says_never(pond, steward):
    alive(pond, 0, 10)
    rule_for(pond, steward, kind="silence", seconds=7200, is_active=False)
    turns(11, 300, 5)
    assert told(steward) == []


def test_there_is_one_rule_of_the_house(city):
    turn(0)
    turn(1)
    assert AlertRule.objects.get().is_default
    assert telling.waiting_rules() == []
