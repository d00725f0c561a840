"""A soil sensor, its messages by two networks, and somebody who sends them."""

import base64
from copy import deepcopy
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from stadtkern.core import apikeys
from stadtkern.core.models import ApiKey
from stadtkern.hub.models import Datastream, Decoder, Device, Letter
from stadtkern.hub.rights import WRITE_SCOPE
from stadtkern.hub.tests.cast import datastream

EUI = "A84041FFFF1834AB"
LPP = bytes.fromhex("03 67 01 10 05 67 00 FF")  # 27.2 and 25.5 degrees, the maker's example


def key(organisation: str = "") -> tuple[ApiKey, str]:
    return apikeys.issue("network server", scopes=[WRITE_SCOPE], organisation=organisation)


def layout(**body: Any) -> Decoder:
    return Decoder.objects.create(
        key="own", name="Eigener", language=Decoder.Language.LAYOUT, layout={"messages": [body]}
    )


def script(text: str) -> Decoder:
    return Decoder.objects.create(key="js", name="Skript", language=Decoder.Language.SCRIPT, script=text)


def device(stream: Datastream | None = None, **given: Any) -> Device:
    made = stream or datastream()
    return Device.objects.create(**{"key": EUI, "name": "Linde 7", "fields": {"temperature_3": made.pk}} | given)


TTN: dict[str, Any] = {
    "end_device_ids": {
        "device_id": "linde-7",
        "application_ids": {"application_id": "trees"},
        "dev_eui": EUI,
        "join_eui": "A000000000000101",
        "dev_addr": "260B1234",
    },
    "correlation_ids": ["as:up:01HZX"],
    "received_at": "2026-05-04T12:00:00.512345678Z",
    "uplink_message": {
        "session_key_id": "AYfg8rhha5n+FWx0ZaAprA==",
        "f_port": 1,
        "f_cnt": 42,
        "frm_payload": base64.b64encode(LPP).decode(),
        "decoded_payload": {"temperature_3": 27.2, "air": {"humidity": [40, 41]}},
        "rx_metadata": [
            {"gateway_ids": {"gateway_id": "roof"}, "rssi": -107, "snr": 4.2},
            {"gateway_ids": {"gateway_id": "tower"}, "rssi": -93, "snr": 9},
        ],
        "last_battery_percentage": {"f_cnt": 40, "value": 81.5},
        "received_at": "2026-05-04T12:00:00.250Z",
    },
}
CHIRPSTACK: dict[str, Any] = {
    "deduplicationId": "3ac7e3c4-4401-4b8d-9386-a5c902f9202d",
    "time": "2026-05-04T12:00:00.250+00:00",
    "deviceInfo": {"tenantName": "Stadt", "deviceName": "linde-7", "devEui": EUI.lower()},
    "devAddr": "00189440",
    "dr": 1,
    "fCnt": 42,
    "fPort": 1,
    "data": base64.b64encode(LPP).decode(),
    "object": {"temperature_3": 27.2},
    "rxInfo": [{"gatewayId": "0016c001f153a14c", "rssi": -57, "snr": 10.0}, {"rssi": -48}],
}


def by_ttn(**changes: Any) -> dict[str, Any]:
    """The message with other members of uplink_message."""
    message = deepcopy(TTN)
    message["uplink_message"] |= changes
    return message


def by_chirpstack(**changes: Any) -> dict[str, Any]:
    return deepcopy(CHIRPSTACK) | changes


def received(letter: Letter, at: datetime, *, after: timedelta = timedelta(0)) -> None:
    """Let a letter have been received then."""
    Letter.objects.filter(pk=letter.pk).update(received_at=at + after)


def ago(**how: float) -> datetime:
    return timezone.now() - timedelta(**how)
