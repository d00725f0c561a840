"""What the tests at the broker share: the broker, a door beside it, clients, a key in whose name it writes."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from stadtkern.core import apikeys
from stadtkern.hub.rights import WRITE_SCOPE
from stadtkern.hub.tests.mqtt.broker import Broker, Client
from stadtkern.hub.tests.mqtt.door import Door
from tests.operations.conftest import server_dsn  # noqa: F401  a fixture


@pytest.fixture
def broker(tmp_path: Path, settings: Any) -> Iterator[Broker]:
    made = Broker(tmp_path)
    made.start()
    settings.MQTT = made.url
    settings.MQTT_SHARE = ""
    settings.BASE_URL = "https://bochum.example"
    yield made
    made.stop()


@pytest.fixture
def client(broker: Broker) -> Iterator[Callable[..., Client]]:
    made: list[Client] = []

    def make(name: str = "") -> Client:
        made.append(Client(broker, name))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture
def key(transactional_db: None, city: Any, settings: Any) -> str:
    """The prefix of the key that stands for the broker: it may write for the whole city."""
    made, _ = apikeys.issue("broker", scopes=[WRITE_SCOPE])
    settings.MQTT_KEY = made.prefix
    return made.prefix


@pytest.fixture
def door(broker: Broker, key: str, server_dsn: str) -> Iterator[Callable[[], Door]]:  # noqa: F811
    """Start a door; it is connected some moments later."""
    made: list[Door] = []

    def start() -> Door:
        made.append(Door(server_dsn))
        return made[-1]

    yield start
    for one in made:
        if one._thread.is_alive():
            one.stop()
