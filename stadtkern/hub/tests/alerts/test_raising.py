"""From a value to a message: raised once, told once, over once."""

from datetime import time

import pytest

from stadtkern.core import clock
from stadtkern.core.problems import BadInput, NotAllowed, NotFound
from stadtkern.hub.domain.alerts.rules import acknowledge, alert_for, end_alert_rule, keep_alert_rule
from stadtkern.hub.domain.connection import writing
from stadtkern.hub.domain.recording import record
from stadtkern.hub.models import Alert, AlertDue, AlertState, Latest
from stadtkern.hub.tests.alerts.acting import bring, judge, rule_for, told, turn, turns, value
from stadtkern.hub.tests.cast import datastream, thing
from stadtkern.hub.tests.quality.values import at, moment
from stadtkern.hub.words import Flag
from stadtkern.people.models import Person
from stadtkern.threads.models import Delivery

pytestmark = pytest.mark.django_db


def test_a_value_beyond_the_threshold_is_told_once_and_its_end_too(pond, steward):
    rule_for(pond, steward)
    for minutes, number in [(0, 9), (5, 11), (10, 12), (15, 9), (20, 8)]:
        value(pond, minutes, number)
    turn(30)  # the all-clear came within ten minutes of the warning, and was bundled
    assert told(steward) == [
        "Warnung: Hoch, Wasserstand, Teich",
        "Entwarnung: Hoch, Wasserstand, Teich",
    ]
    alert = Alert.objects.get()
    assert (alert.value, alert.limit, alert.since, alert.raised_at) == (11, 10, moment(5), moment(5))
    assert (alert.over_at, alert.told_at, alert.over_told_at) == (moment(15), moment(5), moment(15))


def test_a_datastream_without_alert_rules_notes_nothing(pond):
    bring(pond, 0, 99)
    assert not AlertDue.objects.exists()


def test_a_value_puts_one_job_on_its_way_however_many_came(pond, steward, run_jobs):
    rule_for(pond, steward)
    judge(0)
    for minutes in range(5):
        bring(pond, minutes, 11)
    assert AlertDue.objects.count() == 5
    with clock.at(moment(5)):
        assert run_jobs() >= 1
    assert not AlertDue.objects.exists()
    assert told(steward) == ["Warnung: Hoch, Wasserstand, Teich"]


def test_every_value_of_a_batch_counts_also_a_peak_that_is_over(pond, steward):
    rule_for(pond, steward)
    with clock.at(moment(20)), writing() as connection:
        record(
            connection, [at(minutes, number, datastream_id=pond.pk) for minutes, number in [(0, 5), (5, 50), (10, 5)]]
        )
    judge(20)
    assert told(steward) == ["Warnung: Hoch, Wasserstand, Teich"]
    alert = Alert.objects.get()
    assert alert.over_at is not None
    turn(40)
    assert len(told(steward)) == 1  # the one message said that it is over


def test_a_new_rule_looks_at_the_newest_value(pond, steward):
    value(pond, 0, 50)
    value(pond, 5, 60)
    rule_for(pond, steward, made=6)
    turn(6)
    assert Alert.objects.get().value == 60
    assert len(told(steward)) == 1


def test_bad_values_and_history_raise_nothing(pond, steward):
    rule_for(pond, steward)
    value(pond, 0, 99, flags=int(Flag.BAD))
    with clock.at(moment(10)), writing() as connection:
        record(connection, [at(-3 * 24 * 60, 99, datastream_id=pond.pk), at(24 * 60, 99, datastream_id=pond.pk)])
    judge(10)
    assert told(steward) == []
    assert not Alert.objects.exists()


def test_a_rate_knows_the_value_before(pond, steward):
    rule_for(pond, steward, name="Steigt", kind="rate", threshold=2.0, seconds=600)
    for minutes, number in [(0, 1), (5, 1.5), (10, 3.5), (15, 3.6)]:
        value(pond, minutes, number)
    assert [(alert.value, alert.over_at) for alert in Alert.objects.all()] == [(3.5, moment(15))]


def test_it_must_last_and_the_clock_sees_that_it_does(pond, steward):
    rule_for(pond, steward, hold_seconds=600)
    value(pond, 0, 5)
    value(pond, 5, 11)
    turns(6, 14)
    assert told(steward) == []
    turn(15)
    assert told(steward) == ["Warnung: Hoch, Wasserstand, Teich"]
    assert Alert.objects.get().since == moment(5)


def test_all_datastreams_of_a_thing_also_those_that_come_later(pond, steward):
    rule_for(pond, steward, datastream_id=None, thing_id=pond.thing_id)
    other = datastream(pond.thing, name="Wassertemperatur")
    from stadtkern.hub.domain.alerts import clock as alerts_clock

    alerts_clock.follow_the_rights.func(timestamp=0)
    value(other, 0, 11)
    assert told(steward) == ["Warnung: Hoch, Wassertemperatur, Teich"]


def test_an_observed_property_reaches_only_what_its_person_may_read(pond, steward, stranger, house):
    prop = pond.observed_property
    mine = datastream(pond.thing, name="Geheim", observed_property=prop, visibility="organisation")
    rules = {
        person: rule_for(pond, person, datastream_id=None, observed_property_id=prop.pk)
        for person in (steward, stranger)
    }
    reached = {
        person: set(AlertState.objects.filter(rule=rule).values_list("datastream_id", flat=True))
        for person, rule in rules.items()
    }
    assert reached[steward] == {pond.pk, mine.pk}
    assert reached[stranger] == {pond.pk}


def test_who_may_not_read_any_more_hears_nothing_more(pond, steward, stranger):
    rule_for(pond, stranger)
    pond.visibility = "organisation"
    pond.save()
    value(pond, 0, 11)
    assert told(stranger) == []


def test_an_acknowledged_alert_is_told_to_nobody_else(pond, steward, stranger):
    rule_for(pond, steward, escalate_minutes=30, escalate_person_id=stranger.pk)
    value(pond, 0, 11)
    with clock.at(moment(10)):
        assert acknowledge([Alert.objects.get().pk], by=steward, note="fahre hin") == 1
    turns(20, 40, 10)
    assert told(stranger) == []
    assert AlertState.objects.get().state == "acknowledged"
    value(pond, 45, 5)
    assert AlertState.objects.get().state == "quiet"


def test_without_an_answer_the_second_in_line_hears_of_it_once(pond, steward, stranger):
    rule_for(pond, steward, escalate_minutes=30, escalate_person_id=stranger.pk)
    value(pond, 0, 11)
    turn(29)
    assert told(stranger) == []
    turns(30, 40, 2)
    assert told(stranger) == ["Warnung ohne Antwort: Hoch, Wasserstand, Teich"]
    assert len(told(steward)) == 1


def test_another_organisation_can_be_second_in_line(pond, steward, stranger):
    house = stranger.memberships.get().organisation
    rule_for(pond, steward, escalate_minutes=1, escalate_organisation_id=house.pk)
    value(pond, 0, 11)
    turn(2)
    assert told(stranger) == ["Warnung ohne Antwort: Hoch, Wasserstand, Teich"]


def test_no_storm_one_message_for_many_places(pond, steward, house):
    prop = pond.observed_property
    ponds = [datastream(thing(organisation=house, name=f"Teich {n}"), observed_property=prop) for n in range(30)]
    rule_for(pond, steward, datastream_id=None, observed_property_id=prop.pk)
    for stream in ponds:
        bring(stream, 0, 11)
    judge(1)
    assert told(steward) == ["Warnung: Hoch, 30 Messreihen"]
    for n in range(2, 9):  # what comes right after waits and is bundled
        value(pond, n, 11 if n % 2 else 9)
    assert len(told(steward)) == 1
    turn(12)
    assert len(told(steward)) <= 3


def test_important_ones_wait_for_nothing(pond, steward):
    rule_for(pond, steward, is_important=True, quiet_from=time(0), quiet_until=time(23, 59))
    value(pond, 0, 11)
    value(pond, 1, 5)
    value(pond, 2, 11)
    assert len(told(steward)) == 3
    mails = Delivery.objects.filter(notification__contact__person=steward)
    assert mails.count() == 3


def test_only_those_who_care_for_data_make_rules_and_see_alerts(pond, steward, stranger, aylin):
    with pytest.raises(NotAllowed):
        rule_for(pond, aylin)
    rule = rule_for(pond, steward)
    value(pond, 0, 11)
    alert = Alert.objects.get()
    assert alert_for(steward, alert.pk) == alert
    with pytest.raises(NotFound):
        alert_for(stranger, alert.pk)
    assert acknowledge([alert.pk], by=stranger) == 0
    with pytest.raises(NotAllowed):
        keep_alert_rule(rule, by=stranger, threshold=1.0)
    with pytest.raises(NotAllowed):
        end_alert_rule(rule, by=stranger)


def test_a_rule_that_ends_is_watched_no_longer(pond, steward):
    rule = rule_for(pond, steward)
    assert Latest.objects.get(pk=pond.pk).watched == 2
    end_alert_rule(rule, by=steward)
    assert Latest.objects.get(pk=pond.pk).watched == 0


def test_a_rule_that_is_switched_off_ends_its_alert_quietly(pond, steward):
    rule = rule_for(pond, steward)
    value(pond, 0, 11)
    keep_alert_rule(rule, by=steward, is_active=False)
    assert Alert.objects.get().over_at is not None
    value(pond, 5, 12)
    turn(60)
    assert len(told(steward)) == 1


@pytest.mark.parametrize(
    ("wishes", "field"),
    [
        ({"datastream_id": None}, "subject"),
        ({"threshold": None}, "threshold"),
        ({"kind": "rate"}, "seconds"),
        ({"clear": 11.0}, "clear"),
        ({"direction": "below", "clear": 9.0}, "clear"),
        ({"quiet_from": time(22)}, "quiet_until"),
        ({"escalate_minutes": 5}, "escalate_minutes"),
        ({"webhook_url": "http://127.0.0.1/x"}, "webhook_url"),
        ({"webhook_url": "ftp://example.org/x"}, "webhook_url"),
    ],
)
def test_a_rule_says_what_is_wrong_with_it(pond, steward, wishes, field):
    with pytest.raises(BadInput) as error:
        rule_for(pond, steward, **wishes)
    assert field in error.value.fields


def test_people_read_values_and_units_in_their_language(pond, steward):
    rule_for(pond, steward)
    value(pond, 0, 11.256)
    body = steward.contact.notifications.get().body
    assert body == "Wasserstand, Teich: 11,256 °C, Grenze 10,0 °C, seit 04.05.2026 14:00"
    Person.objects.filter(pk=steward.pk).update(language="en")
