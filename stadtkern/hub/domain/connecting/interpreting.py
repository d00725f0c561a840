"""Rows become readings: by one mapping, with every row and cell that cannot be read rejected with its reason."""

import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from stadtkern.hub.domain.connecting.mapping import FALSE, LONG, TRUE, TYPES, Condition, RowMapping, ValueSpec
from stadtkern.hub.domain.connecting.moments import Before, MomentReader, UnreadableMoment, zone_named
from stadtkern.hub.domain.connecting.numbers import POINT, READERS, NoNumber, with_comma
from stadtkern.hub.domain.connecting.port import (
    MOST_IN_BATCH,
    Batch,
    Fetching,
    Reading,
    Reject,
    SeriesFacts,
    SourceFault,
    Strip,
    ThingFacts,
)

Row = Any
Getter = Callable[[Row], Any]
EMPTY = (None, "")
ALONE = "1"  # the key of the only thing of a source that names none
LONGEST_RAW = 200


@dataclass(slots=True)
class Column:
    """A value's column with what reads its cells. `number`: what reads a plain number (no factor, nothing missing)."""

    spec: ValueSpec
    get: Getter
    read: Callable[[Any], Any]
    number: Callable[[Any], float] | None


class Line(NamedTuple):
    """A row whose thing and moment are known."""

    number: int
    row: Row
    at: datetime


@dataclass
class Interpreter:
    """Turns rows into batches. `getter(expression)` gives the function that takes that part out of a row.

    Rows are gathered and then read column by column: numbers that all are plain cost least so. `raw(row)` is the row
    as a person reads it.
    """

    mapping: RowMapping
    getter: Callable[[str], Getter]
    raw: Callable[[Row], str]
    fetching: Fetching
    moments: MomentReader
    _things: set[str] = field(default_factory=set)
    _series: set[str] = field(default_factory=set)
    _before: dict[str, Before] = field(default_factory=dict)
    _lines: dict[str, list[Line]] = field(default_factory=dict)

    def batches(self, rows: Iterable[tuple[int, Row]], *, most: int = MOST_IN_BATCH) -> Iterator[Batch]:
        """Rows with their numbers, a row that could not even be cut into cells as a Reject."""
        batch, most_rows = Batch(), max(most // max(len(self._columns), 1), 1)
        if self.mapping.layout == LONG:
            most_rows = most
        for number, row in rows:
            batch.rows += 1
            if isinstance(row, Reject):
                batch.rejects.append(row)
            elif all(holds(row) for holds in self._conditions):
                self._read_row(batch, number, row)
            if batch.rows >= most_rows:
                yield self._whole(batch)
                batch = Batch()
        yield self._whole(batch)

    def _read_row(self, batch: Batch, number: int, row: Row) -> None:
        try:
            thing = self._thing(batch, row)
            at = self._moment(thing, row)
        except UnreadableMoment as error:
            batch.rejects.append(Reject(number, str(error), self._cut(self.raw(row))))
            return
        except NoNumber:
            batch.rejects.append(Reject(number, _("Koordinaten sind keine Grade"), self._cut(self.raw(row))))
            return
        if self.fetching.wants(at):
            self._lines.setdefault(thing, []).append(Line(number, row, at))

    def _moment(self, thing: str, row: Row) -> datetime:
        """Rows that follow each other in time are those of a thing; in the long form those of each of its series."""
        track = thing if self._series_name is None else f"{thing}/{self._series_name(row)}"
        before = self._before.get(track)
        at = self.moments.read(self._time(row), before=before)
        self._before[track] = before.then(at) if before else Before(at)
        return at

    def _whole(self, batch: Batch) -> Batch:
        """The batch with the values of the rows gathered for it."""
        for thing, lines in self._lines.items():
            for column, mine in self._by_column(lines):
                self._read_column(batch, thing, column, mine)
        self._lines.clear()
        batch.rejects.sort(key=lambda reject: reject.row)
        return batch

    def _by_column(self, lines: list[Line]) -> Iterator[tuple[Column, list[Line]]]:
        if self._series_name is None:
            yield from ((column, lines) for column in self._columns)
            return
        named: dict[str, list[Line]] = {}
        for line in lines:
            named.setdefault(str(self._series_name(line.row)), []).append(line)
        yield from ((self._by_name[name], mine) for name, mine in named.items() if name in self._by_name)

    def _read_column(self, batch: Batch, thing: str, column: Column, lines: list[Line]) -> None:
        cells = [column.get(line.row) for line in lines]
        values = _plain_numbers(cells, column.number) if column.number else None
        key = f"{thing}/{column.spec.key}"
        has_values = values is not None
        if values is not None:
            rows, at = [line.number for line in lines], [line.at for line in lines]
            batch.strips.append(Strip(key, at, values, rows))
        else:
            has_values = self._read_cells(batch, key, column, list(zip(lines, cells, strict=True)))
        if has_values and key not in self._series:
            self._series.add(key)
            batch.series.append(self._series_facts(key, thing, column.spec))

    def _read_cells(self, batch: Batch, key: str, column: Column, cells: list[tuple[Line, Any]]) -> bool:
        """One by one: some are empty, are no numbers, or mean something else. True when one is a value."""
        spec, had = column.spec, len(batch.readings)
        for line, cell in cells:
            if cell in EMPTY or (spec.missing and str(cell).strip() in spec.missing):
                continue
            try:
                batch.readings.append(Reading(key, line.at, column.read(cell), line.number))
            except NoNumber:
                reason = _("%(name)s: unlesbarer Wert") % {"name": spec.name}
                batch.rejects.append(Reject(line.number, reason, self._cut(f"{spec.source}={cell}")))
        return len(batch.readings) > had

    def __post_init__(self) -> None:
        mapping, get = self.mapping, self.getter
        number = READERS.get(mapping.decimal, READERS[POINT])
        is_long = mapping.layout == LONG
        self._columns = [
            Column(
                spec,
                get(mapping.value if is_long else spec.source),
                _reader(spec, number),
                float if mapping.decimal == POINT and _is_plain(spec) else None,
            )
            for spec in mapping.values
        ]
        self._by_name = {column.spec.source: column for column in self._columns}
        self._series_name = get(mapping.series) if is_long else None
        self._time = _joined([get(part) for part in mapping.time])
        self._key = self._key_getter()
        self._name = get(mapping.thing_name) if mapping.thing_name and mapping.thing_key else None
        self._place = [_constant_or(part, get) for part in (mapping.lon, mapping.lat) if part]
        self._conditions = [_condition(one, get) for one in mapping.conditions]

    def _key_getter(self) -> Getter:
        mapping = self.mapping
        if mapping.thing_pattern:
            found = re.search(mapping.thing_pattern, self.fetching.file_name)
            if found is None or not found["thing"]:
                raise SourceFault(
                    _("Im Namen der Datei steckt keine Kennung: %(name)s") % {"name": self.fetching.file_name}
                )
            alone = found["thing"]
            return lambda row: alone
        if mapping.thing_key:
            return self.getter(mapping.thing_key)
        only = next(iter(mapping.things), ALONE)
        return lambda row: only

    def _thing(self, batch: Batch, row: Row) -> str:
        key = str(self._key(row) or "").strip()
        if not key:
            raise UnreadableMoment(_("ohne Kennung des Objekts"))
        if key not in self._things:
            batch.things.append(self._thing_facts(key, row))
            self._things.add(key)
        return key

    def _thing_facts(self, key: str, row: Row) -> ThingFacts:
        known: Mapping[str, Any] = self.mapping.things.get(key, {})
        lon, lat = known.get("lon"), known.get("lat")
        if lon is None and len(self._place) == 2:
            lon, lat = (part(row) for part in self._place)
        name = known.get("name") or (self._name(row) if self._name else "") or self._lone_name() or key
        return ThingFacts(
            key=key,
            name=str(name),
            description=str(known.get("description", "")),
            lon=_degrees(lon, 180),
            lat=_degrees(lat, 90),
            properties=dict(known.get("properties") or {}),
        )

    def _lone_name(self) -> str:
        mapping = self.mapping
        return "" if mapping.thing_key or mapping.thing_pattern else mapping.thing_name

    def _series_facts(self, key: str, thing: str, spec: ValueSpec) -> SeriesFacts:
        return SeriesFacts(
            key=key,
            thing=thing,
            name=spec.name,
            property_name=spec.name,
            property_definition=spec.definition,
            sensor=self.mapping.sensor,
            unit=spec.unit,
            observation_type=TYPES[spec.kind],
            interval_seconds=self.mapping.interval_seconds,
            low=spec.low,
            high=spec.high,
            properties=spec.properties,
        )

    def _cut(self, text: str) -> str:
        return text if len(text) <= LONGEST_RAW else f"{text[: LONGEST_RAW - 1]}…"


def zone_of(mapping: RowMapping, usual: tzinfo) -> tzinfo:
    """The zone of naive times: as the mapping says, else the city's."""
    return zone_named(mapping.time_zone) if mapping.time_zone else usual


def _degrees(told: Any, most: int) -> float | None:
    """A coordinate; None when there is none. Raises NoNumber, also for metres of a map."""
    if told in EMPTY:
        return None
    number = with_comma(told)
    if not -most <= number <= most:
        raise NoNumber
    return number


def _joined(parts: list[Getter]) -> Getter:
    """One part as it is, several with a space between (date and clock in columns of their own)."""
    if len(parts) == 1:
        return parts[0]
    return lambda row: " ".join(str(part(row)) for part in parts)


def _constant_or(part: str, get: Callable[[str], Getter]) -> Getter:
    """A coordinate that is the same for every row, or an expression."""
    try:
        number = with_comma(part)
    except NoNumber:
        return get(part)
    return lambda row: number


def _reader(spec: ValueSpec, number: Callable[[Any], float]) -> Callable[[Any], Any]:
    if spec.kind == "text":
        return lambda cell: str(cell).strip()
    if spec.kind == "flag":
        return _truth
    if spec.kind == "count":
        return lambda cell: _whole(number(cell) * spec.factor)
    if spec.factor != 1.0:
        return lambda cell: number(cell) * spec.factor
    return number


def _is_plain(spec: ValueSpec) -> bool:
    return spec.kind == "number" and spec.factor == 1.0 and not spec.missing


def _plain_numbers(cells: list[Any], number: Callable[[Any], float]) -> list[float] | None:
    """All of them, or None when one is empty, none, not finite, or written in a way that only programs read."""
    try:
        values = list(map(number, cells))
    except (TypeError, ValueError):
        return None
    is_odd = not all(map(math.isfinite, values)) or any("_" in cell for cell in cells if cell.__class__ is str)
    return None if is_odd else values


def _truth(cell: Any) -> bool:
    text = str(cell).strip().lower()
    if text not in TRUE | FALSE:
        raise NoNumber
    return text in TRUE


def _whole(number: float) -> int:
    if number != int(number):
        raise NoNumber
    return int(number)


def _condition(one: Condition, get: Callable[[str], Getter]) -> Callable[[Row], bool]:
    part, wanted = get(one.source), one.value
    tests: dict[str, Callable[[Any], bool]] = {
        "is": lambda cell: str(cell) == wanted,
        "is not": lambda cell: str(cell) != wanted,
        "contains": lambda cell: wanted in str(cell),
        "above": lambda cell: _compared(cell, wanted) > 0,
        "below": lambda cell: _compared(cell, wanted) < 0,
        "filled": lambda cell: cell not in EMPTY,
    }
    test = tests[one.test]
    return lambda row: test(part(row))


def _compared(cell: Any, wanted: str) -> float:
    """Above zero when the cell is larger; what is no number is neither above nor below."""
    try:
        return with_comma(cell) - with_comma(wanted)
    except NoNumber:
        return 0.0
