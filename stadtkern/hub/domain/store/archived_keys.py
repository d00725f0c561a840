"""A value for a moment that the archive has already is a correction: it keeps the number, and is counted once."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import orjson
import psycopg
from django.utils import timezone

from stadtkern.hub.domain.connection import cursor
from stadtkern.hub.domain.store import ids, shelf
from stadtkern.hub.domain.store.port import Sample
from stadtkern.hub.words import Flag

CLOSED_AFTER = timedelta(days=62)  # younger months are never archived, so most writes need not ask
_FILES = "select path from hub_archivedmonth where month = any(%s)"
Key = tuple[int, int, int]
Result = tuple[float | None, str | None, Any]


def take_numbers(connection: "psycopg.Connection[Any]", samples: Sequence[Sample]) -> set[int]:
    """Give samples that correct an archived value its number and the flag; returns these numbers.

    The caller holds the datastreams' rows of hub_latest, so none of their months can be archived meanwhile.
    """
    closed_until = timezone.now() - CLOSED_AFTER
    old = [sample for sample in samples if sample.phenomenon_start < closed_until]
    if not old:
        return set()
    months = sorted({ids.month_of(sample.phenomenon_start) for sample in old})
    days = [ids.first_moment(month).date() for month in months]
    files = [shelf.folder() / path for (path,) in cursor(connection).execute(_FILES, [days]).fetchall()]
    if not files:
        return set()
    there = _read(files, old)
    corrected = set()
    for sample in old:
        if known := there.get((sample.datastream_id, shelf.microseconds(sample.phenomenon_start), sample.slot)):
            sample.id, flags, *before = known
            sample.flags |= flags & Flag.CORRECTED if _result(sample) == _read_result(*before) else Flag.CORRECTED
            corrected.add(sample.id)
    return corrected


def _read(files: Sequence[Any], samples: Sequence[Sample]) -> dict[Key, tuple[Any, ...]]:
    moments = [shelf.microseconds(sample.phenomenon_start) for sample in samples]
    owners = [sample.datastream_id for sample in samples]
    # Streams and span lead to the row groups; the pairs keep what is beside them out of our memory.
    where = (
        f"datastream_id in ({', '.join(map(str, set(owners)))}) "
        f"and phenomenon_start >= make_timestamp({min(moments)}::bigint)::timestamptz "
        f"and phenomenon_start <= make_timestamp({max(moments)}::bigint)::timestamptz "
        f"and (datastream_id, epoch_us(phenomenon_start)) in ({', '.join(map(str, zip(owners, moments, strict=True)))})"
    )
    asked = "datastream_id, epoch_us(phenomenon_start), slot, id, flags, number, text, json"
    return {tuple(row[:3]): tuple(row[3:]) for row in shelf.ask(files, asked, where)}


def _result(sample: Sample) -> Result:
    return sample.number, sample.text, sample.json


def _read_result(number: float | None, text: str | None, json: str | None) -> Result:
    return number, text, None if json is None else orjson.loads(json)
