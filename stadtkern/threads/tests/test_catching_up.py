"""What was told before the address was confirmed comes in the contact's own rhythm; ending a wish takes no rubbish."""

from datetime import time

import pytest
from django.utils import timezone

from stadtkern.threads.domain.confirming import confirm, confirm_path
from stadtkern.threads.domain.conversation import contact_for, join
from stadtkern.threads.domain.following import follow
from stadtkern.threads.models import Contact, Delivery
from stadtkern.threads.tests.builders import lamp, tell
from stadtkern.threads.words import Pace

NOON = "2026-03-10T11:00:00Z"  # a Tuesday, 12 o'clock in Bochum


@pytest.fixture(autouse=True)
def _noon(time_machine):
    time_machine.move_to(NOON)


@pytest.fixture
def vera(db) -> Contact:
    return contact_for(email="vera@stadtkern.example")


def confirmed(contact: Contact) -> Delivery:
    confirm(confirm_path(contact).rstrip("/").rpartition("/")[2])
    return Delivery.objects.get()


def hours_until(way: Delivery) -> float:
    return (way.due_at - timezone.now()).total_seconds() / 3600


@pytest.mark.parametrize(("pace", "hours"), [(Pace.NOW, 0), (Pace.DAILY, 5), (Pace.WEEKLY, 3 * 24 + 5)])
def test_ones_own_matter_comes_at_the_contacts_pace(vera, mailoutbox, run_jobs, pace, hours):
    thread = lamp()
    join(thread, vera)
    Contact.objects.filter(pk=vera.pk).update(pace=pace)
    tell(vera, thread=thread)
    assert hours_until(confirmed(vera)) == pytest.approx(hours, abs=0.01)
    run_jobs()
    assert len(mailoutbox) == (pace == Pace.NOW)


def test_what_is_followed_once_a_day_waits_for_the_evening(vera):
    follow(vera, "district", value="mitte", pace=Pace.DAILY)
    tell(vera, thread=lamp())
    assert hours_until(confirmed(vera)) == pytest.approx(5, abs=0.01)


def test_quiet_hours_hold_for_it_too(vera, mailoutbox, run_jobs):
    Contact.objects.filter(pk=vera.pk).update(quiet_from=time(11), quiet_until=time(14))
    tell(vera)
    assert hours_until(confirmed(vera)) == pytest.approx(2, abs=0.01)
    run_jobs()
    assert mailoutbox == []


@pytest.mark.parametrize(
    "given", [{"topic": "a\x00b"}, {"topic": "district", "value": "mit\x00te"}, {"topic": "x" * 99}, {}]
)
def test_ending_a_wish_that_cannot_be_one_is_bad_input(visitor, aylin, given):
    assert visitor.signed_in(aylin).post("/mitteilungen/folgen/beenden/", given).status_code == 422
