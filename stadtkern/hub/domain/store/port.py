"""The port of the observation store. Any class with these methods will do; one contract tests them all."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol


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
    of two for the same moment in one write the later one counts."""

    samples: Sequence[Sample]
    created: int
    corrected: int


@dataclass(frozen=True, slots=True)
class Bucket:
    """Numbers of one interval: how many observations, of these bad, how many values counted, and the figures."""

    start: datetime
    count: int
    bad: int
    mean: float | None
    minimum: float | None
    maximum: float | None
    first: float | None
    last: float | None


class UnknownDatastream(LookupError):
    """A sample names a datastream that is not there (any more); nothing of the write was kept."""


class BeyondTime(ValueError):
    """A moment outside of what the store keeps (1970 to ten years from now); nothing of the write was kept."""


class ObservationStore(Protocol):
    """Where measured values live."""

    def append(self, samples: Iterable[Sample]) -> Appended:
        """Write in the caller's transaction. The same moment again is a correction.

        Raises UnknownDatastream, BeyondTime.
        """
        ...

    def read(self, datastream_id: int, *, since: datetime, until: datetime) -> Iterator[Sample]:
        """Values with since <= phenomenon_start < until, oldest first, from tables and archive."""
        ...

    def remove(self, datastream_id: int, *, since: datetime, until: datetime) -> int:
        """Delete values of an interval; returns how many there were."""
        ...

    def hourly(
        self, datastream_ids: Sequence[int], *, since: datetime, until: datetime
    ) -> Iterator[tuple[int, Bucket]]:
        """Figures by hour, correct also for hours that are not rolled up yet."""
        ...

    def daily(self, datastream_ids: Sequence[int], *, since: date, until: date) -> Iterator[tuple[int, Bucket]]:
        """Figures by local day of the city."""
        ...
