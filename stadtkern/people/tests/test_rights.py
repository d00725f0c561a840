"""The table of rights, walked exhaustively: role x action x own house, a house below, another house."""

import itertools
from datetime import timedelta

import pytest
from django.utils import timezone

from stadtkern.core.problems import NotAllowed
from stadtkern.people.domain import matrix
from stadtkern.people.models import Membership, Organisation, Person
from stadtkern.people.rights import NOWHERE, actions, is_staff, may, memberships, reach, require
from stadtkern.people.words import Role, Scope

TODAY = timezone.localdate()
DAY = timedelta(days=1)
OWN = ("people.read", "people.manage", "roles.read", "audit.read", "operation.read")
EVERY = [(role, action.key) for role, action in itertools.product(Role, actions)]


@pytest.fixture
def houses(city):
    return {key: Organisation.objects.get(key=key).pk for key in ("bochum", "tiefbauamt", "usb")}


def member(house: int, role: Role, **given: object) -> Person:
    person = Person.objects.create_user(f"{role}-{house}@stadtkern.example")
    Membership.objects.create(person=person, organisation_id=house, role=role, **given)
    return person


@pytest.mark.parametrize(("role", "action"), EVERY)
def test_the_table_is_the_law(houses, role, action):
    person = member(houses["bochum"], role)
    scope = actions[action].row.get(role, Scope.NONE)
    expected = {"bochum": scope != Scope.NONE, "tiefbauamt": scope != Scope.NONE, "usb": scope == Scope.ALL}
    assert {key: may(person, action, pk) for key, pk in houses.items()} == expected
    assert may(person, action) == (scope != Scope.NONE)


@pytest.mark.parametrize(("role", "action"), EVERY)
def test_own_never_reaches_up_or_sideways(houses, role, action):
    person = member(houses["tiefbauamt"], role)
    everywhere = actions[action].row.get(role, Scope.NONE) == Scope.ALL
    assert may(person, action, houses["bochum"]) == everywhere
    assert may(person, action, houses["usb"]) == everywhere


@pytest.mark.parametrize("action", [action.key for action in actions])
def test_citizens_strangers_and_nobody_may_nothing(aylin, action):
    from django.contrib.auth.models import AnonymousUser

    for somebody in (aylin, AnonymousUser(), None):
        assert reach(somebody, action) == NOWHERE
        with pytest.raises(NotAllowed):
            require(somebody, action)


@pytest.mark.parametrize("action", [action.key for action in actions])
@pytest.mark.parametrize(
    "when",
    [{"until": TODAY - DAY}, {"since": TODAY + DAY}, {"since": TODAY + DAY, "until": TODAY + 9 * DAY}],
    ids=["ended", "future", "future with an end"],
)
def test_a_membership_counts_only_while_it_holds(houses, action, when):
    for role in Role:
        person = member(houses["bochum"], role, **when)
        assert not may(person, action)
        assert not is_staff(person)


@pytest.mark.parametrize("when", [{"since": TODAY}, {"until": TODAY}, {"since": TODAY, "until": TODAY}])
def test_the_first_and_the_last_day_count(houses, when):
    assert may(member(houses["usb"], Role.ADMINISTRATOR, **when), "people.manage")


@pytest.mark.parametrize(("role", "action"), EVERY)
def test_a_locked_person_may_nothing(houses, role, action):
    person = member(houses["bochum"], role)
    person.is_active = False
    assert reach(person, action) == NOWHERE
    assert not is_staff(person)


@pytest.mark.parametrize("action", [action.key for action in actions])
def test_a_session_without_its_second_factor_may_nothing(houses, action):
    for role in Role:
        person = member(houses["bochum"], role)
        person.held_back = True
        assert reach(person, action) == NOWHERE
        assert not is_staff(person)


def test_a_seconded_member_reaches_both_houses_each_by_its_role(houses, clara):
    unit = Organisation.objects.get(key="innovation-unit")
    Membership.objects.create(person=clara, organisation=unit, role=Role.UNIT, home=False)
    mine = reach(clara, "people.read")
    assert mine.organisations >= {houses["usb"], unit.pk}
    assert houses["tiefbauamt"] not in mine.organisations
    assert reach(clara, "roles.read").all, "the unit's right does not depend on the house"


def test_belonging_alone_allows_nothing(houses):
    person = member(houses["usb"], Role.MEMBER)
    assert len(memberships(person)) == 1
    assert not any(may(person, action.key) for action in actions)


@pytest.mark.parametrize("key", OWN)
def test_people_brings_its_own_rows(key):
    assert key in actions
    assert all(isinstance(role, Role) and isinstance(scope, Scope) for role, scope in actions[key].row.items())


def test_every_action_has_a_label_and_somebody_who_may_do_it():
    for action in actions:
        assert str(action.label), action.key
        assert any(scope != Scope.NONE for scope in action.row.values()), action.key
        assert "." in action.key


def test_the_shown_table_says_what_the_law_says():
    shown = {row.action.key: dict(row.cells) for group in matrix.table() for row in group.rows}
    assert set(shown) == {action.key for action in actions}
    for key, row in shown.items():
        assert row == {role: actions[key].row.get(role, Scope.NONE) for role in matrix.roles()}


def test_the_rights_of_a_person_cost_two_queries_however_often_they_are_asked(houses, django_assert_num_queries):
    person = member(houses["bochum"], Role.CASEWORKER)
    with django_assert_num_queries(2):
        reach(person, "people.read")
    with django_assert_num_queries(0):
        may(person, "audit.read")
