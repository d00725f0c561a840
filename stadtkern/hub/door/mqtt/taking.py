"""Take what has arrived: write or keep it, and only then acknowledge it to the broker.

Messages are taken in batches, in the order in which they came; the next batch waits until this one is committed. When
the database is away or too much waits, nothing is acknowledged, and the broker keeps the rest.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar

from stadtkern.core.models import ApiKey
from stadtkern.core.problems import BadInput, NotFound
from stadtkern.hub.domain.letters.networks import broker
from stadtkern.hub.domain.letters.receiving import Arrival, keep, latest_of
from stadtkern.hub.domain.readers import Reader, reader_with_key
from stadtkern.hub.domain.store.port import Sample
from stadtkern.hub.door.formats.samples import draft_of
from stadtkern.hub.door.ingest import Ingest
from stadtkern.hub.door.mqtt import creating
from stadtkern.hub.door.mqtt.client import RECEIVE_MAXIMUM, Incoming, PatientClient
from stadtkern.hub.door.mqtt.creating import SOURCE, BadCreation
from stadtkern.hub.door.mqtt.patience import again
from stadtkern.hub.rights import WRITE_SCOPE

FRESH_SECONDS = 5.0
NO_KEY_PAUSE = 10.0
LONGEST_NAME = 200
LARGEST = 1_000_000  # bytes of a message; what is larger is refused
SOURCES = ("mqtt", SOURCE)
OURS = ("origin", "stadtkern")  # MQTT 5 user property of what we have published
T = TypeVar("T")
log = logging.getLogger("stadtkern.door")


@dataclass(slots=True)
class Taker:
    """Takes the messages of one connection. `writer`: the reader of the API key that stands for the broker."""

    ingest: Ingest
    client: PatientClient
    key_prefix: str
    shared: bool = False
    taken: int = 0
    _writer: Reader | None = None
    _asked_at: float = field(default=-1e9)

    async def run(self) -> None:
        """Until the connection ends (MqttError)."""
        while True:
            writer = await self._key()
            batch = await self.client.arrived(RECEIVE_MAXIMUM)
            await self._take(batch, writer)
            for message in batch:
                self.client.acknowledge(message)
            self.taken += len(batch)

    async def _key(self) -> Reader:
        """Wait until there is a living key: without one nothing may be written, and nothing is acknowledged."""
        while True:
            writer = await self.writer()
            if writer is not None:
                return writer
            log.error("mqtt: no API key %r that lives and may write (STADTKERN_MQTT_KEY)", self.key_prefix)
            await asyncio.sleep(NO_KEY_PAUSE)

    async def writer(self) -> Reader | None:
        now = asyncio.get_running_loop().time()
        if now - self._asked_at > FRESH_SECONDS:
            self._writer = await self._patiently(lambda: _living_reader(self.key_prefix))
            self._asked_at = now
        return self._writer

    async def _take(self, batch: Sequence[Incoming], writer: Reader) -> None:
        moment = datetime.now(UTC)
        wanted = [message for message in batch if not _is_echo(message)]
        kept = await asyncio.gather(*[self._one(message, writer, moment) for message in wanted])
        arrivals = [arrival for arrival in kept if arrival is not None]
        if arrivals:
            repeats = any(message.dup for message in wanted) and not self.shared
            await self._patiently(lambda: self._keep(arrivals, repeats))

    async def _one(self, message: Incoming, writer: Reader, moment: datetime) -> Arrival | None:
        """None when the message is written; else the letter that is to be kept."""
        topic = str(message.topic)
        body = message.payload if isinstance(message.payload, bytes) else str(message.payload or "").encode()
        if len(body) > LARGEST or len(topic) > LONGEST_NAME:
            log.warning("mqtt: a message is too large and is refused", extra={"topic": topic[:100]})
            return None
        if creating.is_a_place_to_create(topic):
            error = await self._create(topic, body, writer)
            return None if error is None else _arrival(SOURCE, topic, body, moment, error)
        return None if creating.is_ours(topic) else _arrival("mqtt", topic, body, moment, "")

    async def _create(self, topic: str, body: bytes, writer: Reader) -> str | None:
        """Write the observation; None: it is committed, "": it has no time, so a letter will do, else why not."""
        try:
            given = creating.observation_of(topic, body)
            if not creating.has_time(given):
                return ""
            samples = await self._samples(given, writer)
            await again(lambda: self.ingest.gate.write(samples))
        except (BadCreation, NotFound, BadInput) as error:
            return str(error)
        except Exception as error:  # a mistake of ours must not let the broker send the same message for ever
            log.exception("mqtt: unexpected", extra={"topic": topic[:100]})
            return f"unexpected: {type(error).__name__}"
        return None

    async def _samples(self, given: dict[str, Any], writer: Reader) -> list[Sample]:
        content = creating.content_of(given)
        gate = self.ingest.gate
        streams: dict[Any, Any] = dict(await again(lambda: gate.streams(writer, content.ids)))
        named = content.features
        features = await again(lambda: gate.features(writer, named)) if named else set()
        draft = draft_of(content, streams, features)
        if draft.rejected:
            raise BadCreation(draft.rejected[0].reason)
        return draft.samples

    async def _patiently(self, question: Callable[[], T]) -> T:
        return await again(lambda: self.ingest.reading.ask(question))

    def _keep(self, arrivals: Sequence[Arrival], repeats: bool) -> int:
        """In a thread. Of what the broker repeats, keep only what is not kept yet.

        Only with one door: of several, nobody knows which has kept what. A message without a time of its own may then
        become two values when a door dies between COMMIT and acknowledgement; with a time it never does.
        """
        known = latest_of(SOURCES) if repeats else set()
        new = [arrival for arrival in arrivals if _identity(arrival) not in known]
        return keep(new, key_prefix=self.key_prefix)


def _identity(arrival: Arrival) -> tuple[str, str, str]:
    return arrival.source, arrival.device_key, arrival.frame.partition(":")[0]


def _arrival(source: str, topic: str, body: bytes, moment: datetime, error: str) -> Arrival:
    frame, payload = broker.frame_at(body, moment), broker.packed(topic, body)
    return Arrival(source=source, device_key=topic, frame=frame, payload=payload, error=error, received_at=moment)


def _is_echo(message: Incoming) -> bool:
    """What we have published ourselves, or another door of ours; and what the broker retains from before."""
    properties = getattr(message.properties, "UserProperty", None) or []
    return message.retain or OURS in [tuple(pair) for pair in properties]


def _living_reader(prefix: str) -> Reader | None:
    now = datetime.now(UTC)
    key = ApiKey.objects.filter(prefix=prefix, revoked_at=None).first() if prefix else None
    if key is None or (key.expires_at and key.expires_at <= now) or WRITE_SCOPE not in key.scopes:
        return None
    return reader_with_key(key)
