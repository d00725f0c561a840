"""Which topics we listen to: the places where observations are created, and the topics of devices."""

import asyncio
import logging
from collections.abc import Iterable

from paho.mqtt.subscribeoptions import SubscribeOptions

from stadtkern.hub.door.ingest import Ingest
from stadtkern.hub.door.mqtt.client import PatientClient
from stadtkern.hub.door.mqtt.creating import SUBSCRIBED, is_ours
from stadtkern.hub.door.mqtt.patience import again
from stadtkern.hub.models import Device

LOOK_EVERY = 5.0
AT_ONCE = 200
MOST = 50_000
REFUSED = 128
log = logging.getLogger("stadtkern.door")


class Subscriptions:
    """Keeps the subscriptions of one connection as the table of devices has them.

    `group`: of a shared subscription; each message goes to one of the doors then.
    """

    def __init__(self, ingest: Ingest, client: PatientClient, group: str) -> None:
        self._ingest, self._client, self._group = ingest, client, group
        self.held: set[str] = set()

    async def run(self) -> None:
        while True:
            await self.renew()
            await asyncio.sleep(LOOK_EVERY)

    async def renew(self) -> None:
        """Raises MqttError when the connection ends."""
        wanted = await again(lambda: self._ingest.reading.ask(_wanted))
        for topics in _portions(wanted - self.held):
            await self._subscribe(topics)
        for topics in _portions(self.held - wanted):
            await self._client.unsubscribe([self._named(topic) for topic in topics])
        self.held = wanted

    async def _subscribe(self, topics: list[str]) -> None:
        options = SubscribeOptions(
            qos=1,
            noLocal=not self._group,  # not allowed in a shared subscription; there OURS tells
            retainHandling=SubscribeOptions.RETAIN_DO_NOT_SEND,  # nobody knows of when such a value is
            retainAsPublished=False,
        )
        codes = await self._client.subscribe([(self._named(topic), options) for topic in topics])
        for topic, code in zip(topics, codes, strict=False):
            if int(getattr(code, "value", 0)) >= REFUSED:
                log.error("mqtt: the broker refuses the subscription", extra={"topic": topic, "code": str(code)})

    def _named(self, topic: str) -> str:
        return f"$share/{self._group}/{topic}" if self._group else topic


def _wanted() -> set[str]:
    devices = Device.objects.filter(network=Device.Network.MQTT, is_active=True)
    topics = devices.order_by("pk").values_list("key", flat=True)[:MOST]
    return set(SUBSCRIBED) | {topic for topic in topics if _is_one_topic(topic)}


def _is_one_topic(topic: str) -> bool:
    """A device is one topic: no wildcards, nothing of the broker's own, nothing of SensorThings."""
    return bool(topic) and not (is_ours(topic) or topic.startswith("$") or "+" in topic or "#" in topic)


def _portions(topics: Iterable[str]) -> list[list[str]]:
    ordered = sorted(topics)
    return [ordered[start : start + AT_ONCE] for start in range(0, len(ordered), AT_ONCE)]
