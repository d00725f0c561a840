"""Who writes in these tests."""

from typing import Any

import pytest

from stadtkern.hub.tests.sta_write.api import Api


@pytest.fixture
def api(city: Any) -> Api:
    """A machine of the whole installation that may do everything."""
    return Api("hub.read", "hub.write", "hub.manage")


@pytest.fixture
def anybody(city: Any) -> Api:
    return Api()
