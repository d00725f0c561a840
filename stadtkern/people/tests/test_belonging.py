"""Memberships begin and end; a seconded member keeps the home organisation."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from stadtkern.core.models import AuditEntry
from stadtkern.core.problems import BadInput, Conflict
from stadtkern.people.domain import belonging
from stadtkern.people.models import Membership, Organisation, Person
from stadtkern.people.rights import memberships
from stadtkern.people.words import Role

TODAY = timezone.localdate()
DAY = timedelta(days=1)


def house(key: str) -> Organisation:
    return Organisation.objects.get(key=key)


def fresh(person: Person) -> Person:
    return Person.objects.get(pk=person.pk)


def test_a_seconded_member_keeps_the_home_organisation_and_the_rest_of_the_time(clara, ada):
    belonging.add_membership(clara, house("innovation-unit"), Role.UNIT, by=ada, home=False, share=60)
    clara = fresh(clara)
    assert belonging.home_of(clara).key == "usb"
    assert {m.organisation.key: (m.home, m.share) for m in memberships(clara)} == {
        "usb": (True, 40),
        "innovation-unit": (False, 60),
    }


def test_a_new_home_takes_the_place_of_the_old_one(clara, ada):
    belonging.add_membership(clara, house("stadtwerke"), Role.CASEWORKER, by=ada)
    assert belonging.home_of(fresh(clara)).key == "stadtwerke"
    assert Membership.objects.filter(person=clara, home=True).count() == 1


def test_who_belongs_nowhere_has_no_home(aylin):
    assert belonging.home_of(aylin) is None


def test_an_ended_membership_no_longer_counts_and_stays_known(bernd, ada):
    belonging.end_membership(bernd.memberships.get(), by=ada)
    assert memberships(fresh(bernd)) == []
    assert bernd.memberships.get().until == TODAY - DAY


def test_a_membership_that_has_not_begun_can_be_ended(aylin, ada):
    made = belonging.add_membership(aylin, house("usb"), Role.CREW, by=ada, since=TODAY + 30 * DAY)
    belonging.end_membership(made, by=ada)
    assert memberships(fresh(aylin)) == []


def test_what_ended_can_begin_again(bernd, ada):
    belonging.end_membership(bernd.memberships.get(), by=ada)
    again = belonging.add_membership(bernd, house("tiefbauamt"), Role.CASEWORKER, by=ada, since=TODAY)
    assert (again.until, len(memberships(fresh(bernd)))) == (None, 1)


def test_the_same_role_twice_is_refused(bernd, ada):
    with pytest.raises(Conflict):
        belonging.add_membership(bernd, house("tiefbauamt"), Role.CASEWORKER, by=ada)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"share": 0}, "share"),
        ({"share": 101}, "share"),
        ({"since": TODAY, "until": TODAY - DAY}, "until"),
    ],
)
def test_wrong_facts_name_their_field(aylin, ada, wrong, field):
    with pytest.raises(BadInput) as refused:
        belonging.add_membership(aylin, house("usb"), Role.CREW, by=ada, **wrong)
    assert field in refused.value.fields
    assert not aylin.memberships.exists()


def test_a_switched_off_house_takes_nobody(aylin, ada):
    Organisation.objects.filter(key="usb").update(is_active=False)
    with pytest.raises(BadInput):
        belonging.add_membership(aylin, house("usb"), Role.CREW, by=ada)


def test_the_last_administrator_stays(ada, bernd):
    with pytest.raises(Conflict):
        belonging.end_membership(ada.memberships.get(), by=bernd)
    with pytest.raises(Conflict):
        belonging.deactivate(ada, by=bernd)
    belonging.add_membership(bernd, house("bochum"), Role.ADMINISTRATOR, by=ada)
    belonging.deactivate(ada, by=bernd)
    assert not fresh(ada).is_active


def test_a_future_administrator_does_not_count_as_one(ada, bernd):
    belonging.add_membership(bernd, house("bochum"), Role.ADMINISTRATOR, by=ada, since=TODAY + DAY)
    with pytest.raises(Conflict):
        belonging.end_membership(ada.memberships.get(), by=bernd)


def test_nobody_locks_their_own_account(ada):
    with pytest.raises(Conflict):
        belonging.deactivate(ada, by=ada)


def test_locking_ends_every_session_at_once(bernd, ada, visitor):
    at_the_desk = visitor.signed_in(bernd)
    assert at_the_desk.get("/konto/").status_code == 200
    belonging.deactivate(bernd, by=ada)
    assert at_the_desk.get("/konto/").status_code == 302
    belonging.reactivate(bernd, by=ada)
    assert fresh(bernd).is_active
    assert at_the_desk.get("/konto/").status_code == 302, "the old session does not come back to life"


def test_an_erased_account_is_not_opened_again(aylin, ada):
    Person.objects.filter(pk=aylin.pk).update(erased_at=timezone.now(), is_active=False)
    with pytest.raises(Conflict):
        belonging.reactivate(fresh(aylin), by=ada)


def test_an_invited_person_is_one_person_however_the_address_is_written(aylin, ada):
    assert belonging.invite("AYLIN@stadtkern.example", name="A.", by=ada) == aylin
    assert fresh(aylin).name == "Aylin", "what somebody calls themselves is not overwritten"
    new = belonging.invite("Neu@stadtkern.example", name="Neu", by=ada)
    assert (new.email, new.has_usable_password()) == ("neu@stadtkern.example", False)
    assert not new.emailaddress_set.get().verified


def test_every_step_stands_in_the_audit_log_without_names(ada):
    new = belonging.invite("neu@stadtkern.example", name="Neu", by=ada)
    made = belonging.add_membership(new, house("usb"), Role.CREW, by=ada)
    belonging.end_membership(made, by=ada)
    belonging.deactivate(new, by=ada)
    belonging.reactivate(new, by=ada)
    lines = AuditEntry.objects.filter(actor_id=ada.pk, subject_kind="person", subject_id=str(new.pk)).order_by("pk")
    assert [line.action.removeprefix("people.") for line in lines] == [
        "person_invited", "membership_added", "membership_ended", "person_deactivated", "person_reactivated",
    ]  # fmt: skip
    assert "neu@" not in str([line.detail for line in lines])


def test_the_first_administrator_comes_from_the_command_line(city):
    call_command("add_member", "chefin@bochum.example", "bochum", "administrator", "--name", "Chefin")
    person = Person.objects.get(email="chefin@bochum.example")
    assert [m.role for m in memberships(person)] == [Role.ADMINISTRATOR]
    for wrong in (["x@y.example", "atlantis", "crew"], ["no-address", "bochum", "crew"]):
        with pytest.raises(CommandError):
            call_command("add_member", *wrong)
    with pytest.raises(CommandError, match="hat diese Rolle"):
        call_command("add_member", "chefin@bochum.example", "bochum", "administrator")
