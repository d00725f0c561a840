"""The Things Stack v3: messages as its webhooks send them.

https://www.thethingsindustries.com/docs/integrations/data-formats/ (empty fields and zeros are left out there).
"""

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


def read(message: Any) -> Uplink | None:
    """The uplink; None for any other event (joins, downlinks, locations). Raises BadEnvelope."""
    if not isinstance(message, dict):
        raise BadEnvelope("a message is an object")
    up = inner(message, "uplink_message")
    if not up:
        return None
    ids = inner(message, "end_device_ids")
    data = bytes_of(up.get("frm_payload"), "uplink_message.frm_payload")
    at = moment_of(up.get("received_at")) or moment_of(message.get("received_at"))
    session = str(up.get("session_key_id") or ids.get("dev_addr") or "")
    counter = whole(up.get("f_cnt"), "uplink_message.f_cnt")
    battery = inner(up, "last_battery_percentage").get("value")
    return Uplink(
        device_key=eui_of(ids.get("dev_eui"), "end_device_ids.dev_eui"),
        frame=frame_of(session=session, counter=counter, data=data, at=at),
        data=data,
        port=whole(up.get("f_port"), "uplink_message.f_port", most=255),
        decoded=inner(up, "decoded_payload") or None,
        at=at,
        battery=float(battery) if isinstance(battery, int | float) else None,
        signal_dbm=strongest(up.get("rx_metadata"), "rssi", "channel_rssi"),
        ignored="simulated in the console" if message.get("simulated") is True else "",
    )
