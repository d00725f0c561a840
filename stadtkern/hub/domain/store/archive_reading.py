"""Values of archived months beside those in the tables, for the statements of a transaction.

`with_archive` gives the table expression to read from: `hub_observation` itself, or its union with a temporary table
of just the values asked for, read from Parquet by DuckDB. A value that stands in both counts as the table has it (it
came later). Call it before the transaction is set to read only (a temporary table is made), and, in a transaction
of one snapshot, before its first other statement: then no month can be archived between the two.
"""
# ruff: noqa: S608 (statements are made of our own constants)

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
from django.utils.translation import gettext_lazy as _

from stadtkern.core.problems import BadQuery
from stadtkern.hub.domain.connection import cursor
from stadtkern.hub.domain.store import ids, months, shelf
from stadtkern.hub.domain.store.columns import COLUMNS

Connection = psycopg.Connection[Any]

TABLE = "hub_observation"
MOST_ROWS = 1_000_000
HOUR = timedelta(hours=1)
_names = count()

_HOLD = f"lock table {TABLE} in access share mode; select month, path from hub_archivedmonth order by month"
_CHANGED = """
select y.datastream_id, y.hour from hub_dirty_hour y join hub_latest l
    on l.datastream_id = y.datastream_id and y.hour >= coalesce(l.values_since, '-infinity')
where (%s::bigint[] is null or y.datastream_id = any(%s::bigint[])) and y.hour >= %s and y.hour < %s
"""
_COUNT = f"select count(*) from {TABLE} where id = any(%s)"
_MOMENT = "make_timestamp({}::bigint)::timestamptz"
Hours = Sequence[tuple[int, datetime]]


def with_archive(connection: Connection, datastream_ids: Sequence[int] | None, since: datetime, until: datetime) -> str:
    """The table expression for the values of these datastreams (None: all) with since <= phenomenon_start < until.

    Raises BadQuery when the archive has more than MOST_ROWS of them.
    """
    files = archived(connection)
    if not (touched := _touched(files, since, until)):
        return TABLE
    return _union(
        connection, {month: files[month] for month in touched}, f"{_of(datastream_ids)} and {_span(since, until)}"
    )


def with_archive_of_changed(
    connection: Connection, datastream_ids: Sequence[int] | None, since: datetime, until: datetime
) -> str:
    """As `with_archive`, for figures from rollups: only hours that are not as they were rolled need their values.

    Those are hours with late values, and parts of an hour at both ends of the interval.
    """
    files = archived(connection)
    if not _touched(files, since, until):
        return TABLE
    asked = None if datastream_ids is None else list(datastream_ids)
    changed = cursor(connection).execute(_CHANGED, [asked, asked, ids.hour_of(since), until]).fetchall()
    edges = [(hour, hour + HOUR) for moment in (since, until) if (hour := ids.hour_of(moment)) != moment]
    return _of_hours(connection, files, changed, [f"({_of(asked)} and {_span(*edge)})" for edge in edges], edges)


def with_archive_of_hours(connection: Connection, hours: Hours) -> str:
    """The table expression for the values of just these hours of these datastreams."""
    return _of_hours(connection, archived(connection), hours, [], [])


def with_archive_of_ids(connection: Connection, numbers: Collection[int]) -> str:
    """The table expression for observations by their numbers, in the months these name or in any other."""
    files = archived(connection)
    if not numbers or not files or _all_in_tables(connection, numbers):
        return TABLE
    named = {month: files[month] for month in map(ids.month_named_by, numbers) if month in files}
    where = f"id in ({', '.join(str(int(number)) for number in numbers)})"
    found = sum(count for (count,) in shelf.ask(list(named.values()), "count(*)", where)) if named else 0
    return _union(connection, named if found == len(set(numbers)) else files, where)


def archived(connection: Connection) -> dict[int, Path]:
    """The archived months and their files. None can be archived from here to the end of the transaction."""
    found = connection.execute(_HOLD)
    found.nextset()
    return {ids.month_of_day(day): shelf.folder() / path for day, path in found.fetchall()}


def _all_in_tables(connection: Connection, numbers: Collection[int]) -> bool:
    """Then the archive need not be opened."""
    row = cursor(connection).execute(_COUNT, [list(numbers)]).fetchone()
    return bool(row and row[0] == len(set(numbers)))


def _of_hours(
    connection: Connection,
    files: Mapping[int, Path],
    hours: Hours,
    conditions: list[str],
    edges: Sequence[tuple[datetime, datetime]],
) -> str:
    needed = {ids.month_of(hour) for _id, hour in hours} | {ids.month_of(low) for low, _high in edges}
    touched = {month: path for month, path in files.items() if month in needed}
    if not touched:
        return TABLE
    old = [(id, hour) for id, hour in hours if ids.month_of(hour) in touched]
    if old:
        pairs = ", ".join(f"({int(id)}, {shelf.microseconds(hour)})" for id, hour in old)
        low, high = min(hour for _id, hour in old), max(hour for _id, hour in old) + HOUR
        hour_of = "epoch_us(phenomenon_start) - epoch_us(phenomenon_start) % 3600000000"
        conditions = [
            *conditions,
            f"({_of([id for id, _hour in old])} and {_span(low, high)} and (datastream_id, {hour_of}) in ({pairs}))",
        ]
    return _union(connection, touched, " or ".join(conditions))


def _union(connection: Connection, files: Mapping[int, Path], where: str) -> str:
    with shelf.rows(list(files.values()), where, most=MOST_ROWS) as lines:
        if lines is None:
            raise BadQuery(
                _("Das sind zu viele alte Werte auf einmal; bitte den Zeitraum oder die Messreihen eingrenzen.")
            )
        name = f"hub_from_archive_{next(_names)}"
        connection.execute(f"create temporary table {name} (like {TABLE}) on commit drop")
        load(connection, name, lines)
    if not months.existing(connection).isdisjoint(files):
        connection.execute(
            f"delete from {name} t using {TABLE} o where o.datastream_id = t.datastream_id "
            "and o.phenomenon_start = t.phenomenon_start and o.slot = t.slot"
        )
    connection.execute(f"create index on {name} (datastream_id, phenomenon_start, slot)")
    connection.execute(f"analyze {name}")
    return f"(select * from {TABLE} union all select * from {name})"


def load(connection: Connection, table: str, lines: Path) -> None:
    """Copy a CSV file of the shelf into a table."""
    with lines.open("rb") as file, cursor(connection).copy(f"copy {table} ({COLUMNS}) from stdin (format csv)") as copy:
        while block := file.read(shelf.BLOCK):
            copy.write(block)


def _touched(files: Iterable[int], since: datetime, until: datetime) -> list[int]:
    return [month for month in files if ids.first_moment(month) < until and ids.first_moment(month + 1) > since]


def _of(datastream_ids: Sequence[int] | None) -> str:
    if datastream_ids is None:
        return "true"
    return f"datastream_id in ({', '.join(str(int(id)) for id in set(datastream_ids)) or 'null'})"


def _span(since: datetime, until: datetime) -> str:
    low, high = (_MOMENT.format(shelf.microseconds(moment)) for moment in (since, until))
    return f"(phenomenon_start >= {low} and phenomenon_start < {high})"
