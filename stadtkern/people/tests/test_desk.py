"""The desk's pages about people: rights, persons, organisations; who may open them, what they cost."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from stadtkern.core.models import AuditEntry
from stadtkern.core.parts import menu, subjects
from stadtkern.people.domain import belonging, queries, sessions
from stadtkern.people.models import Membership, Organisation, Person
from stadtkern.people.rights import Reach, actions
from stadtkern.people.tests.conftest import give_app
from stadtkern.people.words import Role, Scope

PAGES = {
    "/desk/rechte/": "roles.read",
    "/desk/protokoll/": "audit.read",
    "/desk/personen/": "people.read",
    "/desk/organisationen/": "people.read",
    "/desk/personen/neu/": "people.manage",
}
EVERYWHERE = Reach(all=True)


def member(role: Role, house: str = "bochum", **given: object) -> Person:
    person = Person.objects.create_user(f"{role}@stadtkern.example", name=str(role))
    Membership.objects.create(person=person, organisation=Organisation.objects.get(key=house), role=role, **given)
    return person


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("role", Role)
def test_each_page_opens_for_the_roles_of_the_table_and_nobody_else(city, at_the_desk, path, role):
    allowed = actions[PAGES[path]].row.get(role, Scope.NONE) != Scope.NONE
    assert at_the_desk(member(role)).get(path).status_code == (200 if allowed else 403)


@pytest.mark.parametrize("path", PAGES)
def test_citizens_are_refused_and_strangers_sent_to_the_door(at_the_desk, visitor, aylin, path):
    assert at_the_desk(aylin).get(path).status_code == 403
    assert visitor.get(path).status_code == 302


def test_the_menu_names_only_pages_that_open():
    mine = {item.url_name: item.action for item in menu if item.key.startswith("people.")}
    assert mine == {
        "people:account": "",
        "people:persons": "people.read",
        "people:organisations": "people.read",
        "people:rights": "roles.read",
        "people:audit": "audit.read",
    }


def test_the_table_of_rights_names_every_action_and_role(at_the_desk, ada):
    page = at_the_desk(ada).get("/desk/rechte/").content.decode()
    for action in actions:
        assert f">{action.key}<" in page
    for role in Role:
        assert (f'<th scope="col">{role.label}</th>' in page) == (role != Role.MEMBER)


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_of_persons_costs_two_queries(city, rows, django_assert_num_queries):
    for n in range(rows):
        person = Person.objects.create_user(f"n{n}@stadtkern.example")
        for key in ("usb", "bogestra"):
            Membership.objects.create(person=person, organisation=Organisation.objects.get(key=key), role=Role.CREW)
    with django_assert_num_queries(2):
        page = queries.staff(queries.Wish(), reach=EVERYWHERE)
        assert len(page.items) == rows
        assert all(m.organisation.short for one in page.items for m in one.memberships.all())


@pytest.mark.parametrize("rows", [1, 3])
def test_the_page_of_persons_costs_the_same_for_one_and_three(at_the_desk, ada, rows, django_assert_max_num_queries):
    for n in range(rows):
        belonging.add_membership(
            Person.objects.create_user(f"n{n}@stadtkern.example"),
            Organisation.objects.get(key="usb"), Role.CREW, by=ada,
        )  # fmt: skip
    desk = at_the_desk(ada)
    with django_assert_max_num_queries(8):
        assert desk.get("/desk/personen/").status_code == 200


@pytest.mark.django_db
def test_the_tree_of_organisations_costs_one_query(city, django_assert_num_queries):
    with django_assert_num_queries(1):
        branches = queries.tree()
    keys = [branch.organisation.key for branch in branches]
    assert len(keys) == len(set(keys)) == Organisation.objects.count()
    house = keys.index("bochum")
    assert branches[keys.index("tiefbauamt")].depth == 1
    assert keys.index("tiefbauamt") > house


def test_the_tree_counts_people_of_today(bernd, kai, ada):
    Membership.objects.filter(person=kai).update(until=timezone.localdate() - timedelta(days=1))
    Membership.objects.create(person=bernd, organisation=bernd.memberships.get().organisation, role=Role.CREW)
    counted = {branch.organisation.key: branch.people for branch in queries.tree()}
    assert (counted["tiefbauamt"], counted["bochum"]) == (1, 1)


@pytest.mark.parametrize(
    ("wish", "found"),
    [
        ({}, {"ada", "bernd", "clara"}),
        ({"text": "BERN"}, {"bernd"}),
        ({"text": "clara@stadtkern"}, {"clara"}),
        ({"role": "caseworker"}, {"bernd", "clara"}),
        ({"role": "administrator", "text": "clara"}, set()),
        ({"state": "inactive"}, {"kai"}),
        ({"state": "all"}, {"ada", "bernd", "clara", "kai"}),
    ],
)
def test_the_list_is_filtered(ada, bernd, clara, kai, aylin, wish, found):
    Person.objects.filter(pk=kai.pk).update(is_active=False)
    page = queries.staff(queries.Wish(**wish), reach=EVERYWHERE)
    assert {person.name.lower() for person in page.items} == found


def test_a_caseworker_sees_only_colleagues(at_the_desk, bernd, clara):
    page = at_the_desk(bernd).get("/desk/personen/").content.decode()
    assert "bernd@" in page
    assert "clara@" not in page
    assert at_the_desk(bernd).get(f"/desk/personen/{clara.pk}/").status_code == 403
    own = at_the_desk(bernd).get(f"/desk/personen/{bernd.pk}/").content.decode()
    assert "Rolle geben" not in own


def test_citizens_are_found_only_by_their_exact_address_and_only_by_who_manages(at_the_desk, ada, bernd, aylin):
    desk = at_the_desk(ada)
    assert "aylin@" not in desk.get("/desk/personen/?q=aylin").content.decode()
    assert f"/desk/personen/{aylin.pk}/" in desk.get(f"/desk/personen/?q={aylin.email}").content.decode()
    other = at_the_desk(bernd).get(f"/desk/personen/?q={aylin.email}").content.decode()
    assert f"/desk/personen/{aylin.pk}/" not in other


def test_a_strange_filter_shows_the_list_and_says_what_is_wrong(at_the_desk, ada):
    for query in ("organisation=atlantis", "role=king", "state=x", "after=rubbish", "q=%00"):
        assert at_the_desk(ada).get(f"/desk/personen/?{query}").status_code in {200, 400}, query


def test_the_list_pages_without_losing_anybody(city, monkeypatch):
    monkeypatch.setattr(queries, "PER_PAGE", 2)
    usb = Organisation.objects.get(key="usb")
    for n in range(5):
        Membership.objects.create(
            person=Person.objects.create_user(f"n{n}@stadtkern.example"), organisation=usb, role=Role.CREW
        )
    seen, after = [], None
    while True:
        page = queries.staff(queries.Wish(), reach=EVERYWHERE, after=after)
        seen += [person.email for person in page.items]
        if not (after := page.next):
            break
    assert seen == [f"n{n}@stadtkern.example" for n in range(5)]


def test_a_colleague_is_taken_in_and_gets_a_role(at_the_desk, ada):
    desk = at_the_desk(ada)
    answer = desk.post("/desk/personen/neu/", {"email": "Neu@stadtkern.example", "name": "Neu Hier"})
    new = Person.objects.get(email="neu@stadtkern.example")
    assert answer.headers["Location"] == f"/desk/personen/{new.pk}/"
    usb = Organisation.objects.get(key="usb").pk
    given = {"organisation": usb, "role": "crew", "share": 50, "seconded": "on", "since": "2026-01-01", "until": ""}
    desk.post(f"/desk/personen/{new.pk}/rolle/", given)
    made = new.memberships.get()
    assert (made.role, made.share, made.home, made.since) == ("crew", 50, False, date(2026, 1, 1))
    page = desk.get(f"/desk/personen/{new.pk}/").content.decode()
    assert "USB Bochum" in page


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"organisation": ""}, "organisation"),
        ({"organisation": "999999"}, "organisation"),
        ({"role": "king"}, "role"),
        ({"share": "0"}, "share"),
        ({"share": "many"}, "share"),
        ({"since": "2026-02-30"}, "since"),
        ({"since": "2026-02-01", "until": "2026-01-01"}, "until"),
    ],
)
def test_a_wrong_role_comes_back_with_what_was_typed(at_the_desk, ada, bernd, wrong, field):
    given = {"organisation": Organisation.objects.get(key="usb").pk, "role": "crew", "share": "70"} | wrong
    page = at_the_desk(ada).post(f"/desk/personen/{bernd.pk}/rolle/", given)
    assert (page.status_code, list(page.context["form"].errors)) == (422, [field])
    assert page.context["form"]["share"].value() == given["share"]
    assert bernd.memberships.count() == 1


def test_a_role_somebody_has_is_refused_on_the_same_page(at_the_desk, ada, bernd):
    held = bernd.memberships.get()
    given = {"organisation": held.organisation_id, "role": held.role, "share": "100"}
    page = at_the_desk(ada).post(f"/desk/personen/{bernd.pk}/rolle/", given)
    assert (page.status_code, "hat diese Rolle dort schon" in page.content.decode()) == (422, True)


def test_nobody_is_seconded_to_a_house_outside_the_city(at_the_desk, ada, bernd):
    given = {"organisation": Organisation.objects.get(key="polizei").pk, "role": "crew", "share": "100"}
    assert at_the_desk(ada).post(f"/desk/personen/{bernd.pk}/rolle/", given).status_code == 422


def test_a_role_is_ended_by_a_button(at_the_desk, ada, bernd, clara):
    held = bernd.memberships.get()
    desk = at_the_desk(ada)
    assert desk.post(f"/desk/personen/{clara.pk}/rolle/{held.pk}/beenden/").status_code == 404, "not Clara's"
    desk.post(f"/desk/personen/{bernd.pk}/rolle/{held.pk}/beenden/")
    assert "beendet" in desk.get(f"/desk/personen/{bernd.pk}/").content.decode()


def test_locking_opening_signing_out_and_helping_with_a_lost_phone(at_the_desk, ada, bernd):
    desk = at_the_desk(ada)
    give_app(bernd)
    for deed in ("abmelden", "zweiter-faktor", "sperren", "entsperren"):
        assert desk.post(f"/desk/personen/{bernd.pk}/{deed}/").status_code == 302, deed
    assert not bernd.authenticator_set.exists()
    assert sessions.of(bernd) == []
    told = (
        AuditEntry.objects.filter(actor_id=ada.pk, subject_id=str(bernd.pk))
        .order_by("pk")
        .values_list("action", flat=True)
    )
    assert [action.removeprefix("people.") for action in told] == [
        "sessions_ended", "second_factor_reset", "person_deactivated", "person_reactivated",
    ]  # fmt: skip


@pytest.mark.parametrize("deed", ["sperren", "entsperren", "abmelden", "zweiter-faktor", "rolle"])
@pytest.mark.parametrize("role", [role for role in Role if role != Role.ADMINISTRATOR])
def test_only_administrators_change_an_account(city, at_the_desk, bernd, role, deed):
    desk = at_the_desk(member(role))
    assert desk.post(f"/desk/personen/{bernd.pk}/{deed}/").status_code == 403
    held = bernd.memberships.get()
    assert desk.post(f"/desk/personen/{bernd.pk}/rolle/{held.pk}/beenden/").status_code == 403
    assert Person.objects.get(pk=bernd.pk).is_active
    assert Membership.objects.get(pk=held.pk).until is None


def test_what_is_not_there_is_not_found(at_the_desk, ada, bernd):
    desk = at_the_desk(ada)
    assert desk.get("/desk/personen/999999/").status_code == 404
    assert desk.post(f"/desk/personen/{bernd.pk}/befoerdern/").status_code == 404
    assert desk.get(f"/desk/personen/{bernd.pk}/sperren/").status_code == 405


def test_the_last_administrator_gets_a_readable_no(at_the_desk, ada):
    page = at_the_desk(ada).post(f"/desk/personen/{ada.pk}/rolle/{ada.memberships.get().pk}/beenden/")
    assert (page.status_code, "letzte Administration" in page.content.decode()) == (409, True)


def test_persons_and_organisations_are_subjects_for_others(bernd, aylin):
    aylin.erased_at = timezone.now()
    aylin.save()
    views = subjects["person"].resolve_many([bernd.pk, aylin.pk, 999_999])
    assert {pk: view.title for pk, view in views.items()} == {bernd.pk: "Bernd", aylin.pk: "gelöschtes Konto"}
    house = bernd.memberships.get().organisation
    assert subjects["organisation"].resolve(house.pk).url == "/desk/organisationen/#tiefbauamt"
