"""A small town of things that measure, and a client that asks for it."""

import pytest
from django.test import Client

from stadtkern.hub.api.sta.planning.sql import Sql
from stadtkern.hub.api.sta.planning.world import World
from stadtkern.hub.tests.sta_read.asking import Sta
from stadtkern.hub.tests.sta_read.town import Town, build


@pytest.fixture
def town(city: object) -> Town:
    return build()


@pytest.fixture
def sta() -> Sta:
    return Sta(Client())


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The texts of all statements the planner sends."""
    sent: list[str] = []
    ask = World.ask

    def noting(world: World, statement: Sql) -> list[tuple[object, ...]]:
        sent.append(statement.text)
        return ask(world, statement)

    monkeypatch.setattr(World, "ask", noting)
    return sent
