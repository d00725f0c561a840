"""What is kept how long: each rule takes what is too old and nothing else."""

from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.utils import timezone

from stadtkern.core.parts import processors, retention_rules
from stadtkern.core.retention import apply_rules
from stadtkern.people.domain import erasing
from stadtkern.people.models import Membership, Person
from stadtkern.people.tests.test_account import browser_of

NOW = timezone.now()
DAY = timedelta(days=1)


def purge(key: str) -> int:
    rule = retention_rules[key]
    return rule.purge(timezone.now() - rule.keep)


def joined(person: Person, days_ago: int) -> Person:
    Person.objects.filter(pk=person.pk).update(joined_at=NOW - days_ago * DAY)
    return person


def test_the_rules_of_people_can_be_listed():
    mine = {rule.key: rule.keep.days for rule in retention_rules if rule.key.startswith("people.")}
    assert mine == {
        "people.sessions": 1,
        "people.shells": 3 * 365,
        "people.unconfirmed_accounts": 7,
        "people.unconfirmed_addresses": 7,
    }
    assert not [one for one in processors if one.key.startswith("people.")]


def test_sessions_that_ran_out_go_and_open_ones_stay(aylin, run_jobs):
    open_one = browser_of(aylin, run_jobs)
    stale = browser_of(aylin, run_jobs)
    Session.objects.filter(pk=stale.session.session_key).update(expire_date=NOW - 2 * DAY)
    UserSession.objects.update(created_at=NOW - 2 * DAY)
    assert purge("people.sessions") == 2, "the session and its line in the list"
    assert [one.session_key for one in UserSession.objects.all()] == [open_one.session.session_key]
    assert open_one.get("/konto/").status_code == 200


@pytest.mark.parametrize(("days", "gone"), [(6, False), (8, True)])
def test_accounts_that_nobody_confirmed_go(city, visitor, days, gone):
    visitor.post("/konto/anmelden/signup/", {"email": "neu@stadtkern.example"})
    joined(Person.objects.get(email="neu@stadtkern.example"), days)
    purge("people.unconfirmed_accounts")
    assert Person.objects.filter(email="neu@stadtkern.example").exists() != gone


def test_confirmed_accounts_and_invited_staff_stay(aylin, bernd, dmitri):
    EmailAddress.objects.create(user=aylin, email=aylin.email, verified=True, primary=True)
    Person.objects.filter(pk=dmitri.pk).update(last_login=NOW)
    for person in (aylin, bernd, dmitri):
        joined(person, 400)
    assert purge("people.unconfirmed_accounts") == 0
    assert Person.objects.filter(pk__in=[aylin.pk, bernd.pk, dmitri.pk]).count() == 3


def test_second_addresses_that_were_never_confirmed_go(aylin, dmitri):
    for person in (aylin, dmitri):
        EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
        EmailAddress.objects.create(user=person, email=f"second-{person.email}", verified=False)
    joined(aylin, 30)
    joined(dmitri, 30)
    Person.objects.filter(pk=dmitri.pk).update(last_login=NOW)
    assert purge("people.unconfirmed_addresses") == 1
    assert EmailAddress.objects.filter(user=aylin).count() == 1
    assert EmailAddress.objects.filter(user=dmitri).count() == 2


def test_shells_go_when_nothing_points_to_them(aylin, dmitri):
    for person in (aylin, dmitri):
        erasing.erase_person(person)
    Person.objects.filter(pk=aylin.pk).update(erased_at=NOW - 4 * 365 * DAY)
    assert purge("people.shells") == 1
    assert not Person.objects.filter(pk=aylin.pk).exists()
    assert Person.objects.filter(pk=dmitri.pk).exists()


def test_what_another_table_still_needs_stays_and_holds_up_nobody(aylin, dmitri, monkeypatch):
    from django.db import IntegrityError

    for person in (aylin, dmitri):
        erasing.erase_person(person)
    Person.objects.update(erased_at=NOW - 4 * 365 * DAY)
    whole = Person.delete

    def delete(person: Person) -> object:
        if person.pk == aylin.pk:
            raise IntegrityError("a row of another module points here")
        return whole(person)

    monkeypatch.setattr(Person, "delete", delete)
    assert purge("people.shells") == 1


def test_an_unused_membership_is_no_reason_to_keep_a_shell(bernd):
    Membership.objects.filter(person=bernd).update(until=NOW.date() - 400 * DAY)
    erasing.erase_person(bernd)
    Person.objects.filter(pk=bernd.pk).update(erased_at=NOW - 4 * 365 * DAY)
    assert purge("people.shells") == 1


def test_the_nightly_turn_runs_them_all(city):
    taken = apply_rules()
    assert all(count >= 0 for key, count in taken.items() if key.startswith("people."))
