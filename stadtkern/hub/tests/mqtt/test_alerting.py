"""Alerts reach who listens at the broker, also when it was away."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from stadtkern.hub.models import AlertDelivery
from stadtkern.hub.tests.alerts.acting import rule_for, value
from stadtkern.hub.tests.cast import datastream, thing
from stadtkern.hub.tests.mqtt.broker import Broker, Client
from stadtkern.hub.tests.mqtt.door import Door
from stadtkern.people.models import Organisation, Person
from stadtkern.people.words import Role
from tests.operations.conftest import wait_until

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def selma(key: str) -> Person:
    person = Person.objects.create_user("selma@stadtkern.example", name="Selma")
    person.memberships.create(organisation=Organisation.objects.get(key="tiefbauamt"), role=Role.EDITOR)
    return Person.objects.get(pk=person.pk)


def pond_of(person: Person) -> Any:
    return datastream(thing(organisation=person.memberships.get().organisation, name="Teich"), name="Wasserstand")


def test_an_alert_is_published_once(door: Callable[[], Door], client: Callable[..., Client], selma: Person) -> None:
    pond = pond_of(selma)
    rule_for(pond, selma, mqtt_topic="stadt/warnung")
    listener = client().subscribe("stadt/warnung")
    door()
    value(pond, 0, 11)
    message = json.loads(listener.next().payload)
    assert message["type"] == "alert.raised"
    assert message["data"]["alerts"][0]["value"] == 11
    wait_until(lambda: AlertDelivery.objects.get().state == "sent")


def test_what_was_raised_while_nobody_was_connected_is_published_later(
    door: Callable[[], Door], broker: Broker, client: Callable[..., Client], selma: Person
) -> None:
    pond = pond_of(selma)
    rule_for(pond, selma, mqtt_topic="stadt/warnung")
    value(pond, 0, 11)
    assert AlertDelivery.objects.get().state == "waiting"
    listener = client().subscribe("stadt/warnung")
    door()
    assert json.loads(listener.next().payload)["type"] == "alert.raised"
