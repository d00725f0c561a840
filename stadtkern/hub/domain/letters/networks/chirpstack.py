"""ChirpStack v4: events as its HTTP integration sends them in JSON (chirpstack/integration/integration.proto)."""

from dataclasses import dataclass
from typing import Any

from stadtkern.hub.domain.letters.uplink import (
    BadEnvelope,
    Uplink,
    bytes_of,
    eui_of,
    frame_of,
    inner,
    moment_of,
    strongest,
    whole,
)


@dataclass(frozen=True, slots=True)
class Sign:
    """A sign of life without values: a join, or the state of the battery (per cent)."""

    device_key: str
    battery: float | None = None


def read(message: Any) -> Uplink | None:
    """The event "up". Raises BadEnvelope."""
    if not isinstance(message, dict):
        raise BadEnvelope("a message is an object")
    data = bytes_of(message.get("data"), "data")
    at = moment_of(message.get("time"))
    counter = whole(message.get("fCnt"), "fCnt")
    return Uplink(
        device_key=_eui(message),
        # ChirpStack gives each frame an id of its own, but a new one when the device sends the frame again.
        frame=frame_of(session=str(message.get("devAddr") or ""), counter=counter, data=data, at=at),
        data=data,
        port=whole(message.get("fPort"), "fPort", most=255),
        decoded=inner(message, "object") or None,
        at=at,
        signal_dbm=strongest(message.get("rxInfo"), "rssi"),
    )


def read_sign(event: str, message: Any) -> Sign | None:
    """What the events "join" and "status" tell; None for all others. Raises BadEnvelope."""
    if event not in ("join", "status") or not isinstance(message, dict):
        return None
    level = message.get("batteryLevel", 0.0)  # left out when it is 0
    known = event == "status" and not (message.get("batteryLevelUnavailable") or message.get("externalPowerSource"))
    return Sign(_eui(message), float(level) if known and isinstance(level, int | float) else None)


def _eui(message: dict[str, Any]) -> str:
    return eui_of(inner(message, "deviceInfo").get("devEui"), "deviceInfo.devEui")
