"""What of a batch is new: values that stand in the store already, or come twice in the source, are duplicates.

A duplicate is the same value for the same moment; another value for it is a correction and goes on to the store.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson
import psycopg

from stadtkern.hub.domain.connection import cursor
from stadtkern.hub.domain.store.archive_reading import with_archive
from stadtkern.hub.domain.store.port import Sample
from stadtkern.hub.domain.store.slots import UNIQUE

Key = tuple[int, datetime, int]
Content = tuple[float | None, str | None, Any]

EXTENTS = """
select datastream_id, first_start, last_end from hub_latest where datastream_id = any(%s) and first_start is not null
"""
KNOWN = """
select o.datastream_id, o.phenomenon_start, o.slot, o.number, o.text, o.json::text
from unnest(%s::bigint[], %s::timestamptz[], %s::timestamptz[]) w (datastream_id, since, until)
join {table} o on o.datastream_id = w.datastream_id and o.phenomenon_start >= w.since and o.phenomenon_start <= w.until
where o.phenomenon_start >= %s and o.phenomenon_start <= %s
"""


@dataclass(slots=True)
class Sifted:
    """`fresh`: to be recorded, each key once; `again`: values replaced by a later one of the same source."""

    fresh: list[Sample] = field(default_factory=list)
    duplicates: int = 0
    again: int = 0
    repeated_rows: int = 0


def sift(connection: "psycopg.Connection[Any]", samples: Sequence[Sample], rows: Sequence[int]) -> Sifted:
    """`rows`: the source's row of each sample. A row counts as repeated when all its values are duplicates."""
    standing = _known(connection, samples)
    done, held = Sifted(), dict[Key, Sample]()
    repeated, other = set[int](), set[int]()
    for sample, row in zip(samples, rows, strict=True):
        key = (sample.datastream_id, sample.phenomenon_start, sample.slot)
        content = _content(sample)
        if sample.slot != UNIQUE and standing.get(key) == content:
            done.duplicates += 1
            repeated.add(row)
            continue
        other.add(row)
        if sample.slot == UNIQUE:
            done.fresh.append(sample)
            continue
        done.again += key in held
        held[key] = sample
        standing[key] = content
    done.fresh += held.values()
    done.repeated_rows = len(repeated - other)
    return done


def _content(sample: Sample) -> Content:
    return sample.number, sample.text, sample.json


def _known(connection: "psycopg.Connection[Any]", samples: Sequence[Sample]) -> dict[Key, Content]:
    """What the store has in the spans that this batch touches; nothing is read for series that only go on."""
    spans = _spans(samples)
    wanted = []
    for id, first, last in cursor(connection).execute(EXTENTS, [list(spans)]).fetchall():
        since, until = max(spans[id][0], first), min(spans[id][1], last)
        if since <= until:
            wanted.append((id, since, until))
    if not wanted:
        return {}
    ids, sinces, untils = (list(column) for column in zip(*wanted, strict=True))
    table = with_archive(connection, ids, min(sinces), max(untils))
    found = cursor(connection).execute(KNOWN.format(table=table), [ids, sinces, untils, min(sinces), max(untils)])
    return {
        (id, start, slot): (number, text, None if json is None else orjson.loads(json))
        for id, start, slot, number, text, json in found
    }


def _spans(samples: Sequence[Sample]) -> dict[int, tuple[datetime, datetime]]:
    spans: dict[int, tuple[datetime, datetime]] = {}
    for sample in samples:
        at = sample.phenomenon_start
        span = spans.get(sample.datastream_id)
        if span is None:
            spans[sample.datastream_id] = (at, at)
        elif at < span[0]:
            spans[sample.datastream_id] = (at, span[1])
        elif at > span[1]:
            spans[sample.datastream_id] = (span[0], at)
    return spans
