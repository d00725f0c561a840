"""Contracts open what is not public, until their end; who read it stands in a log that ends too."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from stadtkern.core import apikeys
from stadtkern.core.models import AuditEntry
from stadtkern.core.parts import erasers, exports, retention_rules
from stadtkern.core.problems import BadInput, NotAllowed, NotFound
from stadtkern.hub.domain import access_log, contracts
from stadtkern.hub.domain.alerts.recipients import seen_by
from stadtkern.hub.domain.alerts.rules import keep_alert_rule
from stadtkern.hub.domain.connection import cursor, here
from stadtkern.hub.domain.readers import reader_of, reader_with_key
from stadtkern.hub.models import AccessEntry, AlertRule, Contract, Datastream, Latest
from stadtkern.hub.tests.cast import datastream, thing
from stadtkern.people.models import Organisation, Person
from stadtkern.people.words import Role
from stadtkern.threads.models import Notification

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def steward(city: Any) -> Person:
    person = Person.objects.create_user("selma@stadtkern.example", name="Selma")
    person.memberships.create(organisation=Organisation.objects.get(key="tiefbauamt"), role=Role.EDITOR)
    return Person.objects.get(pk=person.pk)


@pytest.fixture
def secret(steward: Person) -> Datastream:
    house = steward.memberships.get().organisation
    return datastream(thing(organisation=house, name="Pumpwerk", visibility="named"), name="Zulauf")


def grant(secret: Datastream, by: Person, **given: Any) -> Contract:
    return contracts.grant_contract(**{"subject": secret, "purpose": "Forschung", "by": by} | given)


def sees(reader: Any, stream: Datastream) -> bool:
    statement = f"select 1 from hub_datastream d where d.id = %(id)s and {reader.sees_datastream('d')}"
    return cursor(here()).execute(statement, {"id": stream.pk, **reader.parameters}).fetchone() is not None


def test_a_contract_opens_a_datastream_for_a_person_until_its_end(secret, steward, aylin, dmitri):
    assert seen_by(aylin, [secret.pk]) == set()
    contract = grant(secret, steward, person=aylin, until=timezone.now() + DAY)
    assert seen_by(aylin, [secret.pk]) == {secret.pk}
    assert seen_by(dmitri, [secret.pk]) == set()
    contracts.end_contract(contract.pk, by=steward)
    assert Contract.objects.get().until <= timezone.now()
    Contract.objects.update(until=timezone.now() - DAY)  # now() of the database is the start of this test
    assert seen_by(aylin, [secret.pk]) == set()
    contracts.extend_contract(contract.pk, until=None, by=steward)
    assert seen_by(aylin, [secret.pk]) == {secret.pk}
    told = ["hub.contract_granted", "hub.contract_ended", "hub.contract_extended"]
    assert (
        list(AuditEntry.objects.filter(subject_kind="contract").order_by("pk").values_list("action", flat=True)) == told
    )


def test_a_contract_on_a_thing_reaches_its_datastreams_and_a_key_reads_by_it(secret, steward):
    key, _text = apikeys.issue("Labor", scopes=["hub.write"], organisation="usb")
    assert not sees(reader_with_key(key), secret)
    contracts.grant_contract(subject=secret.thing, key_prefix=key.prefix, purpose="Labor", by=steward)
    assert sees(reader_with_key(key), secret)


def test_an_organisation_holds_a_contract_for_those_who_may_read_for_it(secret, steward, clara):
    contracts.grant_contract(
        subject=secret, organisation=Organisation.objects.get(key="usb"), purpose="Abgleich", by=steward
    )
    assert sees(reader_of(clara), secret)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({}, "holder"),
        ({"key_prefix": "nothing"}, "key_prefix"),
        ({"key_prefix": "nothing", "purpose": "  "}, "purpose"),
        ({"key_prefix": "nothing", "until": timezone.now() - DAY}, "until"),
    ],
)
def test_a_contract_says_what_is_missing(secret, steward, given, field):
    with pytest.raises(BadInput) as error:
        grant(secret, steward, **given)
    assert field in error.value.fields


def test_only_who_cares_for_the_data_gives_and_ends_contracts(secret, steward, bernd, clara, aylin):
    contract = grant(secret, steward, person=aylin)
    other = Person.objects.create_user("stefan@stadtkern.example", name="Stefan")
    other.memberships.create(organisation=Organisation.objects.get(key="usb"), role=Role.EDITOR)
    for person in (bernd, clara, aylin, other):
        with pytest.raises(NotAllowed):
            grant(secret, person, person=aylin)
        with pytest.raises(NotFound):
            contracts.end_contract(contract.pk, by=person)
        assert not contracts.contracts_for(person).exists()
    assert list(contracts.contracts_for(steward)) == [contract]


def test_the_end_is_told_a_month_before_to_holder_and_stewards_once(secret, steward, aylin):
    contract = grant(secret, steward, person=aylin, until=timezone.now() + 20 * DAY)
    grant(secret, steward, person=aylin, until=timezone.now() + 60 * DAY)
    grant(secret, steward, person=aylin)
    assert list(Contract.objects.filter(contracts.ending_soon())) == [contract]
    for _night in range(2):
        contracts.remind_of_the_end.func(timestamp=0)
    titles = Notification.objects.order_by("contact__person").values_list("contact__person__name", "title")
    assert set(titles) == {(name, "Datenvertrag endet bald: Zulauf") for name in ("Aylin", "Selma")}
    assert len(titles) == 2


def test_the_log_says_who_read_what_and_each_house_sees_its_own(secret, steward, aylin):
    other = datastream(thing(organisation=Organisation.objects.get(key="usb")), name="Fremd", visibility="named")
    key, _text = apikeys.issue("Labor", scopes=["hub.read"])
    access_log.note_access(
        reader_of(aylin), interface="sta", query="/Observations", rows=7, datastream_ids=[secret.pk, other.pk]
    )
    access_log.note_access(reader_with_key(key), interface="csv", query="", rows=1, datastream_ids=[other.pk])
    page, lines = access_log.look_up(by=steward)
    assert [(line.who, [one.name for one in line.datastreams], line.others) for line in lines] == [
        ("Aylin", ["Zulauf"], 1)
    ]
    assert page.next is None
    assert AuditEntry.objects.filter(action="hub.access_read", actor_id=steward.pk).exists()


def test_one_datastream_of_the_log(secret, steward, aylin):
    for ids in ([secret.pk], [secret.pk + 1000]):
        access_log.note_access(reader_of(aylin), interface="sta", query="", rows=1, datastream_ids=ids)
    assert len(access_log.look_up(by=steward, datastream_id=secret.pk)[1]) == 1


def test_nobody_asks_by_the_numbers_of_others_who_reads_them(secret, steward, aylin):
    other = datastream(thing(organisation=Organisation.objects.get(key="usb")), visibility="named")
    access_log.note_access(reader_of(aylin), interface="sta", query="", rows=2, datastream_ids=[secret.pk, other.pk])
    assert access_log.look_up(by=steward, datastream_id=other.pk)[1] == []


def test_the_log_is_not_for_everybody(secret, bernd, aylin):
    for person in (bernd, aylin):
        with pytest.raises(NotAllowed):
            access_log.look_up(by=person)


def test_of_many_datastreams_some_are_named_and_all_counted(aylin, city):
    entry = access_log.note_access(
        reader_of(aylin), interface="sta", query="x" * 9_000, rows=1, datastream_ids=range(250)
    )
    assert (len(entry.datastreams), entry.more, len(entry.query)) == (100, 150, 2_000)


def test_entries_go_after_a_year(aylin, city):
    rule = retention_rules["hub.access"]
    assert rule.keep == timedelta(days=365)
    access_log.note_access(reader_of(aylin), interface="sta", query="", rows=1, datastream_ids=[1])
    AccessEntry.objects.update(at=timezone.now() - 366 * DAY)
    assert rule.purge(timezone.now() - rule.keep) == 1


def test_a_person_gets_their_entries_and_takes_them_along(secret, steward, aylin):
    grant(secret, steward, person=aylin)
    access_log.note_access(reader_of(aylin), interface="sta", query="/Things", rows=3, datastream_ids=[secret.pk])
    rows = list(exports["hub"].rows(aylin.pk))
    assert [row["what"] for row in rows] == ["contract", "access"]
    assert erasers["hub"].erase(aylin.pk) == 2
    entry = AccessEntry.objects.get()
    assert (entry.person_id, entry.query, entry.rows) == (None, "", 3)
    assert not Contract.objects.exists()
    assert list(exports["hub"].rows(aylin.pk)) == []


def test_alert_rules_go_with_their_person(secret, steward):
    keep_alert_rule(None, by=steward, name="Hoch", kind="threshold", threshold=1.0, datastream_id=secret.pk)
    assert Latest.objects.get(pk=secret.pk).watched == 2
    erasers["hub"].erase(steward.pk)
    assert not AlertRule.objects.exists()
    assert Latest.objects.get(pk=secret.pk).watched == 0
