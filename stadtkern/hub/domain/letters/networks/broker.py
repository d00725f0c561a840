"""Messages of an MQTT broker: JSON, a number, or bytes that a decoder understands."""

import base64
from datetime import datetime
from hashlib import blake2b
from typing import Any

import orjson

from stadtkern.hub.domain.letters.uplink import Uplink, bytes_of

LONE = "value"  # the name of a number that comes without one


def packed(topic: str, body: bytes) -> dict[str, Any]:
    """The message as a letter keeps it: text stays readable."""
    try:
        text = body.decode()
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        return {"topic": topic, "base64": base64.b64encode(body).decode()}
    return {"topic": topic, "text": text}


def digest_of(body: bytes) -> str:
    return blake2b(body, digest_size=16).hexdigest()


def read(message: Any) -> Uplink:
    """What `packed` made. The broker does not say when it received it, the letter does. Raises BadEnvelope."""
    body = body_of(message)
    return Uplink(device_key=message["topic"], frame=digest_of(body), data=body, decoded=_values(body))


def body_of(message: Any) -> bytes:
    """The bytes as they came."""
    text = message.get("text")
    return text.encode() if isinstance(text, str) else bytes_of(message.get("base64"), "base64")


def frame_at(body: bytes, moment: datetime) -> str:
    """Equal messages are equal values, not repeats: the moment tells them apart."""
    return f"{digest_of(body)}:{moment.isoformat()}"


def _values(body: bytes) -> dict[str, Any] | None:
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    return found if isinstance(found, dict) else {LONE: found}
