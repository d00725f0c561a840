"""Strips of plain numbers: what the store has already is cut off, what surely is new goes in bulk, the rest is left.

A table that is read again and again only grows at its end, so nearly all of a strip is one of the first two.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import compress
from operator import not_
from typing import Any

import psycopg

from stadtkern.hub.domain.connecting.novelty import Span, touched
from stadtkern.hub.domain.connecting.port import Strip
from stadtkern.hub.domain.connection import cursor
from stadtkern.hub.domain.recording import record_lines
from stadtkern.hub.domain.store.archive_reading import with_archive
from stadtkern.hub.domain.store.bulk import Line
from stadtkern.hub.domain.store.slots import ORDINARY
from stadtkern.hub.domain.streams import Stream

NUMBERS = """
select o.datastream_id, array_agg(o.phenomenon_start), array_agg(o.number)
from unnest(%s::bigint[], %s::timestamptz[], %s::timestamptz[]) w (datastream_id, since, until)
join {table} o on o.datastream_id = w.datastream_id and o.phenomenon_start >= w.since and o.phenomenon_start <= w.until
where o.phenomenon_start >= %s and o.phenomenon_start <= %s and o.slot = {ordinary} and o.number is not null
group by 1
"""


@dataclass(slots=True)
class StripsDone:
    """`created`, `duplicates`: values; rows of either; `left`: to be taken value by value."""

    created: int = 0
    duplicates: int = 0
    fresh_rows: set[int] = field(default_factory=set)
    rows_again: set[int] = field(default_factory=set)
    newest: list[datetime] = field(default_factory=list)
    left: list[Strip] = field(default_factory=list)


def write_strips(connection: "psycopg.Connection[Any]", strips: Mapping[int, tuple[Stream, Strip]]) -> StripsDone:
    """One strip for each datastream, by its number, in the caller's transaction. Raises as recording.record."""
    done = StripsDone()
    cut = {id: (stream, _cut(strip, known, done)) for id, (stream, strip), known in _known(connection, strips)}
    rest = {id: pair for id, pair in cut.items() if pair[1].at}
    lines = [Line(id, stream.default_feature_id, strip.at, strip.values) for id, (stream, strip) in rest.items()]
    written = record_lines(connection, lines)
    for id, (_stream, strip) in rest.items():
        if id not in written:
            done.left.append(strip)
            continue
        done.created += len(strip.values)
        done.fresh_rows.update(strip.rows)
        done.newest.append(strip.at[-1])
    return done


def _cut(strip: Strip, known: Mapping[datetime, float], done: StripsDone) -> Strip:
    """The strip without the values that stand in the store as they are."""
    if not known:
        return strip
    fresh = [known.get(at) != value for at, value in zip(strip.at, strip.values, strict=True)]
    done.duplicates += len(fresh) - sum(fresh)
    done.rows_again.update(compress(strip.rows, map(not_, fresh)))
    at, values, rows = list(compress(strip.at, fresh)), list(compress(strip.values, fresh)), compress(strip.rows, fresh)
    return Strip(strip.series, at, values, list(rows))


def _known(
    connection: "psycopg.Connection[Any]", strips: Mapping[int, tuple[Stream, Strip]]
) -> Iterable[tuple[int, tuple[Stream, Strip], Mapping[datetime, float]]]:
    """Each strip with the ordinary numbers the store has in its span."""
    spans: dict[int, Span] = {id: (min(strip.at), max(strip.at)) for id, (_stream, strip) in strips.items()}
    found: dict[int, dict[datetime, float]] = {}
    if wanted := touched(connection, spans):
        ids, sinces, untils = (list(column) for column in zip(*wanted, strict=True))
        table = with_archive(connection, ids, min(sinces), max(untils))
        statement = NUMBERS.format(table=table, ordinary=ORDINARY)
        asked = [ids, sinces, untils, min(sinces), max(untils)]
        rows = cursor(connection).execute(statement, asked, binary=True)
        found = {id: dict(zip(at, numbers, strict=True)) for id, at, numbers in rows}
    return [(id, pair, found.get(id, {})) for id, pair in strips.items()]
