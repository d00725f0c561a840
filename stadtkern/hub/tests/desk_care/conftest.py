"""A steward at the desk."""

from typing import Any

import pytest

from stadtkern.core.testing.visitor import Visitor
from stadtkern.hub.models import Datastream
from stadtkern.hub.tests.cast import datastream, thing
from stadtkern.people.models import Organisation, Person
from stadtkern.people.words import Role

__all__ = ["desk", "other_desk", "pond", "steward"]


def editor(name: str, house: str) -> Person:
    person = Person.objects.create_user(f"{name.lower()}@stadtkern.example", name=name)
    person.memberships.create(organisation=Organisation.objects.get(key=house), role=Role.EDITOR)
    return Person.objects.get(pk=person.pk)


@pytest.fixture
def steward(city: Any) -> Person:
    return editor("Selma", "tiefbauamt")


@pytest.fixture
def desk(steward: Person, visitor: Visitor) -> Visitor:
    """Selma's browser."""
    return visitor.signed_in(steward)


@pytest.fixture
def other_desk(city: Any, visitor: Visitor) -> Visitor:
    """Stefan cares for the data of another house."""
    return visitor.signed_in(editor("Stefan", "usb"))


@pytest.fixture
def pond(steward: Person) -> Datastream:
    house = steward.memberships.get().organisation
    return datastream(
        thing(organisation=house, name="Teich"), name="Wasserstand", interval_seconds=300, visibility="organisation"
    )
