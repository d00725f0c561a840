"""Nothing is forgotten, nobody is told twice."""

from datetime import timedelta

import pytest

from stadtkern.core import clock
from stadtkern.people.models import Organisation
from stadtkern.reports.domain import reminders, retention
from stadtkern.reports.domain.publishing import hide_report
from stadtkern.reports.domain.supporting import withdraw_report
from stadtkern.reports.domain.talking import ask_back, citizen_says
from stadtkern.reports.domain.workflow import assign_report, hand_over, move_report
from stadtkern.reports.models import Handover, Report
from stadtkern.reports.tests.builders import POTHOLE, report
from stadtkern.reports.words import Source, Status
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


def test_without_an_answer_an_assigned_report_goes_on_as_with_one(city, aylin, bernd):
    made = report(contact=contact_for(person=aylin))
    assign_report(made.pk, to=bernd, by=bernd)
    ask_back(made.pk, text="Welche Seite?", by=bernd)
    with later(days=22):
        reminders.end_waiting_for_answers.func(timestamp=0)
    made.refresh_from_db()
    assert made.status == Status.IN_WORK


def test_questions_behind_many_that_wait_for_something_else_are_reached(city, aylin, bernd, monkeypatch):
    monkeypatch.setattr(reminders, "MOST", 2)
    for _turn in range(3):
        move_report(report().pk, to=Status.WAITING, by=bernd, told="Ersatzteil bestellt.")
    asked = report(contact=contact_for(person=aylin))
    ask_back(asked.pk, text="Welche Seite?", by=bernd)
    with later(days=22):
        reminders.end_waiting_for_answers.func(timestamp=0)
    asked.refresh_from_db()
    assert asked.status == Status.CHECKED


def test_who_is_in_charge_is_told_once_of_everything_that_falls_due(city, bernd, clara, dora, monkeypatch):
    monkeypatch.setattr(reminders, "MOST", 2)
    for _turn in range(5):
        assign_report(report().pk, to=bernd, by=bernd)
    with later(days=60):
        for _night in range(2):
            reminders.remind_of_due_dates.func(timestamp=0)
    assert told(bernd) == ["reports.clock"] * 5
    assert told(clara) == told(dora) == []


def test_who_takes_over_an_overdue_matter_is_told_too(city, bernd, kai):
    made = report()
    assign_report(made.pk, to=bernd, by=bernd)
    with later(days=60):
        reminders.remind_of_due_dates.func(timestamp=0)
        Report.objects.filter(pk=made.pk).update(assignee=kai)
        reminders.remind_of_due_dates.func(timestamp=0)
    assert told(bernd) == told(kai) == ["reports.clock"]


def test_what_falls_due_without_anybody_in_charge_is_told_to_the_organisation(city, bernd, clara, dora, dmitri):
    made = [report(), report()]
    report(source=Source.IMPORT)
    due = min(one.due_at for one in made)
    with clock.at(due - timedelta(hours=3)):
        for _turn in range(2):
            reminders.remind_of_due_dates.func(timestamp=0)
    assert Notification.objects.get(contact__person=bernd).title == "Fällig und ohne Zuständige: 2 Meldungen"
    assert told(dora) == ["reports.clock"]
    assert told(clara) == told(dmitri) == []


def test_nobody_is_asked_about_what_was_taken_over(city, aylin, bernd):
    made = report(contact=contact_for(person=aylin), source=Source.IMPORT)
    move_report(made.pk, to=Status.DONE, by=bernd, told="Gerichtet.")
    with later(days=4):
        reminders.ask_if_solved.func(timestamp=0)
    assert told(aylin) == []


def test_was_it_solved_reaches_the_last_page(city, aylin, bernd, monkeypatch):
    monkeypatch.setattr(reminders, "MOST", 1)
    for _turn in range(3):
        made = report(contact=contact_for(person=aylin))
        move_report(made.pk, to=Status.DONE, by=bernd, told="Gerichtet.")
    with later(days=4):
        reminders.ask_if_solved.func(timestamp=0)
    assert len(told(aylin)) == 3


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


def test_hidden_reports_without_a_text_of_their_own_are_emptied_too(city, aylin, bernd, dora):
    made = report(**POTHOLE, address="Rathausplatz 1", contact=contact_for(person=aylin))
    citizen_says(made.pk, text="Mein Nachbar war es.", contact=contact_for(person=aylin))
    hide_report(made.pk, because="Name genannt", by=dora)
    Report.objects.update(text="", public_text="Der Nachbar", place_note="bei Kaya klingeln")
    tomorrow = clock.now() + timedelta(days=1)
    assert retention.hidden_texts_go(tomorrow) == 1
    made.refresh_from_db()
    assert (made.public_text, made.place_note, made.address, made.answers) == ("", "", "", {})
    assert made.lat is not None
    assert [entry.text for entry in made.thread.entries.filter(kind="message")] == [""]
    assert made.thread.entries.get(kind="note").text == "Verborgen: Name genannt"
    assert retention.hidden_texts_go(tomorrow) == 0


def test_what_was_taken_back_is_emptied_and_what_is_public_stays(city, bernd):
    taken_back, public = report(), report()
    withdraw_report(taken_back.pk)
    move_report(public.pk, to=Status.DONE, by=bernd, told="Gerichtet.")
    assert retention.hidden_texts_go(clock.now() + timedelta(days=1)) == 1
    assert [bool(one.text) for one in Report.objects.order_by("pk")] == [False, True]
