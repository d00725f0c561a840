"""A series: one datastream with its newest value, as pages show it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from stadtkern.core import clock
from stadtkern.hub.domain.connection import cursor, here
from stadtkern.hub.domain.readers import Reader
from stadtkern.hub.domain.vocabulary import LAST, Quantity, quantity_of
from stadtkern.hub.words import Flag, Visibility

MOST_OF_A_THING = 60
PATIENCE, LEAST_PATIENCE, WITHOUT_INTERVAL = 3, timedelta(hours=1), timedelta(hours=6)
PAST = timedelta(days=30)
PAST_SQL = f"n.phenomenon_start < n.received_at - make_interval(days => {PAST.days})"

# `{among}`: which things or datastreams (alias d). Datastreams that share a thing are cut off after MOST_OF_A_THING.
NEWEST = """
select d.id, d.thing_id, d.name, d.unit, d.interval_seconds, d.observation_type, d.is_multi, d.properties,
       p.id, coalesce(p.name, ''), coalesce(p.definition, ''), n.phenomenon_start, n.phenomenon_end, n.number, n.text,
       n.json, n.flags, n.count, n.first_start, d.visibility, n.received_at
from (
    select d.*, row_number() over (partition by d.thing_id order by d.id) as place
    from hub_datastream d where {among} and {sees}
) d
join hub_latest n on n.datastream_id = d.id
left join hub_observedproperty p on p.id = d.observed_property_id
where d.place <= %(most)s
order by d.thing_id, d.id
"""


class Freshness(StrEnum):
    """Does a feed do what it should? SILENT: nothing came for three intervals (an hour at least).

    PAST: its newest value was a month old when it came. Such a series is read from files of the past and was never
    alive, so nobody has to mend it.
    """

    WORKING = "working"
    SILENT = "silent"
    PAST = "past"
    EMPTY = "empty"


class Verdict(StrEnum):
    """What the rules said of a value."""

    UNCHECKED = "unchecked"
    GOOD = "good"
    SUSPECT = "suspect"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Series:
    """`unit`: as the datastream has it; `number`, `text`, `json`: the newest result, at most one is set.

    `received_at`: when something last came.
    """

    id: int
    thing_id: int
    name: str
    unit: Any = field(hash=False)
    interval_seconds: int | None
    observation_type: str
    is_multi: bool
    properties: Mapping[str, Any] = field(hash=False)
    property_id: int | None
    property_name: str
    definition: str
    start: datetime | None
    end: datetime | None
    number: float | None
    text: str | None
    json: Any = field(hash=False)
    flags: int
    count: int
    first_start: datetime | None
    visibility: str
    received_at: datetime | None

    @property
    def is_public(self) -> bool:
        return self.visibility == Visibility.PUBLIC

    @property
    def quantity(self) -> Quantity | None:
        return quantity_of(self.definition, self.property_name, self.name)

    @property
    def place(self) -> tuple[int, int]:
        """Where it stands among others: in the pack's order, then as registered."""
        known = self.quantity
        return (known.place if known else LAST, self.id)

    @property
    def symbol(self) -> str:
        return "" if self.is_multi else str((self.unit or {}).get("symbol") or "")

    @property
    def is_simulated(self) -> bool:
        return bool(self.properties.get("simulation"))

    @property
    def verdict(self) -> Verdict:
        return verdict_of(self.flags)

    @property
    def patience(self) -> timedelta:
        return patience_of(self.interval_seconds)

    def age(self, now: datetime | None = None) -> timedelta | None:
        """How long ago the newest value was measured; None without one."""
        return None if self.start is None else (now or clock.now()) - (self.end or self.start)

    @property
    def is_past(self) -> bool:
        newest = self.end or self.start
        return newest is not None and self.received_at is not None and self.received_at - newest > PAST

    def freshness(self, now: datetime | None = None) -> Freshness:
        age = self.age(now)
        if age is None:
            return Freshness.EMPTY
        if age <= self.patience:
            return Freshness.WORKING
        return Freshness.PAST if self.is_past else Freshness.SILENT


def patience_of(interval_seconds: int | None) -> timedelta:
    """How long nothing may come before a feed counts as silent."""
    if not interval_seconds:
        return WITHOUT_INTERVAL
    return max(PATIENCE * timedelta(seconds=interval_seconds), LEAST_PATIENCE)


def verdict_of(flags: int) -> Verdict:
    found = Flag(flags)
    if found & Flag.BAD:
        return Verdict.BAD
    if found & ~(Flag.CHECKED | Flag.CORRECTED):
        return Verdict.SUSPECT
    return Verdict.GOOD if found & Flag.CHECKED else Verdict.UNCHECKED


def series_of_things(thing_ids: Sequence[int], *, reader: Reader) -> dict[int, list[Series]]:
    """The series of each thing in the order of pages; one statement."""
    found: dict[int, list[Series]] = defaultdict(list)
    for one in _read("d.thing_id = any(%(ids)s)", thing_ids, reader):
        found[one.thing_id].append(one)
    return {thing_id: sorted(several, key=lambda one: one.place) for thing_id, several in found.items()}


def series_by_id(datastream_ids: Sequence[int], *, reader: Reader) -> dict[int, Series]:
    """Those of these datastreams that the reader sees."""
    return {one.id: one for one in _read("d.id = any(%(ids)s)", datastream_ids, reader)}


def series_of_properties(property_ids: Sequence[int], *, reader: Reader, most: int = 2_000) -> list[Series]:
    """All series of these observed properties; bounded."""
    return _read("d.observed_property_id = any(%(ids)s)", property_ids, reader)[:most]


def _read(among: str, ids: Sequence[int], reader: Reader) -> list[Series]:
    if not ids:
        return []
    statement = NEWEST.format(among=among, sees=reader.sees_datastream("d"))
    asked = {"ids": list(ids), "most": MOST_OF_A_THING, **reader.parameters}
    return [Series(*row) for row in cursor(here()).execute(statement, asked).fetchall()]
