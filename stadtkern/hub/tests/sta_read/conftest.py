"""A small town of things that measure, and a client that asks for it."""

import pytest
from django.test import Client

from stadtkern.hub.tests.sta_read.asking import Sta
from stadtkern.hub.tests.sta_read.town import Town, build


@pytest.fixture
def town(city: object) -> Town:
    return build()


@pytest.fixture
def sta() -> Sta:
    return Sta(Client())
