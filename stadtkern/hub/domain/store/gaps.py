"""Intervals without a value: left out, empty, as before, or on the straight line between their neighbours."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import pairwise

from stadtkern.hub.domain.store.port import Row

LEAVE, NULL, PREVIOUS, LINEAR = WAYS = ("leave", "null", "previous", "linear")
Values = tuple[float | None, ...]


def fill(rows: Sequence[Row], starts: Sequence[datetime], *, way: str, counts: Sequence[int] = ()) -> Iterator[Row]:
    """The rows of one datastream with one for each of `starts`.

    `rows` and `starts` in the order of time, every row's start is among `starts`; `counts`: positions of figures that
    are 0, not unknown, where nothing was measured. Before the first and after the last value nothing is made up.
    """
    if way not in WAYS:
        raise ValueError(f"a gap is filled by one of {', '.join(WAYS)}")
    if way == LEAVE or not rows:
        return iter(rows)
    by_start = {row.start: row.values for row in rows}
    width = len(rows[0].values)
    empty: Values = tuple(0 if place in counts else None for place in range(width))
    table = [by_start.get(start, empty) for start in starts]
    columns = [_filled([line[place] for line in table], starts, way, place in counts) for place in range(width)]
    datastream_id = rows[0].datastream_id
    return (Row(datastream_id, start, values) for start, values in zip(starts, zip(*columns, strict=True), strict=True))


def _filled(column: list[float | None], starts: Sequence[datetime], way: str, is_count: bool) -> list[float | None]:
    if way == NULL or is_count:
        return column
    return _as_before(column) if way == PREVIOUS else _on_the_line(column, starts)


def _as_before(column: list[float | None]) -> list[float | None]:
    before: float | None = None
    filled = []
    for value in column:
        before = value if value is not None else before
        filled.append(before)
    return filled


def _on_the_line(column: list[float | None], starts: Sequence[datetime]) -> list[float | None]:
    """By time, not by position: months have different lengths."""
    known = [(place, value) for place, value in enumerate(column) if value is not None]
    filled = list(column)
    for (left, low), (right, high) in pairwise(known):
        whole = (starts[right] - starts[left]).total_seconds()
        for place in range(left + 1, right):
            share = (starts[place] - starts[left]).total_seconds() / whole
            filled[place] = low + (high - low) * share
    return filled
