"""The port of the observation store. Any class with these methods will do; one contract tests them all."""

from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple, Protocol

from stadtkern.hub.domain.readers import Reader


@dataclass(slots=True, kw_only=True)
class Sample:
    """One value on its way in. Exactly one of number, text, json is the result (all None: a result of null).

    Moments are aware. `slot` 0 is the ordinary value of a moment; see `slots.py` for the others. Not frozen: rules
    add `flags`, the store sets `id`.
    """

    datastream_id: int
    phenomenon_start: datetime
    number: float | None = None
    text: str | None = None
    json: Any = None
    phenomenon_end: datetime | None = None
    result_time: datetime | None = None
    valid_start: datetime | None = None
    valid_end: datetime | None = None
    quality: Any = None
    parameters: dict[str, Any] | None = None
    feature_id: int | None = None
    slot: int = 0
    flags: int = 0
    id: int = 0


@dataclass(frozen=True, slots=True)
class Appended:
    """What a write did. `samples`: as they stand now, sorted by datastream and moment, each with its id;
    of two for the same moment in one write the later one counts. `there`: ids of those that were there before."""

    samples: Sequence[Sample]
    created: int
    corrected: int
    there: Set[int] = frozenset()


class Bucket(NamedTuple):
    """Figures of one interval that begins at `start`.

    `count`: observations; `flagged`: those with a finding; `bad`: those that count for nothing else; `values`: numbers
    the other figures are made of (see figures.py); without any they are None.
    """

    start: datetime
    count: int  # type: ignore[assignment]  # hides a method of tuples that nobody needs here
    flagged: int
    bad: int
    values: int
    mean: float | None
    minimum: float | None
    maximum: float | None
    first: float | None
    last: float | None


class Row(NamedTuple):
    """What was asked of one interval, in the order asked; `datastream_id` None: of all datastreams together."""

    datastream_id: int | None
    start: datetime
    values: tuple[float | None, ...]


class UnknownDatastream(LookupError):
    """A sample names a datastream that is not there (any more); nothing of the write was kept."""


class BeyondTime(ValueError):
    """A moment outside of what the store keeps (1970 to ten years from now); nothing of the write was kept."""


class ObservationStore(Protocol):
    """Where measured values live. What is read is what `reader` sees; `datastream_ids` None means all of that."""

    def append(self, samples: Iterable[Sample]) -> Appended:
        """Write in the caller's transaction. The same moment again is a correction.

        Raises UnknownDatastream, BeyondTime.
        """
        ...

    def read(self, datastream_id: int, *, since: datetime, until: datetime, reader: Reader) -> Iterator[Sample]:
        """Values with since <= phenomenon_start < until, oldest first, from tables and archive."""
        ...

    def remove(self, datastream_id: int, *, since: datetime, until: datetime) -> int:
        """Delete values with since <= phenomenon_start < until; returns how many there were."""
        ...

    def latest(self, datastream_ids: Sequence[int] | None, *, reader: Reader) -> Iterator[Sample]:
        """The newest value of each by phenomenon time, without quality, parameters and feature."""
        ...

    def hourly(
        self, datastream_ids: Sequence[int] | None, *, since: datetime, until: datetime, reader: Reader
    ) -> Iterator[tuple[int, Bucket]]:
        """Figures of the hours (UTC) that begin in an interval, by datastream and time.

        Right also where rollups are behind; hours without values are left out.
        """
        ...

    def daily(
        self, datastream_ids: Sequence[int] | None, *, since: date, until: date, reader: Reader
    ) -> Iterator[tuple[int, Bucket]]:
        """Figures of the local days of the city with since <= day < until."""
        ...

    def aggregate(
        self,
        datastream_ids: Sequence[int] | None,
        *,
        since: datetime,
        until: datetime,
        interval: timedelta | str | None,
        functions: Sequence[str],
        reader: Reader,
        apart: bool = True,
        property_ids: Sequence[int] | None = None,
    ) -> Iterator[Row]:
        """Functions of the values with since <= phenomenon_start < until, by interval (see aggregating.py)."""
        ...
