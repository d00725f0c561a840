"""InfluxDB's line protocol: `measurement,tag=v field=21.5,other=3i 1777896000000000000`.

Each field is one value. Its datastream has the source "lines" and the source key `measurement,tag=v field` (as
written, tags in order of their names); or the line has the tag `datastream=ID` and just one field.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from stadtkern.core.problems import BadQuery
from stadtkern.hub.door.formats.rows import RESULT, TIME, Content, Group, Rejected, check_size
from stadtkern.hub.door.formats.times import Precision

COLUMNS = (TIME, RESULT)
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
WHOLE = re.compile(r"[+-]?\d{1,20}")
LEAST, MOST = -(2**63), 2**64 - 1  # of whole numbers, signed and unsigned
TRUTHS = dict.fromkeys(("t", "T", "true", "True", "TRUE"), True) | dict.fromkeys(
    ("f", "F", "false", "False", "FALSE"), False
)
EXPLICIT = "datastream="


class BadLine(ValueError):
    """A line that cannot be read; the text says why."""


@dataclass(slots=True)
class Reader:
    """Reads lines one after the other; a broken one is rejected alone."""

    precision: Precision
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    groups: list[Group] = field(default_factory=list)
    broken: list[Rejected] = field(default_factory=list)
    values: int = 0
    heads: dict[str, tuple[str, int | None]] = field(default_factory=dict)

    def take(self, line: str, number: int) -> None:
        try:
            head, fields, moment = self._parts(line)
            series, datastream = self._head(head)
            pairs = [_field(text) for text in _split(fields, ",", quoted='"' in fields)]
            if datastream is not None and len(pairs) != 1:
                raise BadLine("a line with the tag datastream has one field")
        except BadLine as error:
            self.broken.append(Rejected(self.values, f"line {number}", str(error)))
            self.values += 1
            return
        for name, value in pairs:
            place = _place(self.values, f"line {number}")
            self.groups.append(Group(datastream or f"{series} {name}", COLUMNS, [[moment, value]], place))
            self.values += 1

    def _parts(self, line: str) -> tuple[str, str, datetime | str]:
        head, rest = _cut(line)
        parts = _split(rest, " ", quoted='"' in rest)
        if not head or not 1 <= len(parts) <= 2 or not all(parts):
            raise BadLine("a line is measurement, fields and time, with one space between")
        if len(parts) == 1:
            return head, parts[0], self.now
        if not WHOLE.fullmatch(parts[1]):
            raise BadLine(f"{parts[1][:40]!r} is no time: a whole number")
        return head, parts[0], self.precision.moment(int(parts[1]))

    def _head(self, text: str) -> tuple[str, int | None]:
        """(measurement and tags in order, the datastream that a tag names)."""
        if text not in self.heads:
            self.heads[text] = _head(text)
        return self.heads[text]


def read(body: bytes, precision: Precision) -> Content:
    """Every line that can be read, and the others as broken. Raises BadQuery, TooLarge."""
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        raise BadQuery(f"The body is not UTF-8, at byte {error.start}.") from None
    lines = text.split("\n")
    check_size(len(lines) - 1)
    reader = Reader(precision)
    for number, line in enumerate(lines, 1):
        if (line := line.strip()) and not line.startswith("#"):
            reader.take(line, number)
            check_size(reader.values)
    if not reader.values:
        raise BadQuery("The body has no line.")
    return Content(reader.groups, reader.broken)


def _cut(line: str) -> tuple[str, str]:
    """Before and after the first space that no backslash hides; quotes mean nothing before it."""
    place = line.find(" ")
    while place > 0 and line[place - 1] == "\\":
        place = line.find(" ", place + 1)
    return (line[:place], line[place + 1 :]) if place > 0 else ("", "")


def _place(index: int, at: str) -> Callable[[int], tuple[int, str]]:
    return lambda _: (index, at)


def _head(text: str) -> tuple[str, int | None]:
    measurement, *tags = _split(text, ",")
    if not measurement or any("=" not in tag for tag in tags):
        raise BadLine("a line begins with measurement,tag=value")
    explicit = [tag for tag in tags if tag.startswith(EXPLICIT)]
    others = sorted(tag for tag in tags if not tag.startswith(EXPLICIT))
    if not explicit:
        return ",".join([measurement, *others]), None
    number = explicit[0].removeprefix(EXPLICIT)
    if not number.isascii() or not number.isdigit() or len(number) > 18 or not int(number):
        raise BadLine("the tag datastream is a number")
    return ",".join([measurement, *others]), int(number)


def _field(text: str) -> tuple[str, Any]:
    name, *value = _split(text, "=", quoted='"' in text)
    if not name or len(value) != 1:
        raise BadLine(f"{text[:40]!r} is no field: name=value")
    return name, _value(value[0])


def _value(text: str) -> Any:
    if text in TRUTHS:
        return TRUTHS[text]
    if len(text) > 1 and text[0] == text[-1] == '"':
        return text[1:-1].replace('\\"', '"').replace("\\\\", "\\")
    if text[-1:] in ("i", "u") and WHOLE.fullmatch(text[:-1]) and LEAST <= int(text[:-1]) <= MOST:
        return int(text[:-1])
    if NUMBER.fullmatch(text):
        return float(text)
    raise BadLine(f"{text[:40]!r} is no value")


def _split(text: str, sign: str, *, quoted: bool = False) -> list[str]:
    """Cut at the sign, unless a backslash stands before it or it stands between quotes."""
    if "\\" not in text and not quoted:
        return text.split(sign)
    parts, begun, place, inside = [], 0, 0, False
    while place < len(text):
        here = text[place]
        if here == "\\":
            place += 1
        elif here == '"' and quoted:
            inside = not inside
        elif here == sign and not inside:
            parts.append(text[begun:place])
            begun = place + 1
        place += 1
    if inside:
        raise BadLine("a text has no closing quote")
    return [*parts, text[begun:]]
