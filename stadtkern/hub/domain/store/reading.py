"""Reading values and figures: by plain SQL, with the reader's rights in every statement.

Every function works in the caller's transaction (rows stay in the database until they are asked for) and asks
`with_archive` first, so a month that is being archived is never missed.
"""
# ruff: noqa: S608 (statements are made of our own constants; values are parameters)

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import chain, count
from typing import Any
from zoneinfo import ZoneInfo

import psycopg

from stadtkern.hub.domain.readers import Reader
from stadtkern.hub.domain.store import ids as numbers
from stadtkern.hub.domain.store import parts
from stadtkern.hub.domain.store.archive_reading import with_archive, with_archive_of_changed
from stadtkern.hub.domain.store.columns import COLUMNS
from stadtkern.hub.domain.store.port import Bucket, Sample
from stadtkern.hub.domain.store.rolling import zone

Connection = psycopg.Connection[Any]

BLOCK = 1_000  # rows fetched at a time: the first are on their way while the next are made
_FIGURES = "r.count, r.flagged, r.bad, r.values, r.total / nullif(r.values, 0), r.minimum, r.maximum, r.first, r.last"
_names = count()

READ = f"""
select {", ".join(f"o.{name}" for name in COLUMNS.split(", "))}
from {{observations}} o join hub_datastream d on d.id = o.datastream_id
where o.datastream_id = %(id)s::bigint and o.phenomenon_start >= %(since)s::timestamptz
  and o.phenomenon_start < %(until)s::timestamptz and {{sees}}
order by o.phenomenon_start, o.slot
"""
LATEST = """
select l.datastream_id, l.phenomenon_start, l.observation_id, l.phenomenon_end, l.result_time, l.number, l.text, l.json,
       l.flags
from hub_latest l join hub_datastream d on d.id = l.datastream_id
where (%(ids)s::bigint[] is null or l.datastream_id = any(%(ids)s::bigint[])) and l.observation_id is not null
  and {sees}
order by l.datastream_id
"""
HOURLY = f"with {parts.HOURS} select r.datastream_id, r.bucket, {_FIGURES} from hours r order by 1, 2"
DAILY = f"with {parts.DAYS} select r.datastream_id, r.bucket, {_FIGURES} from days r order by 1, 2"


def read(
    connection: Connection, datastream_id: int, *, since: datetime, until: datetime, reader: Reader
) -> Iterator[Sample]:
    """See the port."""
    observations = with_archive(connection, [datastream_id], since, until)
    statement = READ.format(observations=observations, sees=reader.sees_datastream("d"))
    for row in rows(connection, statement, {"id": datastream_id, "since": since, "until": until}, reader):
        yield _sample(row)


def latest(connection: Connection, datastream_ids: Sequence[int] | None, *, reader: Reader) -> Iterator[Sample]:
    """See the port."""
    statement = LATEST.format(sees=reader.sees_datastream("d"))
    for id, start, observation, end, result, number, text, json, flags in rows(
        connection, statement, {"ids": listed(datastream_ids)}, reader
    ):
        yield Sample(
            datastream_id=id, phenomenon_start=start, id=observation, phenomenon_end=end, result_time=result,
            number=number, text=text, json=json, flags=flags,
        )  # fmt: skip


def hourly(
    connection: Connection, datastream_ids: Sequence[int] | None, *, since: datetime, until: datetime, reader: Reader
) -> Iterator[tuple[int, Bucket]]:
    """See the port."""
    since, until = whole_hour(since), whole_hour(until)
    observations = with_archive_of_changed(connection, datastream_ids, since, until)
    asked = {"ids": listed(datastream_ids), "since": since, "until": until}
    statement = parts.filled(
        HOURLY, connection, datastream_ids=datastream_ids, since=since, until=until, observations=observations,
        reader=reader,
    )  # fmt: skip
    for row in rows(connection, statement, asked, reader):
        yield row[0], Bucket._make(row[1:])


def daily(
    connection: Connection, datastream_ids: Sequence[int] | None, *, since: date, until: date, reader: Reader
) -> Iterator[tuple[int, Bucket]]:
    """See the port; `start` is the local midnight."""
    place, first, end = ZoneInfo(zone()), midnight(since), midnight(until)
    observations = with_archive_of_changed(connection, datastream_ids, first, end)
    asked = {"ids": listed(datastream_ids), "since": first, "until": end, "zone": place.key}
    statement = parts.filled(
        DAILY, connection, datastream_ids=datastream_ids, since=first, until=end, observations=observations,
        reader=reader,
    )  # fmt: skip
    for id, day, *figures in rows(connection, statement, asked, reader):
        yield id, Bucket(datetime.combine(day, time(), place), *figures)


def midnight(day: date) -> datetime:
    """When a day begins in the city."""
    return datetime.combine(day, time(), ZoneInfo(zone())).astimezone(UTC)


def whole_hour(moment: datetime) -> datetime:
    """The moment, or else the next hour's start."""
    hour = numbers.hour_of(moment)
    return hour if hour == moment else hour + timedelta(hours=1)


def listed(datastream_ids: Sequence[int] | None) -> list[int] | None:
    return None if datastream_ids is None else list(datastream_ids)


def rows(connection: Connection, statement: str, asked: Mapping[str, Any], reader: Reader) -> Iterator[tuple[Any, ...]]:
    """Rows as they are asked for; in the caller's transaction."""
    return chain.from_iterable(blocks(connection, statement, asked, reader))


def blocks(
    connection: Connection, statement: str, asked: Mapping[str, Any], reader: Reader
) -> Iterator[list[tuple[Any, ...]]]:
    """The same, many rows at a time."""
    with psycopg.ServerCursor(connection, f"hub_rows_{next(_names)}") as found:
        found.execute(statement, {**asked, **reader.parameters}, binary=True)
        while block := found.fetchmany(BLOCK):
            yield block


def _sample(row: tuple[Any, ...]) -> Sample:
    return Sample(**dict(zip(_FIELDS, row, strict=True)))


_FIELDS = tuple(COLUMNS.split(", "))
