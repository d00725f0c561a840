"""What of a batch is new: values that stand in the store already, or come twice in the source, are duplicates.

A duplicate is the same value for the same moment; another value for it is a correction and goes on to the store.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson
import psycopg

from stadtkern.hub.domain.connection import cursor
from stadtkern.hub.domain.store.archive_reading import with_archive
from stadtkern.hub.domain.store.port import Sample
from stadtkern.hub.domain.store.slots import UNIQUE

Key = tuple[datetime, int]  # moment and slot, of one datastream
Span = tuple[datetime, datetime]
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
    """`fresh`: to be recorded; `again`: values replaced by a later one of the same source."""

    fresh: list[Sample] = field(default_factory=list)
    duplicates: int = 0
    again: int = 0
    fresh_rows: set[int] = field(default_factory=set)
    rows_again: set[int] = field(default_factory=set)

    @property
    def repeated_rows(self) -> int:
        """Rows whose values all are duplicates."""
        return len(self.rows_again - self.fresh_rows) if self.rows_again else 0

    def take(self, samples: Sequence[Sample], rows: Sequence[int], standing: dict[int, dict[Key, Content]]) -> None:
        """One by one, against what stands already; the later of two in the source counts."""
        held = dict[tuple[int, Key], Sample]()
        for sample, row in zip(samples, rows, strict=True):
            id, key = sample.datastream_id, (sample.phenomenon_start, sample.slot)
            content = (sample.number, sample.text, sample.json)
            known = standing.setdefault(id, {})
            if sample.slot != UNIQUE and known.get(key) == content:
                self.duplicates += 1
                self.rows_again.add(row)
                continue
            self.fresh_rows.add(row)
            if sample.slot == UNIQUE:
                self.fresh.append(sample)
                continue
            self.again += (id, key) in held
            held[id, key] = sample
            known[key] = content
        self.fresh += held.values()


def sift(connection: "psycopg.Connection[Any]", samples: Sequence[Sample], rows: Sequence[int]) -> Sifted:
    """`rows`: the source's row of each sample."""
    done = Sifted()
    done.take(samples, rows, _known(connection, _spans(samples)))
    return done


def _known(connection: "psycopg.Connection[Any]", spans: Mapping[int, Span]) -> dict[int, dict[Key, Content]]:
    """What the store has in the spans that this batch touches; nothing is read for series that only go on."""
    wanted = touched(connection, spans)
    if not wanted:
        return {}
    ids, sinces, untils = (list(column) for column in zip(*wanted, strict=True))
    table = with_archive(connection, ids, min(sinces), max(untils))
    found: dict[int, dict[Key, Content]] = {id: {} for id in ids}
    asked = [ids, sinces, untils, min(sinces), max(untils)]
    for id, start, slot, number, text, json in cursor(connection).execute(KNOWN.format(table=table), asked):
        found[id][start, slot] = (number, text, None if json is None else orjson.loads(json))
    return found


def touched(connection: "psycopg.Connection[Any]", spans: Mapping[int, Span]) -> list[tuple[int, datetime, datetime]]:
    """The parts of the spans in which the datastreams may have values: (datastream, since, until)."""
    rows = cursor(connection).execute(EXTENTS, [list(spans)]).fetchall()
    shared = [(id, max(spans[id][0], first), min(spans[id][1], last)) for id, first, last in rows]
    return [(id, since, until) for id, since, until in shared if since <= until]


def _spans(samples: Sequence[Sample]) -> dict[int, Span]:
    """From when to when each datastream has values in the batch."""
    spans: dict[int, Span] = {}
    for sample in samples:
        at = sample.phenomenon_start
        first, last = spans.get(sample.datastream_id, (at, at))
        if not first < at < last:
            spans[sample.datastream_id] = (min(first, at), max(last, at))
    return spans
