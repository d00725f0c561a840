"""The language of layouts: how a message is cut into values, as data.

A layout is JSON. `order` is the byte order ("big" or "little"); `messages` are tried from the first to the last:

    {"order": "big", "messages": [
        {"ports": [2], "lengths": [11],
         "fields": [{"name": "temperature", "at": 2, "length": 2, "type": "int", "factor": 0.01}],
         "cases": {"at": 6, "mask": 15, "of": {"0": {}, "1": {"fields": [...]}}}}]}

A message (also each of its cases) has a body: `fields` at fixed places, then one of
- `cases`: another body, chosen by the bits `mask` of the byte `at`; `else` is the body of all others, without it they
  cannot be decoded;
- `repeat`: {"length": 11, "fields": [...], "time": "at"}: readings one after the other until the end;
- `records`: {"head": ["channel", "type"], "kinds": [...], "unknown": "error"}: each value says by its head what it is
  (Cayenne LPP, Elsys, Milesight). A kind: {"type": 103, "channel": 3, "length": 2, "fields": [...], "time": "at"};
  without `channel` it holds for every channel, and {channel} in a name stands for the number. `unknown`: "error", or
  "stop" to take what came before.
An empty body is a message without values.

A field: `name`, `at` (byte, counted from 0 inside its body), `length` (bytes), `type` ("uint", "int", "float", "bool",
"hex"), `order`, `bits` ([first, count], 0 is the lowest), `factor`, `offset` (value = raw * factor + offset), `enum`
(raw -> text), `missing` (raw values that mean: no value), `optional` (may lie behind the end). `time` names the field
that holds the moment of a reading in seconds since 1970; such readings stand beside the message's own.
"""

from dataclasses import dataclass, field
from decimal import Decimal

TYPES = ("uint", "int", "float", "bool", "hex")
ORDERS = ("big", "little")
FLOATS = (2, 4, 8)
LONGEST = 255  # bytes of a LoRaWAN message
MOST_DEEP = 5


class BadLayout(ValueError):
    """The layout cannot be used; the text begins with the place: messages[0].fields[2].length."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    name: str
    at: int
    length: int
    type: str
    order: str
    bits: tuple[int, int] | None = None
    factor: Decimal = Decimal(1)
    offset: Decimal = Decimal(0)
    enum: dict[int, str] = field(default_factory=dict)
    missing: frozenset[int] = frozenset()
    optional: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One type of record."""

    type: int
    channel: int | None
    length: int
    fields: tuple[Field, ...]
    time: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    head: tuple[str, ...]
    kinds: tuple[Kind, ...]
    stops: bool = False

    def kind(self, type: int, channel: int | None) -> Kind | None:
        """The kind of just this channel goes before the one of every channel."""
        fitting = [kind for kind in self.kinds if kind.type == type and kind.channel in (channel, None)]
        return max(fitting, key=lambda kind: kind.channel is not None, default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeat:
    length: int
    fields: tuple[Field, ...]
    time: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cases:
    at: int
    mask: int
    of: dict[int, "Body"]
    otherwise: "Body | None" = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    fields: tuple[Field, ...] = ()
    cases: Cases | None = None
    repeat: Repeat | None = None
    records: Records | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    ports: frozenset[int]
    lengths: frozenset[int]
    body: Body

    def fits(self, port: int, length: int) -> bool:
        return (not self.ports or port in self.ports) and (not self.lengths or length in self.lengths)


@dataclass(frozen=True, slots=True)
class Layout:
    messages: tuple[Message, ...]
