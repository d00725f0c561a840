"""What every format becomes: rows of values for one datastream, with the names of SensorThings over the columns."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple

from stadtkern.core.problems import BadInput, BadQuery, NotFound, TooLarge
from stadtkern.hub.domain.store.port import Sample

TIME, RESULT, RESULT_TIME, VALID_TIME = "phenomenonTime", "result", "resultTime", "validTime"
QUALITY, PARAMETERS, FEATURE = "resultQuality", "parameters", "FeatureOfInterest/id"
COLUMNS = (TIME, RESULT, RESULT_TIME, VALID_TIME, QUALITY, PARAMETERS, FEATURE)
MOST_ROWS = 50_000
MOST_NAMED = 100
UNKNOWN = "there is no such datastream that this key may write to"


class Group(NamedTuple):
    """Rows for one datastream: its number, or the source key of a series of the line protocol.

    `place(n)`: the number of the group's nth row in the whole body, and where it stands there.
    """

    series: int | str
    columns: tuple[str, ...]
    rows: Sequence[Any]
    place: Callable[[int], tuple[int, str]]


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that cannot be written, and why. `index`: from 0, over the whole body."""

    index: int
    at: str
    reason: str

    def as_json(self) -> dict[str, Any]:
        return {"index": self.index, "at": self.at, "reason": self.reason}


class Content(NamedTuple):
    """A body that was read. `broken`: rows that could not even be read."""

    groups: list[Group]
    broken: Sequence[Rejected] = ()

    @property
    def ids(self) -> set[int]:
        """The datastreams that are named by number."""
        return {group.series for group in self.groups if isinstance(group.series, int)}

    @property
    def keys(self) -> set[str]:
        """Those that are named by the source key of a line."""
        return {group.series for group in self.groups if isinstance(group.series, str)}

    @property
    def features(self) -> set[int]:
        """The features of interest that are named."""
        places = [(group, group.columns.index(FEATURE)) for group in self.groups if FEATURE in group.columns]
        named = [row[at] for group, at in places for row in group.rows if isinstance(row, list) and len(row) > at]
        return {id for id in named if isinstance(id, int) and 0 < id < 2**63}


@dataclass(slots=True)
class Draft:
    """A body's rows, ready to be written as far as they are good."""

    samples: list[Sample] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)

    def reject(self, group: Group, number: int, reason: str) -> None:
        self.rejected.append(Rejected(*group.place(number), reason))

    def reject_all(self, group: Group, reason: str) -> None:
        for number in range(len(group.rows)):
            self.reject(group, number, reason)

    def named(self) -> list[dict[str, Any]]:
        """The first of those that were rejected."""
        return [row.as_json() for row in self.rejected[:MOST_NAMED]]


class RowsRefused(BadInput):
    """Some rows are wrong, and the caller wants all or nothing."""

    def __init__(self, draft: Draft) -> None:
        first = draft.rejected[0]
        count = len(draft.rejected)
        super().__init__(
            f"{count} {'value' if count == 1 else 'values'} cannot be written, so none is; the first: "
            f"{first.at or 'the value'}: {first.reason}. With ?partial=yes the good ones are kept."
        )
        self.rejected = draft.named()
        if all(row.reason == UNKNOWN for row in draft.rejected):
            self.status, self.kind, self.title = NotFound.status, NotFound.kind, NotFound.title

    def as_json(self) -> dict[str, Any]:
        return {**super().as_json(), "rejected": self.rejected}


def check_size(count: int) -> None:
    """Raises TooLarge: so many rows would hold up everybody else."""
    if count > MOST_ROWS:
        raise TooLarge(f"A request may bring {MOST_ROWS} values, not {count}; send several requests.")


@lru_cache(1_000)
def check_columns(names: tuple[str, ...]) -> tuple[str, ...]:
    """The names over the columns. Raises BadQuery for one that is unknown, twice there, or when `result` is missing."""
    if strange := [name for name in names if name not in COLUMNS]:
        raise BadQuery(f"{strange[0][:60]!r} is unknown here. Known are {', '.join(COLUMNS)}.")
    if len(set(names)) != len(names):
        raise BadQuery(f"Of {', '.join(names)} one is there twice.")
    if RESULT not in names:
        raise BadQuery(f"There is no {RESULT}.")
    return names
