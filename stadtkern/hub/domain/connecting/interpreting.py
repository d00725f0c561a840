"""Rows become readings: by one mapping, with every row and cell that cannot be read rejected with its reason."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from stadtkern.hub.domain.connecting.mapping import FALSE, LONG, TRUE, TYPES, Condition, RowMapping, ValueSpec
from stadtkern.hub.domain.connecting.moments import MomentReader, UnreadableMoment, zone_named
from stadtkern.hub.domain.connecting.numbers import POINT, READERS, NoNumber, with_comma
from stadtkern.hub.domain.connecting.port import (
    MOST_IN_BATCH,
    Batch,
    Fetching,
    Reading,
    Reject,
    SeriesFacts,
    SourceFault,
    ThingFacts,
)

Row = Any
Getter = Callable[[Row], Any]
EMPTY = (None, "")
ALONE = "1"  # the key of the only thing of a source that names none
LONGEST_RAW = 200


@dataclass(slots=True)
class Column:
    """A value's column with what reads its cells."""

    spec: ValueSpec
    get: Getter
    read: Callable[[Any], Any]


class Line(NamedTuple):
    """A row whose thing and moment are known."""

    number: int
    row: Row
    thing: str
    at: datetime


@dataclass
class Interpreter:
    """Turns rows into batches. `getter(expression)` gives the function that takes that part out of a row.

    `raw(row)` is the row as a person reads it.
    """

    mapping: RowMapping
    getter: Callable[[str], Getter]
    raw: Callable[[Row], str]
    fetching: Fetching
    moments: MomentReader
    _things: set[str] = field(default_factory=set)
    _series: set[str] = field(default_factory=set)
    _after: dict[str, datetime] = field(default_factory=dict)

    def batches(self, rows: Iterable[tuple[int, Row]], *, most: int = MOST_IN_BATCH) -> Iterator[Batch]:
        """Rows with their numbers, a row that could not even be cut into cells as a Reject."""
        read = self._read_long if self.mapping.layout == LONG else self._read_wide
        batch = Batch()
        for number, row in rows:
            batch.rows += 1
            if isinstance(row, Reject):
                batch.rejects.append(row)
            elif all(holds(row) for holds in self._conditions):
                self._read_row(batch, number, row, read)
            if len(batch.readings) >= most:
                yield batch
                batch = Batch()
        yield batch

    def _read_row(self, batch: Batch, number: int, row: Row, read: Callable[..., None]) -> None:
        try:
            thing = self._thing(batch, row)
            at = self.moments.read(self._time(row), after=self._after.get(thing))
        except UnreadableMoment as error:
            batch.rejects.append(Reject(number, str(error), self._cut(self.raw(row))))
            return
        except NoNumber:
            batch.rejects.append(Reject(number, _("Koordinaten sind keine Zahlen"), self._cut(self.raw(row))))
            return
        self._after[thing] = at
        if self.fetching.wants(at):
            read(batch, Line(number, row, thing, at))

    def __post_init__(self) -> None:
        mapping, get = self.mapping, self.getter
        number = READERS.get(mapping.decimal, READERS[POINT])
        self._columns = [
            Column(spec, get(spec.source) if mapping.layout != LONG else get(mapping.value), _reader(spec, number))
            for spec in mapping.values
        ]
        self._by_name = {column.spec.source: column for column in self._columns}
        self._series_name = get(mapping.series) if mapping.layout == LONG else None
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

    def _read_wide(self, batch: Batch, line: Line) -> None:
        for column in self._columns:
            self._read_cell(batch, line, column)

    def _read_long(self, batch: Batch, line: Line) -> None:
        name = str(self._series_name(line.row)) if self._series_name else ""
        if column := self._by_name.get(name):
            self._read_cell(batch, line, column)

    def _read_cell(self, batch: Batch, line: Line, column: Column) -> None:
        number, row, thing, at = line
        cell, spec = column.get(row), column.spec
        if cell in EMPTY or (spec.missing and str(cell).strip() in spec.missing):
            return
        try:
            value = column.read(cell)
        except NoNumber:
            reason = _("%(name)s: unlesbarer Wert") % {"name": spec.name}
            batch.rejects.append(Reject(number, reason, self._cut(f"{spec.source}={cell}")))
            return
        key = f"{thing}/{spec.key}"
        if key not in self._series:
            self._series.add(key)
            batch.series.append(self._series_facts(key, thing, spec))
        batch.readings.append(Reading(key, at, value, number))

    def _thing(self, batch: Batch, row: Row) -> str:
        key = str(self._key(row) or "").strip()
        if not key:
            raise UnreadableMoment(_("ohne Kennung des Dings"))
        if key not in self._things:
            self._things.add(key)
            batch.things.append(self._thing_facts(key, row))
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
            lon=None if lon in EMPTY else with_comma(lon),
            lat=None if lat in EMPTY else with_comma(lat),
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
