"""Nothing is forgotten, nobody is told twice."""

from datetime import timedelta

import pytest

from stadtkern.core import clock
from stadtkern.people.models import Organisation
from stadtkern.reports.domain import reminders, retention
from stadtkern.reports.domain.publishing import hide_report
from stadtkern.reports.domain.talking import ask_back
from stadtkern.reports.domain.workflow import hand_over, move_report
from stadtkern.reports.models import Handover, Report
from stadtkern.reports.tests.builders import report
from stadtkern.reports.words import Status
from stadtkern.threads.domain.conversation import contact_for
from stadtkern.threads.models import Notification, Participant

pytestmark = pytest.mark.django_db


def later(**ago):
    return clock.at(clock.now() + timedelta(**ago))


def told(person) -> list[str]:
    return list(Notification.objects.filter(contact__person=person).values_list("topic", flat=True))


def test_a_clock_that_ran_out_is_told_once_to_those_who_can_act(city, bernd, clara, dora, dmitri):
    made = report()
    hand_over(made.pk, to=Organisation.objects.get(key="usb"), by=bernd, words="Das ist Müll.")
    with later(days=5):
        reminders.remind_of_clocks.func(timestamp=0)
        reminders.remind_of_clocks.func(timestamp=0)
    assert told(clara) == ["reports.clock"]
    assert told(dora) == ["reports.clock"]
    assert told(bernd) == []
    assert told(dmitri) == []


def test_a_clock_that_was_taken_is_quiet(city, clara, dora):
    made = report(category="street-dirty")
    move_report(made.pk, to=Status.CHECKED, by=clara)
    with later(days=5):
        reminders.remind_of_clocks.func(timestamp=0)
    assert told(dora) == []


def test_an_ended_membership_is_not_told(city, clara):
    clara.memberships.update(until=clock.now().date() - timedelta(days=1))
    made = report(category="street-dirty")
    with later(days=5):
        reminders.remind_of_clocks.func(timestamp=0)
    assert told(clara) == []
    assert Handover.objects.get(report=made).reminded_at is not None


def test_was_it_solved_is_asked_once_some_days_after(city, aylin, bernd):
    made = report(contact=contact_for(person=aylin))
    move_report(made.pk, to=Status.DONE, by=bernd, told="Gerichtet.")
    with later(days=1):
        reminders.ask_if_solved.func(timestamp=0)
    assert told(aylin) == []
    for days in (4, 5):
        with later(days=days):
            reminders.ask_if_solved.func(timestamp=0)
    assert told(aylin) == ["reports.status"]


def test_a_question_without_answer_lets_the_work_go_on(city, aylin, bernd):
    made = report(contact=contact_for(person=aylin))
    ask_back(made.pk, text="Welche Seite?", by=bernd)
    with later(days=22):
        reminders.end_waiting_for_answers.func(timestamp=0)
    made.refresh_from_db()
    assert made.status == Status.CHECKED


def test_waiting_for_something_else_goes_on_waiting(city, bernd):
    made = report()
    move_report(made.pk, to=Status.WAITING, by=bernd, told="Ersatzteil bestellt.")
    with later(days=60):
        reminders.end_waiting_for_answers.func(timestamp=0)
    made.refresh_from_db()
    assert made.status == Status.WAITING


def test_contacts_leave_closed_matters_but_accounts_stay(city, aylin, bernd):
    anonymous = report(contact=contact_for(email="x@stadtkern.example"))
    owned = report(contact=contact_for(person=aylin))
    for made in (anonymous, owned):
        move_report(made.pk, to=Status.DONE, by=bernd)
    assert retention.contacts_leave(clock.now() + timedelta(days=1)) == 1
    assert [part.thread_id for part in Participant.objects.all()] == [owned.thread_id]


def test_hidden_words_go_and_the_steps_stay(city, dora):
    made = report()
    hide_report(made.pk, because="Beleidigung", by=dora)
    assert retention.hidden_texts_go(clock.now() + timedelta(days=1)) == 1
    made.refresh_from_db()
    assert made.text == ""
    assert made.thread.entries.filter(kind="step").exists()
    assert Report.objects.count() == 1
