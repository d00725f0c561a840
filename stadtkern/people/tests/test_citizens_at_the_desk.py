"""Citizens at the desk: their accounts are nobody's business but of who manages people, and every look is kept."""

from datetime import timedelta

import pytest
from django.utils import timezone

from stadtkern.core.models import AuditEntry
from stadtkern.people.domain import belonging, queries
from stadtkern.people.models import Membership, Person
from stadtkern.people.rights import Reach
from stadtkern.people.tests.test_desk import member
from stadtkern.people.words import Role

OTHERS = [role for role in Role if role != Role.ADMINISTRATOR]


def looks_at(person: Person) -> list[int | None]:
    """Who looked at this person's page."""
    seen = AuditEntry.objects.filter(action="people.person_read", subject_kind="person", subject_id=str(person.pk))
    return list(seen.order_by("pk").values_list("actor_id", flat=True))


@pytest.mark.parametrize("role", OTHERS)
def test_counting_numbers_shows_no_citizen_to_anybody_but_administrators(aylin, at_the_desk, role):
    answer = at_the_desk(member(role)).get(f"/desk/personen/{aylin.pk}/")
    assert answer.status_code == 403
    assert aylin.email not in answer.content.decode()


def test_an_administrator_sees_a_citizen_and_leaves_a_line_in_the_log(aylin, ada, at_the_desk):
    assert at_the_desk(ada).get(f"/desk/personen/{aylin.pk}/").status_code == 200
    assert looks_at(aylin) == [ada.pk]


def test_a_look_at_a_colleague_is_kept_too(bernd, kai, at_the_desk):
    assert at_the_desk(bernd).get(f"/desk/personen/{kai.pk}/").status_code == 200
    assert looks_at(kai) == [bernd.pk]


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.CASEWORKER])
def test_who_has_left_is_a_citizen_again(kai, ada, at_the_desk, role):
    belonging.end_membership(kai.memberships.get(), by=ada)
    desk = at_the_desk(member(role, "tiefbauamt"))
    assert desk.get(f"/desk/personen/{kai.pk}/").status_code == 403
    assert kai.email not in desk.get("/desk/personen/?state=all").content.decode()


def test_who_begins_next_month_is_already_listed(kai):
    Membership.objects.filter(person=kai).update(since=timezone.localdate() + timedelta(days=30))
    listed = queries.staff(queries.Wish(text="kai"), reach=Reach(all=True)).items
    assert [person.pk for person in listed] == [kai.pk]


def test_a_citizen_found_by_address_is_kept_in_the_log_and_colleagues_are_not(aylin, ada, bernd, at_the_desk):
    desk = at_the_desk(ada)
    desk.get(f"/desk/personen/?q={bernd.email}")
    assert not AuditEntry.objects.filter(action="people.citizen_found").exists()
    desk.get(f"/desk/personen/?q={aylin.email}")
    kept = AuditEntry.objects.get(action="people.citizen_found")
    assert (kept.actor_id, kept.detail) == (ada.pk, {"persons": [aylin.pk]})
