"""Was it solved? Every question and every verdict counts, also after the next step and without the person."""

from datetime import UTC, datetime

import pytest

from stadtkern.core import clock
from stadtkern.people.models import Organisation
from stadtkern.reports.domain import reminders
from stadtkern.reports.domain.publishing import publish_report
from stadtkern.reports.domain.satisfaction import Satisfaction, satisfaction
from stadtkern.reports.domain.supporting import support_report, withdraw_report
from stadtkern.reports.domain.talking import confirm_solution
from stadtkern.reports.domain.workflow import hand_over, move_report
from stadtkern.reports.models import Report
from stadtkern.reports.tests.builders import report
from stadtkern.reports.words import Status
from stadtkern.threads.domain.conversation import contact_for, forget_contact
from stadtkern.threads.models import Notification

pytestmark = pytest.mark.django_db
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def done(by, **given) -> Report:
    made = report(**given)
    return move_report(made.pk, to=Status.DONE, by=by, told="Gerichtet.")


def counted() -> Satisfaction:
    (row,) = satisfaction(since=LONG_AGO)
    return row


def test_verdicts_outlive_the_next_step(city, bernd):
    made = done(bernd)
    confirm_solution(made.pk, solved=False, words="Er liegt wieder.")
    move_report(made.pk, to=Status.DONE, by=bernd, told="Noch einmal gerichtet.")
    confirm_solution(made.pk, solved=True)
    move_report(made.pk, to=Status.REOPENED, by=bernd)
    month = f"{clock.local(clock.now()):%Y-%m}"
    assert counted() == Satisfaction(month, "bollard", made.owner_id, asked=0, yes=1, no=1, reopened=2)


def test_the_same_answer_twice_is_one(city, bernd):
    made = done(bernd)
    for _turn in range(2):
        confirm_solution(made.pk, solved=True)
    assert counted().yes == 1


def test_a_verdict_counts_without_the_person(city, bernd, aylin):
    contact = contact_for(person=aylin)
    made = done(bernd, contact=contact)
    confirm_solution(made.pk, solved=True, words="Danke!", contact=contact)
    forget_contact(contact)
    assert counted().yes == 1


def test_it_counts_for_whoever_owned_it(city, bernd, clara):
    made = done(bernd)
    confirm_solution(made.pk, solved=False)
    hand_over(made.pk, to=Organisation.objects.get(key="usb"), by=bernd, words="Doch Müll.")
    assert [row.organisation_id for row in satisfaction(since=LONG_AGO) if row.no] == [made.owner_id]


def test_only_the_reporter_is_asked_and_once(city, bernd, aylin, dmitri):
    reporter, supporter = contact_for(person=aylin), contact_for(person=dmitri)
    made = publish_report(report(contact=reporter).pk, by=None)
    support_report(made.pk, device="telefon", contact=supporter)
    taken_back = report(contact=reporter)
    withdraw_report(taken_back.pk)
    move_report(made.pk, to=Status.DONE, by=bernd, told="Gerichtet.")
    ended = clock.now() - reminders.SOLVED_WINDOW
    Report.objects.update(closed_at=ended)
    for _turn in range(2):
        reminders.ask_if_solved.func(timestamp=0)
    asked = Notification.objects.filter(happening__contains="solved?")
    assert [(row.contact, row.thread) for row in asked] == [(reporter, made.thread)]
    assert counted().asked == 1
