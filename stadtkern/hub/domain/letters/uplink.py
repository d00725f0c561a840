"""A message of a device, whatever network has carried it."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any


class BadEnvelope(ValueError):
    """The message is not what the network sends; the text says which part."""


class Undeliverable(Exception):
    """No observations can be made of a letter now. The text is for the steward: which step, and why."""


class Ignored(Exception):
    """The letter brings no values, and that is all right; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Uplink:
    """One message. `at`: when the network received it; `battery` in per cent and `signal_dbm` as the network knows.

    `decoded`: what the network server has made of the bytes already. `ignored`: why it brings no values.
    """

    device_key: str
    frame: str
    data: bytes = b""
    port: int = 0
    decoded: Mapping[str, Any] | None = None
    at: datetime | None = None
    battery: float | None = None
    signal_dbm: float | None = None
    ignored: str = ""


def frame_of(*, session: str, counter: int, data: bytes, at: datetime | None) -> str:
    """What tells a repeat from a new message, unique with the device.

    The counter begins again with each session (a join), and on devices with fixed keys also when they restart, on the
    same day even. So the bytes and the day belong to it: two messages are one when session, counter, bytes and day
    are the same. Copies by several gateways, retries of a webhook and repeated transmissions all are.
    """
    digest = blake2b(data, digest_size=6).hexdigest()
    day = at.astimezone(UTC).date().isoformat() if at else ""
    return f"{session[:60]}:{counter}:{digest}:{day}"


def whole(value: Any, what: str, *, most: int = 2**32 - 1) -> int:
    """A number that networks leave out when it is 0. Raises BadEnvelope."""
    if value is None:
        return 0
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= most:
        raise BadEnvelope(f"{what} is no whole number from 0 to {most}")
    return value


def bytes_of(value: Any, what: str) -> bytes:
    """Base64; nothing is no bytes. Raises BadEnvelope."""
    if value is None:
        return b""
    try:
        return base64.b64decode(value, validate=True)
    except (TypeError, ValueError, binascii.Error) as error:
        raise BadEnvelope(f"{what} is no base64") from error


def eui_of(value: Any, what: str) -> str:
    """A device EUI: 16 hexadecimal digits, in upper case. Raises BadEnvelope."""
    text = value.upper().replace("-", "").replace(":", "") if isinstance(value, str) else ""
    if len(text) != 16 or not set(text) <= set("0123456789ABCDEF"):
        raise BadEnvelope(f"{what} is no EUI of 16 hexadecimal digits")
    return text


def moment_of(value: Any) -> datetime | None:
    """A moment of RFC 3339, down to nanoseconds; what is none is no moment."""
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return moment if moment.tzinfo else None


def strongest(gateways: Any, *names: str) -> float | None:
    """The best signal (dBm) at which a gateway has heard the message."""
    found = [
        gateway[name]
        for gateway in (gateways if isinstance(gateways, list) else [])
        if isinstance(gateway, dict)
        for name in names
        if isinstance(gateway.get(name), int | float)
    ]
    return max(map(float, found), default=None)


def inner(value: Any, name: str) -> dict[str, Any]:
    """An object inside an object; what is none is empty."""
    part = value.get(name) if isinstance(value, dict) else None
    return part if isinstance(part, dict) else {}
