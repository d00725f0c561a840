"""A park that is watched: a steward, a bench, and time that stands where a test puts it."""

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from stadtkern.hub.models import Datastream
from stadtkern.hub.tests.cast import datastream, thing
from stadtkern.people.models import Organisation, Person
from stadtkern.people.words import Role


@pytest.fixture
def house(city: Any) -> Organisation:
    return Organisation.objects.get(key="tiefbauamt")


@pytest.fixture
def steward(house: Organisation) -> Person:
    """Selma cares for the data of the Tiefbauamt."""
    person = Person.objects.create_user("selma@stadtkern.example", name="Selma")
    person.memberships.create(organisation=house, role=Role.EDITOR)
    return Person.objects.get(pk=person.pk)


@pytest.fixture
def stranger(city: Any) -> Person:
    """Stefan cares for the data of another house."""
    person = Person.objects.create_user("stefan@stadtkern.example", name="Stefan")
    person.memberships.create(organisation=Organisation.objects.get(key="usb"), role=Role.EDITOR)
    return Person.objects.get(pk=person.pk)


@pytest.fixture
def pond(house: Organisation) -> Datastream:
    """Values every five minutes."""
    return datastream(thing(organisation=house, name="Teich"), name="Wasserstand", interval_seconds=300)


@pytest.fixture
def clean_contacts(run_jobs: Callable[..., int]) -> None:
    run_jobs()


@pytest.fixture(autouse=True)
def _utc_now_is_berlin_noon() -> None:
    timezone.deactivate()
