"""Nothing that a broker has acknowledged is lost, and nothing is there twice: broker and door end in the middle."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from stadtkern.hub.door import reading
from stadtkern.hub.door.ingest import Ingest
from stadtkern.hub.door.mqtt.client import PatientClient
from stadtkern.hub.door.mqtt.creating import SUBSCRIBED
from stadtkern.hub.door.mqtt.subscribing import Subscriptions
from stadtkern.hub.models import Datastream, Latest
from stadtkern.hub.tests.cast import NOON, datastream
from stadtkern.hub.tests.mqtt.broker import Broker, Client
from stadtkern.hub.tests.mqtt.door import Door
from stadtkern.hub.tests.mqtt.test_taking import count, observation, rows, wait_subscribed
from tests.operations.conftest import wait_until

pytestmark = pytest.mark.django_db(transaction=True)
MOMENTS = [NOON + timedelta(minutes=number) for number in range(1, 101)]


def publish(sender: Client, stream: Datastream, number: int, **more: Any) -> Any:
    body = observation(stream, at=MOMENTS[number].isoformat(), result=number)
    return sender.publish("v1.1/Observations", body, **more)


def test_a_broker_that_is_killed_and_comes_back(
    broker: Broker, door: Callable[[], Door], client: Callable[..., Client]
) -> None:
    stream, sender = datastream(), client("sender")
    door()
    wait_subscribed(sender, stream)
    for number in range(50):
        publish(sender, stream, number)
    wait_until(lambda: count(stream) == 51, what="the first half")
    broker.kill()
    for number in range(50, 100):  # the sender keeps them until the broker is there again
        publish(sender, stream, number, wait=False)
    broker.start()
    wait_until(lambda: count(stream) == 101, seconds=60, what="every acknowledged observation")
    assert [number for _at, number in rows(stream)][1:] == list(range(100))


def test_a_door_that_ends_in_the_middle(door: Callable[[], Door], client: Callable[..., Client]) -> None:
    stream, sender = datastream(), client()
    first = door()
    wait_subscribed(sender, stream)
    for number in range(60):
        publish(sender, stream, number, wait=number > 50)
    first.stop()
    for number in range(60, 100):
        publish(sender, stream, number)
    assert Latest.objects.get(pk=stream.pk).count < 101
    door()
    wait_until(lambda: count(stream) == 101, seconds=60, what="every acknowledged observation")
    assert [number for _at, number in rows(stream)][1:] == list(range(100))


def test_subscriptions_wait_for_the_database(
    broker: Broker, server_dsn: str, city: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scene() -> set[str]:
        ingest = Ingest(server_dsn)
        async with PatientClient(broker.url, identifier="waiting", lasting=False) as client:
            subscriptions = Subscriptions(ingest, client, "")
            monkeypatch.setattr(reading, "MOST_WAITING", 0)
            renewing = asyncio.create_task(subscriptions.renew())
            await asyncio.sleep(0.05)
            monkeypatch.undo()
            await asyncio.wait_for(renewing, timeout=10)
        ingest.reading.stop()
        return subscriptions.held

    assert asyncio.run(scene()) == set(SUBSCRIBED)
