"""aiomqtt, but a message is acknowledged when it is committed and not when it arrives.

The broker keeps what is not acknowledged, also over a restart of ours (MQTT 5, session expiry), and sends no more than
RECEIVE_MAXIMUM of them at once: that is the back-pressure, and the bound of our memory.
"""

import asyncio
import logging
import ssl
from hashlib import sha256
from socket import gethostname
from typing import Any
from urllib.parse import unquote, urlsplit

import aiomqtt
from paho.mqtt.client import MQTTMessage
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

SESSION_SECONDS = 7 * 24 * 3600
RECEIVE_MAXIMUM = 500
MOST_LOOSE = 2_000  # messages of QoS 0 that wait; nobody repeats them, nobody was promised anything
KEEPALIVE = 30
log = logging.getLogger("stadtkern.door")


class Incoming(aiomqtt.Message):
    """A message, and whether the broker says that it sends it again."""

    dup: bool = False


class Inbox(asyncio.Queue[Any]):
    """What has arrived. Messages of QoS 1 are bounded by the broker, the others here."""

    lost = 0

    def put_nowait(self, item: Any) -> None:
        if item.qos == 0 and self.qsize() >= MOST_LOOSE:
            if self.lost % 1_000 == 0:
                log.warning("mqtt: messages of QoS 0 are lost, they come faster than they are written")
            self.lost += 1
        else:
            super().put_nowait(item)


class PatientClient(aiomqtt.Client):
    """See above. Made anew for every connection, so an acknowledgement never goes to another one."""

    def __init__(self, url: str, *, identifier: str, lasting: bool, inbox: "type[asyncio.Queue[Any]]" = Inbox) -> None:
        parts = urlsplit(url)
        super().__init__(
            parts.hostname or "localhost",
            parts.port or (8883 if parts.scheme == "mqtts" else 1883),
            username=unquote(parts.username) if parts.username else None,
            password=unquote(parts.password) if parts.password else None,
            identifier=identifier,
            protocol=aiomqtt.ProtocolVersion.V5,
            clean_start=not lasting,
            properties=_connecting(lasting),
            queue_type=inbox,
            keepalive=KEEPALIVE,
            max_inflight_messages=RECEIVE_MAXIMUM,
            tls_context=ssl.create_default_context() if parts.scheme == "mqtts" else None,
        )
        self.pending_calls_threshold = RECEIVE_MAXIMUM
        self._client.manual_ack_set(True)

    async def arrived(self, most: int) -> list[Incoming]:
        """Wait for a message; returns it with all that wait behind it. Raises MqttError when the connection ends."""
        first = await anext(self.messages)
        found = [first]
        while len(found) < most and not self._queue.empty():
            found.append(self._queue.get_nowait())
        return found  # type: ignore[return-value]

    def acknowledge(self, message: aiomqtt.Message) -> None:
        """In the order of their arrival (MQTT 5, 4.6)."""
        if message.qos:
            self._client.ack(message.mid, message.qos)

    def _on_message(self, client: Any, userdata: Any, message: MQTTMessage) -> None:
        try:
            made = Incoming(
                message.topic, bytes(message.payload), message.qos, message.retain, message.mid, message.properties
            )
        except ValueError:  # a topic that is no UTF-8, or too long: nobody here can have asked for it
            self._client.ack(message.mid, message.qos)
            return
        made.dup = message.dup
        self._queue.put_nowait(made)


def identity(base_url: str, *, shared: bool) -> str:
    """The same after every restart, and another for every city and (when they share the work) for every door."""
    name = "stadtkern-" + sha256(base_url.encode()).hexdigest()[:12]
    return f"{name}-{gethostname()}" if shared else name


def _connecting(lasting: bool) -> Properties:
    properties = Properties(PacketTypes.CONNECT)
    properties.SessionExpiryInterval = SESSION_SECONDS if lasting else 0
    properties.ReceiveMaximum = RECEIVE_MAXIMUM
    return properties
