"""From JSON to a layout; every complaint says where it is about."""

import math
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from stadtkern.hub.domain.decoders.layout import (
    FLOATS,
    LONGEST,
    MOST_DEEP,
    ORDERS,
    TYPES,
    BadLayout,
    Body,
    Cases,
    Field,
    Kind,
    Layout,
    Message,
    Records,
    Repeat,
)

MOST_ITEMS = 500
WHOLE = re.compile(r"-?[0-9]{1,20}")
HEADS = (("type",), ("channel", "type"), ("type", "channel"))


class Place:
    """One object of the layout, and where it stands. What is not taken by name is a mistake."""

    def __init__(self, path: str, given: Any) -> None:
        if not isinstance(given, dict):
            raise BadLayout(f"{path or 'layout'}: an object is needed")
        self.path = path
        self._left = dict(given)

    def __contains__(self, name: str) -> bool:
        return name in self._left

    def fault(self, name: str, what: str) -> BadLayout:
        return BadLayout(f"{self.path}{'.' if self.path else ''}{name}: {what}")

    def whole(self, name: str, least: int, most: int, default: int | None = None) -> int:
        value = self._left.pop(name, default)
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise self.fault(name, f"a whole number from {least} to {most} is needed")
        return value

    def number(self, name: str, default: int) -> Decimal:
        value = self._left.pop(name, default)
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise self.fault(name, "a number is needed")
        return Decimal(str(value))

    def text(self, name: str, default: str | None = None) -> str:
        value = self._left.pop(name, default)
        if not isinstance(value, str) or len(value) > 120 or (default is None and not value):
            raise self.fault(name, "a text is needed")
        return value

    def choice(self, name: str, choices: tuple[str, ...], default: str) -> str:
        value = self.text(name, default)
        if value not in choices:
            raise self.fault(name, f"one of {', '.join(choices)} is needed")
        return value

    def yes(self, name: str) -> bool:
        value = self._left.pop(name, False)
        if not isinstance(value, bool):
            raise self.fault(name, "true or false is needed")
        return value

    def wholes(self, name: str, least: int = 0, most: int = LONGEST) -> list[int]:
        value = self._left.pop(name, [])
        good = isinstance(value, list) and all(type(part) is int and least <= part <= most for part in value)
        if not good:
            raise self.fault(name, f"a list of whole numbers from {least} to {most} is needed")
        return list(value)

    def head(self) -> tuple[str, ...]:
        value = self._left.pop("head", ["channel", "type"])
        if not isinstance(value, list) or tuple(value) not in HEADS:
            raise self.fault("head", '["type"], ["channel", "type"] or ["type", "channel"] is needed')
        return tuple(value)

    def mapping(self, name: str) -> dict[int, Any]:
        """An object whose names are whole numbers, as JSON writes them."""
        value = self._left.pop(name, {})
        if not isinstance(value, dict) or not all(_is_whole(key) for key in value):
            raise self.fault(name, "an object with whole numbers as names is needed")
        return {int(key): part for key, part in value.items()}

    def items(self, name: str, *, least: int = 0) -> Iterator["Place"]:
        value = self._left.pop(name, [])
        if not isinstance(value, list) or not least <= len(value) <= MOST_ITEMS:
            raise self.fault(name, f"a list of {least} to {MOST_ITEMS} objects is needed")
        dot = "." if self.path else ""
        for number, part in enumerate(value):
            yield Place(f"{self.path}{dot}{name}[{number}]", part)

    def inner(self, name: str) -> "Place":
        return Place(f"{self.path}.{name}", self._left.pop(name))

    def finish(self) -> None:
        if self._left:
            raise self.fault(sorted(self._left)[0], "this is not known here")


def parse(given: Any) -> Layout:
    """A layout from JSON. Raises BadLayout."""
    top = Place("", given)
    order = top.choice("order", ORDERS, "big")
    messages = tuple(_message(place, order) for place in top.items("messages", least=1))
    top.finish()
    return Layout(messages)


def _message(place: Place, order: str) -> Message:
    ports, lengths = place.wholes("ports"), place.wholes("lengths")
    return Message(ports=frozenset(ports), lengths=frozenset(lengths), body=_body(place, order, deep=0))


def _body(place: Place, order: str, *, deep: int) -> Body:
    if deep > MOST_DEEP:
        raise place.fault("cases", f"more than {MOST_DEEP} inside each other")
    body = Body(
        fields=_fields(place, order),
        cases=_cases(place.inner("cases"), order, deep=deep) if "cases" in place else None,
        repeat=_repeat(place.inner("repeat"), order) if "repeat" in place else None,
        records=_records(place.inner("records"), order) if "records" in place else None,
    )
    if sum(part is not None for part in (body.cases, body.repeat, body.records)) > 1:
        raise place.fault("cases", "only one of cases, repeat and records may stand here")
    place.finish()
    return body


def _cases(place: Place, order: str, *, deep: int) -> Cases:
    at, mask = place.whole("at", 0, LONGEST), place.whole("mask", 1, 255, 255)
    of = {
        value: _body(Place(f"{place.path}.of.{value}", part), order, deep=deep + 1)
        for value, part in place.mapping("of").items()
    }
    otherwise = _body(place.inner("else"), order, deep=deep + 1) if "else" in place else None
    place.finish()
    return Cases(at=at, mask=mask, of=of, otherwise=otherwise)


def _repeat(place: Place, order: str) -> Repeat:
    length = place.whole("length", 1, LONGEST)
    fields = _fields(place, order, within=length)
    time = _time(place, fields)
    place.finish()
    return Repeat(length=length, fields=fields, time=time)


def _records(place: Place, order: str) -> Records:
    head = place.head()
    stops = place.choice("unknown", ("error", "stop"), "error") == "stop"
    kinds = tuple(_kind(part, order) for part in place.items("kinds", least=1))
    place.finish()
    return Records(head=head, kinds=kinds, stops=stops)


def _kind(place: Place, order: str) -> Kind:
    length = place.whole("length", 0, LONGEST)
    fields = _fields(place, order, within=length)
    kind = Kind(
        type=place.whole("type", 0, 255),
        channel=place.whole("channel", 0, 255) if "channel" in place else None,
        length=length,
        fields=fields,
        time=_time(place, fields),
    )
    place.finish()
    return kind


def _time(place: Place, fields: tuple[Field, ...]) -> str:
    name = place.text("time", "")
    if name and name not in {field.name for field in fields}:
        raise place.fault("time", "no field has this name")
    return name


def _fields(place: Place, order: str, *, within: int | None = None) -> tuple[Field, ...]:
    fields = []
    for part in place.items("fields"):
        field = _field(part, order)
        if within is not None and field.at + field.length > within:
            raise part.fault("length", f"ends behind the {within} bytes that belong together")
        fields.append(field)
    return tuple(fields)


def _field(place: Place, order: str) -> Field:
    kind = place.choice("type", TYPES, "uint")
    length = place.whole("length", 1, 8 if kind != "hex" else LONGEST, 1)
    if kind == "float" and length not in FLOATS:
        raise place.fault("length", "a float has 2, 4 or 8 bytes")
    field = Field(
        name=place.text("name"),
        at=place.whole("at", 0, LONGEST),
        length=length,
        type=kind,
        order=place.choice("order", ORDERS, order),
        bits=_bits(place, kind, length),
        factor=place.number("factor", 1),
        offset=place.number("offset", 0),
        enum={value: str(text) for value, text in place.mapping("enum").items()},
        missing=frozenset(place.wholes("missing", -(2**63), 2**64 - 1)),
        optional=place.yes("optional"),
    )
    place.finish()
    return field


def _bits(place: Place, kind: str, length: int) -> tuple[int, int] | None:
    bits = place.wholes("bits", 0, 64)
    if not bits:
        return None
    if kind in ("float", "hex") or len(bits) != 2 or bits[1] < 1 or sum(bits) > 8 * length:
        raise place.fault("bits", f"[first, count] within {8 * length} bits of a number is needed")
    return bits[0], bits[1]


def _is_whole(text: Any) -> bool:
    return isinstance(text, str) and WHOLE.fullmatch(text) is not None
