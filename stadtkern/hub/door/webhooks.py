"""Webhooks of LoRaWAN networks: a message is committed as a letter, then answered; a job reads it (domain/letters).

202: kept, or a repeat of what is kept. 204: an event that brings no values. The API key stands in a header that the
network server is told to send (Authorization: Bearer sk_..., or X-Api-Key: sk_...).
"""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

from stadtkern.core.problems import BadInput, BadQuery, TooLarge
from stadtkern.hub.domain.letters.networks import chirpstack, ttn
from stadtkern.hub.domain.letters.receiving import Arrival, keep
from stadtkern.hub.domain.letters.uplink import BadEnvelope, Uplink
from stadtkern.hub.domain.letters.uplinks import device_for, note_sign
from stadtkern.hub.domain.readers import Reader
from stadtkern.hub.door.formats.json_body import is_too_deep, parsed
from stadtkern.hub.door.ingest import Ingest
from stadtkern.hub.door.keys import Caller
from stadtkern.hub.door.messages import Answer, Request
from stadtkern.hub.door.routes import add_route

MOST_BYTES = 1_000_000
MOST_MESSAGES = 500
NOTHING = Answer(204)


async def take_ttn(ingest: Ingest, request: Request) -> Answer:
    """The Things Stack v3: one message, or a list of them."""
    caller = await ingest.keys.caller(request)
    given = await _body(request)
    messages = given if isinstance(given, list) else [given]
    if len(messages) > MOST_MESSAGES:
        raise TooLarge(f"A request may bring {MOST_MESSAGES} messages.")
    return await _keep(ingest, caller, _arrivals("ttn", ttn.read, messages))


async def take_chirpstack(ingest: Ingest, request: Request) -> Answer:
    """ChirpStack v4: one event; `event` in the address says which."""
    caller = await ingest.keys.caller(request)
    event = request.parameters.get("event", "")
    if not event:
        raise BadQuery("event is missing in the address: ChirpStack adds ?event=up by itself.")
    message = await _body(request)
    if event == "up":
        return await _keep(ingest, caller, _arrivals("chirpstack", chirpstack.read, [message]))
    try:
        sign = chirpstack.read_sign(event, message)
    except BadEnvelope as error:
        raise BadInput(f"This is no event {event!r} of ChirpStack v4: {error}.") from error
    if sign:
        await ingest.reading.ask(lambda: _note(sign, caller.reader))
    return NOTHING


async def _body(request: Request) -> Any:
    body = await request.body()
    if len(body) > MOST_BYTES:
        raise TooLarge(f"A message may have {MOST_BYTES} bytes.")
    if request.header("content-type").startswith("application/octet-stream"):
        raise BadQuery("Choose JSON as the encoding of the integration, not Protobuf.")
    given = parsed(body)
    if is_too_deep(given):
        raise BadQuery("Lists and objects lie in each other too deep.")
    return given


def _arrivals(source: str, read: Callable[[Any], Uplink | None], messages: Iterable[Any]) -> list[Arrival]:
    """Letters of the messages that are uplinks. Raises BadInput when one of them is broken: then none is kept."""
    found = []
    for number, message in enumerate(messages):
        try:
            uplink = read(message)
        except BadEnvelope as error:
            raise BadInput(f"Message {number} is not as the network sends it: {error}.") from error
        if uplink:
            found.append(Arrival(source=source, device_key=uplink.device_key, frame=uplink.frame, payload=message))
    return found


async def _keep(ingest: Ingest, caller: Caller, arrivals: list[Arrival]) -> Answer:
    if not arrivals:
        return NOTHING
    new = await ingest.reading.ask(lambda: keep(arrivals, key_prefix=caller.prefix))
    return Answer(202, {"kept": new, "repeats": len(arrivals) - new})


def _note(sign: chirpstack.Sign, writer: Reader) -> None:
    if device := device_for(sign.device_key, writer):
        note_sign(device, seen_at=datetime.now(UTC), battery=sign.battery)


add_route("POST", "/ingest/lorawan/ttn", take_ttn, "webhook of The Things Stack v3 (JSON)")
add_route("POST", "/ingest/lorawan/chirpstack", take_chirpstack, "HTTP integration of ChirpStack v4 (JSON, ?event=)")
