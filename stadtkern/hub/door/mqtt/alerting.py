"""Tell the broker of alerts: what waits for it in the table, woken by a notice and once a minute by the alerts' clock.

A message that the broker did not take waits again; it may come twice, it is not lost.
"""

import asyncio
from functools import partial

from aiomqtt import MqttError
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from stadtkern.hub.domain.alerts import deliveries
from stadtkern.hub.domain.connection import here
from stadtkern.hub.door.ingest import Ingest
from stadtkern.hub.door.listening import listen
from stadtkern.hub.door.mqtt.client import PatientClient
from stadtkern.hub.door.mqtt.patience import again
from stadtkern.hub.door.mqtt.taking import OURS


async def tell_alerts(ingest: Ingest, client: PatientClient) -> None:
    """Publish alerts until the connection to the broker ends (MqttError)."""
    wake = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        group.create_task(listen(ingest.dsn, {deliveries.CHANNEL: lambda _: wake.set()}, missed=wake.set))
        group.create_task(_publish_all(ingest, client, wake))


async def _publish_all(ingest: Ingest, client: PatientClient, wake: asyncio.Event) -> None:
    while True:
        await wake.wait()
        wake.clear()
        while await _publish_some(ingest, client):
            pass


async def _publish_some(ingest: Ingest, client: PatientClient) -> int:
    """At QoS 1, in their order; returns how many."""
    waiting = await again(lambda: ingest.reading.ask(lambda: deliveries.mqtt_waiting(here())))
    ids, origin = [id for id, _topic, _body in waiting], Properties(PacketTypes.PUBLISH)
    origin.UserProperty = [OURS]
    try:
        for _id, topic, body in waiting:
            await client.publish(topic, body.encode(), qos=1, properties=origin)
    except MqttError:
        await again(lambda: ingest.reading.ask(partial(deliveries.put_back, ids)))
        raise
    await again(lambda: ingest.reading.ask(lambda: deliveries.mark_sent(here(), ids)))
    return len(ids)
