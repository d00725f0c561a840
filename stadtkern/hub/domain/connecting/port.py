"""What a kind of connector is, and what it brings: facts of things and series, and readings by the batch.

A kind touches no database and no model: it turns an answer from outside into batches. So a preview is the same code as
a run, without the writing.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Any, BinaryIO, NamedTuple, Protocol

from stadtkern.core.registry import Registry
from stadtkern.hub.words import ObservationType

MOST_IN_BATCH = 40_000  # readings


class SourceFault(Exception):
    """The source cannot be read. The text is a sentence for the person who looks after it.

    `retry_after`: seconds the other side wants us to wait.
    """

    def __init__(self, words: str, *, retry_after: int = 0) -> None:
        super().__init__(words)
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True, kw_only=True)
class ThingFacts:
    """What a source says of a thing. Degrees in EPSG:4326; without both of them the place is unknown."""

    key: str
    name: str
    description: str = ""
    lon: float | None = None
    lat: float | None = None
    properties: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesFacts:
    """What a source says of a datastream. `unit`: {name, symbol, definition}, the symbol in UCUM.

    `low`, `high`: the plausible range, a fact for the rules of quality.
    """

    key: str
    thing: str
    name: str
    property_name: str
    property_definition: str = ""
    description: str = ""
    sensor: str = ""
    unit: Mapping[str, str] = field(default_factory=dict)
    observation_type: str = ObservationType.MEASUREMENT
    interval_seconds: int | None = None
    low: float | None = None
    high: float | None = None
    properties: Mapping[str, Any] = field(default_factory=dict)


class Reading(NamedTuple):
    """One value of a series. Moments are aware; `row` is the row of the source it stood in (0: there are no rows)."""

    series: str
    at: datetime
    value: Any
    row: int = 0
    end: datetime | None = None
    result_time: datetime | None = None


class Strip(NamedTuple):
    """Plain finite numbers of one series, side by side: what tables bring by the thousand. `rows` as in a Reading."""

    series: str
    at: Sequence[datetime]
    values: Sequence[float]
    rows: Sequence[int]


class Reject(NamedTuple):
    """A row, or a cell of it, that is no reading: the reason is for a person, `raw` what stood there."""

    row: int
    reason: str
    raw: str


@dataclass(slots=True)
class Batch:
    """Some rows of a source, in its order. `position`: what to remember once this batch is kept.

    `is_alive`: the source says itself that it is of now (its time stamp has moved), even if no value has changed.
    """

    rows: int = 0
    things: list[ThingFacts] = field(default_factory=list)
    series: list[SeriesFacts] = field(default_factory=list)
    readings: list[Reading] = field(default_factory=list)
    strips: list[Strip] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    position: dict[str, Any] | None = None
    is_alive: bool = False

    @property
    def size(self) -> int:
        """How many values."""
        return len(self.readings) + sum(len(strip.values) for strip in self.strips)

    def each(self) -> list[Reading]:
        """All values one by one, in the order of their rows."""
        cut = [Reading(strip.series, *one) for strip in self.strips for one in zip(*strip[1:], strict=True)]
        return sorted([*cut, *self.readings], key=lambda reading: reading.row)


class Answer(Protocol):
    """A body that was fetched or opened. `changed` is False when the source says that nothing is new."""

    changed: bool
    file: BinaryIO
    url: str
    content_type: str

    def read(self) -> bytes:
        """The whole body."""
        ...


class Asking(Protocol):
    """The only way out: bounded in size, time and redirects, to public addresses."""

    def get(self, url: str, *, headers: Mapping[str, str] | None = None, conditional: bool = False) -> Answer:
        """Raises SourceFault. `conditional`: with what was remembered of the last answer (etag, last-modified)."""
        ...


@dataclass(slots=True, kw_only=True)
class Fetching:
    """Everything a kind gets for one run. `position` is what an earlier run remembered; `file` an uploaded one.

    `since`, `until`: only these moments are wanted (filling a gap); both None in an ordinary run.
    """

    config: Mapping[str, Any]
    asking: Asking
    zone: tzinfo
    now: datetime
    position: Mapping[str, Any] = field(default_factory=dict)
    file: BinaryIO | None = None
    file_name: str = ""
    since: datetime | None = None
    until: datetime | None = None

    @property
    def fills_gap(self) -> bool:
        return self.since is not None or self.until is not None

    def wants(self, moment: datetime) -> bool:
        return (self.since is None or moment >= self.since) and (self.until is None or moment < self.until)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigField:
    """One setting of a kind. `kind`: text, url, choice, number, flag, secret, list (of tables, see mapping.py)."""

    key: str
    label: Any
    kind: str = "text"
    required: bool = False
    default: Any = ""
    help: Any = ""
    choices: Sequence[tuple[str, Any]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a look at the source has found out, as it is shown before saving: encoding, separator, time zone ..."""

    label: Any
    value: str
    doubt: str = ""


@dataclass(frozen=True, slots=True)
class Look:
    """A first look at a source: findings, settings that fit it, and the columns or fields it has with examples."""

    findings: Sequence[Finding] = ()
    suggested: Mapping[str, Any] = field(default_factory=dict)
    columns: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectorKind:
    """A kind of source. `fetch` raises SourceFault; `look` is there for kinds whose fields have to be mapped.

    `fills_gaps`: the source still has what is past. `takes_file`: a file may be uploaded instead of an address.
    """

    key: str
    label: Any
    explanation: Any
    fields: Sequence[ConfigField]
    fetch: Callable[[Fetching], Iterator[Batch]]
    look: Callable[[Fetching], Look] | None = None
    check: Callable[[Mapping[str, Any]], Mapping[str, Any]] = lambda config: {}
    fills_gaps: bool = False
    takes_file: bool = False


connectors: Registry[ConnectorKind] = Registry("connectors")
