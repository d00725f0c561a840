"""The door's task at the broker: connected for as long as the door lives, alone or with others.

Alone (no STADTKERN_MQTT_SHARE) the leader takes and tells; another door takes its place when it ends. With a share all
doors take, each message goes to one of them, and the leader tells.
"""

import asyncio
import logging
from dataclasses import dataclass
from functools import partial

import aiomqtt
from django.conf import settings

from stadtkern.hub.door.ingest import Ingest
from stadtkern.hub.door.mqtt.client import PatientClient, identity
from stadtkern.hub.door.mqtt.creating import ROOT
from stadtkern.hub.door.mqtt.leading import lead
from stadtkern.hub.door.mqtt.subscribing import Subscriptions
from stadtkern.hub.door.mqtt.sweeping import retained
from stadtkern.hub.door.mqtt.taking import Taker
from stadtkern.hub.door.mqtt.telling import Teller
from stadtkern.hub.door.routes import add_task

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0
log = logging.getLogger("stadtkern.door")


@dataclass(frozen=True, slots=True)
class Broker:
    """What operators have said about it. `group`: of the shared subscription, when several doors take."""

    url: str
    group: str
    key_prefix: str
    base_url: str

    @classmethod
    def as_set(cls) -> "Broker":
        return cls(settings.MQTT, settings.MQTT_SHARE, settings.MQTT_KEY, settings.BASE_URL)

    @property
    def root(self) -> str:
        """The address of the service that links begin with."""
        return f"{self.base_url}/sta/{ROOT}"


async def stay_at_broker(ingest: Ingest) -> None:
    """For ever, when there is a broker."""
    broker = Broker.as_set()
    if not broker.url:
        return
    stay = partial(_stay, ingest, broker)
    await (stay() if broker.group else lead(ingest.dsn, stay))


async def _stay(ingest: Ingest, broker: Broker) -> None:
    """Connect, and again whenever the connection ends."""
    pause = FIRST_PAUSE
    loop = asyncio.get_running_loop()
    while True:
        begun = loop.time()
        try:
            await _live(ingest, broker)
        except* (aiomqtt.MqttError, OSError) as group:
            log.warning("mqtt: no connection to the broker", extra={"error": str(group.exceptions[0])[:200]})
        pause = FIRST_PAUSE if loop.time() - begun > LONGEST_PAUSE else min(LONGEST_PAUSE, pause * 2)
        await asyncio.sleep(pause)


async def _live(ingest: Ingest, broker: Broker) -> None:
    """One connection, from its beginning to its end."""
    identifier = identity(broker.base_url, shared=bool(broker.group))
    async with PatientClient(broker.url, identifier=identifier, lasting=True) as client:
        log.info("mqtt: connected to the broker")
        tell = partial(_tell, ingest, broker, client, f"{identifier}-sweep")
        async with asyncio.TaskGroup() as group:
            group.create_task(Subscriptions(ingest, client, broker.group).run())
            group.create_task(Taker(ingest, client, broker.key_prefix, bool(broker.group)).run())
            group.create_task(lead(ingest.dsn, tell) if broker.group else tell())


async def _tell(ingest: Ingest, broker: Broker, client: PatientClient, identifier: str) -> None:
    told = await retained(broker.url, identifier=identifier)
    await Teller(ingest, client, root=broker.root, told=told).run()


add_task(stay_at_broker)
