"""Record observations: the one way into the store, whoever brings them.

`sample_of` makes one value ready (kind of result, slot, feature); `record` checks rules, writes and tells.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import psycopg

from stadtkern.hub.domain.alerts.due import note_due
from stadtkern.hub.domain.quality.arrival import check_arrivals
from stadtkern.hub.domain.quality.checking import all_pass
from stadtkern.hub.domain.quality.known import rules_of
from stadtkern.hub.domain.store import bulk, writing
from stadtkern.hub.domain.store.bulk import Line
from stadtkern.hub.domain.store.port import Appended, Sample
from stadtkern.hub.domain.store.slots import UNIQUE, slot_of
from stadtkern.hub.domain.streams import Stream
from stadtkern.hub.domain.watched import RULES
from stadtkern.hub.words import Flag, ObservationType, SameMoment

LARGEST_EXACT = 2**53  # a whole number beyond is kept as JSON: a double would change it
CHANNEL = writing.CHANNEL  # "1,7": these datastreams have new or corrected values


class UnfitResult(ValueError):
    """The result is not of the kind the datastream says."""


def sample_of(
    stream: Stream,
    *,
    result: Any,
    start: datetime,
    end: datetime | None = None,
    result_time: datetime | None = None,
    feature_id: int | None = None,
    **more: Any,
) -> Sample:
    """One value, ready to be recorded; `more`: valid_start, valid_end, quality, parameters. Raises UnfitResult."""
    number, text, json = _parts_of(stream, result)
    own = feature_id is None or feature_id == stream.default_feature_id
    slot = slot_of(
        end=end,
        feature_id=None if own else feature_id,
        forecast_of=result_time if result_time is not None and result_time < start else None,
    )
    return Sample(
        datastream_id=stream.id,
        phenomenon_start=start,
        phenomenon_end=end,
        result_time=result_time,
        number=number,
        text=text,
        json=json,
        feature_id=stream.default_feature_id if own else feature_id,
        slot=UNIQUE if stream.same_moment == SameMoment.KEEP else slot,
        **more,
    )


def record(connection: "psycopg.Connection[Any]", samples: Iterable[Sample], *, careful: bool = False) -> Appended:
    """Write in the caller's transaction and tell who listens, when it commits. `careful`: see store.writing.append.

    Raises UnknownDatastream and BeyondTime; then nothing was written.
    """
    given = list(samples)
    if not given:
        return Appended([], 0, 0)
    before = writing.lock(connection, (sample.datastream_id for sample in given))
    check_arrivals(connection, given, before)
    done = writing.append(connection, given, before=before, careful=careful)
    note_due(connection, before)
    return done


def record_lines(connection: "psycopg.Connection[Any]", lines: Sequence[Line]) -> set[int]:
    """Write those lines that surely are new and in which no rule finds anything; returns their datastreams.

    What is left goes through `record`, value by value. One line for each datastream. Raises as `record`.
    """
    before = writing.lock(connection, (line.datastream_id for line in lines))
    rules = rules_of(connection, [id for id, newest in before.items() if newest.watched & RULES])
    checked = [line._replace(flags=int(Flag.CHECKED)) if line.datastream_id in rules else line for line in lines]
    clean = [
        line for line in checked if line.datastream_id not in rules or all_pass(rules[line.datastream_id], line.values)
    ]
    chosen = bulk.surely_new(connection, clean)
    bulk.append_lines(connection, [line for line in clean if line.datastream_id in chosen], before)
    note_due(connection, {id: before[id] for id in chosen})
    return chosen


def _parts_of(stream: Stream, result: Any) -> tuple[float | None, str | None, Any]:
    """(number, text, json): at most one is set."""
    if stream.is_multi:
        return None, None, _several(stream, result)
    kind = stream.observation_type
    if result is None:
        return None, None, None
    if isinstance(result, bool):
        _refuse(kind in (ObservationType.MEASUREMENT, ObservationType.COUNT), "a number", result)
        return None, None, result
    if isinstance(result, int | float):
        _refuse(kind == ObservationType.TRUTH, "true or false", result)
        return _number(kind, result)
    _refuse(kind in (ObservationType.MEASUREMENT, ObservationType.COUNT), "a number", result)
    _refuse(kind == ObservationType.TRUTH, "true or false", result)
    return (None, result, None) if isinstance(result, str) else (None, None, result)


def _number(kind: str, result: int | float) -> tuple[float | None, None, Any]:
    if result != result or result in (float("inf"), float("-inf")):  # noqa: PLR0124 (NaN differs from itself)
        raise UnfitResult("a result is a finite number")
    _refuse(kind == ObservationType.COUNT and result != int(result), "a whole number", result)
    if isinstance(result, int) and abs(result) > LARGEST_EXACT:
        return None, None, result
    return float(result), None, None


def _several(stream: Stream, result: Any) -> list[Any]:
    wanted = len(stream.multi_types)
    if not isinstance(result, list) or len(result) != wanted:
        raise UnfitResult(f"a result of this datastream is a list of {wanted} values")
    return result


def _refuse(wrong: bool, wanted: str, result: Any) -> None:
    if wrong:
        raise UnfitResult(f"the datastream holds {wanted}, not {str(result)[:40]!r}")
