"""A tree with a sensor, and somebody who has adopted it."""

from datetime import UTC, datetime
from typing import Any

import pytest

from stadtkern.hub.domain import caring
from stadtkern.hub.domain.readers import ANYBODY
from stadtkern.hub.domain.stations.listing import Station, station
from stadtkern.hub.models import Thing
from stadtkern.hub.tests.cast import tree
from stadtkern.threads.domain.conversation import device_contact
from stadtkern.threads.models import Contact

JULY = datetime(2026, 7, 20, 10, tzinfo=UTC)  # noon by the city's clocks


@pytest.fixture
def linden(city: Any) -> Thing:
    return tree()


@pytest.fixture
def carer(linden: Thing) -> Contact:
    """A device without an account that has adopted it."""
    contact = device_contact(language="de")
    caring.adopt(contact, seen(linden))
    return contact


def seen(tree: Thing) -> Station:
    found = station(tree.pk, reader=ANYBODY)
    assert found is not None
    return found
