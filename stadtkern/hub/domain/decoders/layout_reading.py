"""Read a message by its layout: bounded by the bytes that are there."""

import struct
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from stadtkern.hub.domain.decoders.layout import Body, Field, Layout, Records, Repeat
from stadtkern.hub.domain.decoders.payload import Payload, Reading, Undecodable

FLOAT_CODES = {2: "e", 4: "f", 8: "d"}


def read(layout: Layout, payload: Payload) -> list[Reading]:
    """The message's own values first (they may be none), then readings with a time of their own.

    Raises Undecodable.
    """
    data, port = payload.data, payload.port
    for message in layout.messages:
        if message.fits(port, len(data)):
            own, others = Reading({}), list[Reading]()
            for reading in _body(message.body, data):
                if reading.time:
                    others.append(reading)
                else:
                    _add(own.values, reading.values)
            return [own, *others]
    raise Undecodable(
        _("Kein Format passt zu Port %(port)s mit %(length)s Bytes.") % {"port": port, "length": len(data)}
    )


def _body(body: Body, data: bytes) -> Iterator[Reading]:
    yield Reading(_values(body.fields, data, 0))
    if body.cases:
        yield from _body(_chosen(body, data), data)
    elif body.repeat:
        yield from _repeated(body.repeat, data)
    elif body.records:
        yield from _records(body.records, data)


def _chosen(body: Body, data: bytes) -> Body:
    cases = body.cases
    assert cases is not None  # noqa: S101 (the caller has asked)
    if cases.at >= len(data):
        raise _too_short(cases.at, 1, len(data))
    value = data[cases.at] & cases.mask
    found = cases.of.get(value, cases.otherwise)
    if found is None:
        told = {"at": cases.at, "value": value}
        raise Undecodable(_("Byte %(at)s: unbekannte Art %(value)s.") % told, at=cases.at)
    return found


def _repeated(repeat: Repeat, data: bytes) -> Iterator[Reading]:
    for at in range(0, len(data), repeat.length):
        if at + repeat.length > len(data):
            raise _too_short(at, repeat.length, len(data))
        yield Reading(_values(repeat.fields, data, at), repeat.time)


def _records(records: Records, data: bytes) -> Iterator[Reading]:
    at = 0
    while at < len(data):
        head = data[at : at + len(records.head)]
        if len(head) < len(records.head):
            raise _too_short(at, len(records.head), len(data))
        told = dict(zip(records.head, head, strict=True))
        kind = records.kind(told["type"], told.get("channel"))
        if kind is None:
            if records.stops:
                return
            unknown = {"at": at, "type": head.hex(" ")}
            raise Undecodable(_("Byte %(at)s: unbekannter Typ %(type)s.") % unknown, at=at)
        at += len(head)
        if at + kind.length > len(data):
            raise _too_short(at, kind.length, len(data))
        yield Reading(_values(kind.fields, data, at, channel=told.get("channel")), kind.time)
        at += kind.length


def _values(fields: Sequence[Field], data: bytes, start: int, *, channel: int | None = None) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for field in fields:
        at = start + field.at
        raw = data[at : at + field.length]
        if len(raw) < field.length:
            if field.optional:
                continue
            raise _too_short(at, field.length, len(data))
        value = _value(field, raw)
        if value is not None:
            name = field.name if channel is None else field.name.replace("{channel}", str(channel))
            _add(values, {name: value})
    return values


def _add(values: dict[str, Any], more: dict[str, Any]) -> None:
    """A name that comes again gets a number: distance, distance_2."""
    for name, value in more.items():
        free, number = name, 1
        while free in values:
            number += 1
            free = f"{name}_{number}"
        values[free] = value


def _value(field: Field, raw: bytes) -> Any:
    """None: the device says that there is no value."""
    if field.type == "hex":
        return raw.hex()
    if field.type == "float":
        return _float(field, raw)
    number = int.from_bytes(raw, field.order, signed=field.type == "int" and field.bits is None)  # type: ignore[arg-type]
    if field.bits:
        number = _bits(number, *field.bits, signed=field.type == "int")
    if number in field.missing:
        return None
    if field.type == "bool":
        return bool(number)
    if field.enum:
        return field.enum.get(number, number)
    return _scaled(field, number)


def _bits(number: int, first: int, count: int, *, signed: bool) -> int:
    part = number >> first & (1 << count) - 1
    return part - (1 << count) if signed and part >> count - 1 else part


def _float(field: Field, raw: bytes) -> float | None:
    sign = ">" if field.order == "big" else "<"
    (value,) = struct.unpack(sign + FLOAT_CODES[field.length], raw)
    if value != value or value in (float("inf"), float("-inf")):  # noqa: PLR0124 (NaN differs from itself)
        return None
    return float(value) * float(field.factor) + float(field.offset)


def _scaled(field: Field, number: int) -> int | float:
    """In decimals, so that 272 tenths are 27.2 and not 27.200000000000003."""
    if field.factor == 1 and field.offset == 0:
        return number
    scaled = Decimal(number) * field.factor + field.offset
    return float(scaled)


def _too_short(at: int, needed: int, length: int) -> Undecodable:
    there = max(0, length - at)
    told = {"at": at, "needed": needed, "there": there}
    return Undecodable(_("Byte %(at)s: %(needed)s Bytes erwartet, %(there)s sind noch da.") % told, at=at)
