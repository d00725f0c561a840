"""Make observations of an uplink: find the device, decode, map, record, remember how the device is."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from stadtkern.hub.domain.connection import here
from stadtkern.hub.domain.decoders.decoding import decode
from stadtkern.hub.domain.decoders.payload import Payload, Reading, Undecodable
from stadtkern.hub.domain.letters import mapping, moments
from stadtkern.hub.domain.letters.uplink import BadEnvelope, Ignored, Undeliverable, Uplink
from stadtkern.hub.domain.readers import Reader
from stadtkern.hub.domain.recording import record
from stadtkern.hub.domain.store.port import BeyondTime, Sample, UnknownDatastream
from stadtkern.hub.domain.streams import Stream, read_streams
from stadtkern.hub.models import Device, Letter

Envelope = Callable[[Any], Uplink | None]


def reader_of(read: Envelope) -> Callable[[Letter, Reader], None]:
    """How letters of one network are read."""

    def read_letter(letter: Letter, writer: Reader) -> None:
        try:
            uplink = read(letter.payload)
        except BadEnvelope as error:
            raise Undeliverable(_("Umschlag: %s") % error) from error
        if uplink is None:
            raise Ignored(_("Die Nachricht bringt keine Werte."))
        if uplink.ignored:
            raise Ignored(uplink.ignored)
        _take(uplink, writer, letter.received_at)

    return read_letter


def device_for(key: str, writer: Reader) -> Device | None:
    """The device, when it is nobody's or of an organisation the writer may write for."""
    mine = Q() if writer.adds_to_all else Q(organisation=None) | Q(organisation__in=writer.adds_to)
    return Device.objects.filter(mine, key=key).select_related("decoder").first()


def note_sign(device: Device, *, seen_at: datetime, battery: float | None, signal_dbm: float | None = None) -> None:
    """Remember how the device is; an older message changes nothing."""
    if device.seen_at and device.seen_at > seen_at:
        return
    known = {"battery": battery, "signal_dbm": signal_dbm}
    changes = {name: value for name, value in known.items() if value is not None}
    Device.objects.filter(pk=device.pk).update(seen_at=seen_at, **changes)


def _take(uplink: Uplink, writer: Reader, received_at: datetime) -> None:
    device = device_for(uplink.device_key, writer)
    if device is None:
        raise Undeliverable(_("Gerät: keines mit dem Schlüssel %s für diesen Sender.") % uplink.device_key)
    if not device.is_active:
        raise Ignored(_("Das Gerät ist abgeschaltet."))
    reference, flags = moments.network_moment(uplink.at, received_at)
    readings = _readings(device, uplink)
    samples = _samples(device, readings, writer, reference, flags)
    _record(samples)
    battery = mapping.found(readings[0].values, device.battery_field) if device.battery_field else None
    note_sign(
        device,
        seen_at=reference,
        battery=float(battery) if isinstance(battery, int | float) else uplink.battery,
        signal_dbm=uplink.signal_dbm,
    )


def _readings(device: Device, uplink: Uplink) -> list[Reading]:
    """The decoder of the device goes before what the network has decoded."""
    if device.decoder:
        payload = Payload(uplink.data, uplink.port, uplink.at)
        try:
            return decode(device.decoder, payload)
        except Undecodable as error:
            raise Undeliverable(_("Dekodierer %(name)s: %(error)s") % _named(device, error)) from error
    if uplink.decoded is None:
        raise Undeliverable(_("Dekodierer: das Gerät hat keinen, und das Netz hat nichts dekodiert."))
    return [Reading(dict(uplink.decoded))]


def _named(device: Device, error: Undecodable) -> dict[str, object]:
    return {"name": device.decoder.name if device.decoder else "", "error": error}


def _samples(device: Device, readings: list[Reading], writer: Reader, reference: datetime, flags: int) -> list[Sample]:
    try:
        wanted = mapping.targets(device.fields)
    except mapping.BadFields as error:
        raise Undeliverable(str(error)) from error
    ids = {target.datastream_id for target in wanted.values() if target}
    streams = read_streams(here(), writer, ids) if ids else dict[int, Stream]()
    samples: list[Sample] = []
    for reading in readings:
        start, own = _moment(device, reading, reference, flags)
        samples += mapping.samples(reading.values, wanted, streams, start=start, flags=own)
    return samples


def _moment(device: Device, reading: Reading, reference: datetime, flags: int) -> tuple[datetime, int]:
    if reading.time:
        return moments.own_moment(reading.values, reading.time, reference, late=True)
    if device.time_field and reading.values:
        return moments.own_moment(reading.values, device.time_field, reference, late=False)
    return reference, flags


def _record(samples: list[Sample]) -> None:
    try:
        record(here(), samples)
    except (UnknownDatastream, BeyondTime) as error:
        raise Undeliverable(_("Speichern: %s") % error) from error
