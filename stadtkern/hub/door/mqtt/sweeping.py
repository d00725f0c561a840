"""What the broker retains of us. It is our memory: nothing is told twice after a restart, and nothing left standing."""

import asyncio
import re
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b

import aiomqtt
import orjson

from stadtkern.hub.door.mqtt.client import PatientClient
from stadtkern.hub.door.mqtt.creating import ROOT

QUIET = 1.0  # seconds without a retained message after which there are no more
LONGEST = 120.0
AT_ONCE = 1_000
TOPIC = re.compile(rf"{ROOT}/(MultiDatastreams|Datastreams)\((\d{{1,18}})\)/Observations")


@dataclass(slots=True)
class Told:
    """What was told last of a datastream: of which moment, and the digests of all observations of that moment."""

    moment: datetime
    digests: set[bytes] = field(default_factory=set)
    is_multi: bool = False


def digest_of(body: bytes) -> bytes:
    return blake2b(body, digest_size=8).digest()


async def retained(url: str, *, identifier: str) -> dict[int, Told]:
    """By datastream. A connection of its own, which leaves nothing behind. Raises MqttError."""
    found: dict[int, Told] = {}
    async with PatientClient(url, identifier=identifier, lasting=False, inbox=asyncio.Queue) as client:
        await client.subscribe(f"{ROOT}/+/Observations", qos=0)
        deadline = asyncio.get_running_loop().time() + LONGEST
        while asyncio.get_running_loop().time() < deadline:
            try:
                async with asyncio.timeout(QUIET):
                    messages = await client.arrived(AT_ONCE)
            except TimeoutError:
                break
            for message in messages:
                if message.retain:
                    _note(found, message)
    return found


def _note(found: dict[int, Told], message: aiomqtt.Message) -> None:
    topic = TOPIC.fullmatch(str(message.topic))
    if topic is None or not isinstance(message.payload, bytes):
        return
    try:
        moment = datetime.fromisoformat(orjson.loads(message.payload)["phenomenonTime"].partition("/")[0])
    except (ValueError, KeyError, TypeError, AttributeError):
        moment = datetime.fromisoformat("1970-01-01T00:00:00Z")  # not ours; it is replaced, or cleared
    found[int(topic[2])] = Told(moment, {digest_of(message.payload)}, topic[1] == "MultiDatastreams")
