"""Thaw: an archived month goes back into a partition, because something in it is to be changed or deleted.

What came late and stands in the partition already wins. The nightly job archives the month again.
"""
# ruff: noqa: S608 (statements are made of our own constants)

from collections.abc import Collection
from datetime import datetime
from typing import Any

import psycopg

from stadtkern.hub.domain.connection import cursor
from stadtkern.hub.domain.store import ids, months, shelf
from stadtkern.hub.domain.store.archive_reading import archived, load
from stadtkern.hub.domain.store.columns import COLUMNS

Connection = psycopg.Connection[Any]

_TAKE = "delete from hub_archivedmonth where month = %s returning path"
_BACK = f"""
insert into hub_observation ({COLUMNS})
select {", ".join(f"t.{name}" for name in COLUMNS.split(", "))}
from hub_thawed t join hub_latest l on l.datastream_id = t.datastream_id
order by t.datastream_id, t.phenomenon_start, t.slot
on conflict do nothing
"""
_SPANS = """
select distinct month from hub_archived_span
where datastream_id = any(%s) and first_start < %s and last_start >= %s order by month
"""


_ABOUT = """
select distinct m.month, m.path from hub_archivedmonth m
join hub_archived_span s on s.month = m.month join hub_feature_use u on u.datastream_id = s.datastream_id
where u.feature_id = %s order by m.month
"""


def thaw(connection: Connection, month: int) -> bool:
    """Put a month back, in the caller's transaction; False when it is not archived."""
    day = ids.first_moment(month).date()
    row = cursor(connection).execute(_TAKE, [day]).fetchone()
    if row is None:
        return False
    months.ensure(connection, [month])
    connection.execute("create temporary table hub_thawed (like hub_observation) on commit drop")
    with shelf.rows([shelf.folder() / row[0]]) as lines:
        if lines is not None:
            load(connection, "hub_thawed", lines)
    connection.execute(_BACK)
    connection.execute("drop table hub_thawed")
    cursor(connection).execute("delete from hub_archived_span where month = %s", [day])
    return True


def thaw_of(connection: Connection, datastream_ids: Collection[int], *, since: datetime, until: datetime) -> list[int]:
    """Put back every month in which the archive has values of these datastreams in an interval; returns them."""
    found = cursor(connection).execute(_SPANS, [sorted(datastream_ids), until, since]).fetchall()
    return [month for (day,) in found if thaw(connection, month := ids.month_of_day(day))]


def thaw_numbers(connection: Connection, numbers: Collection[int]) -> list[int]:
    """Put back every month whose file has an observation with one of these numbers; returns the months."""
    files = archived(connection)
    where = f"id in ({', '.join(str(int(number)) for number in numbers)})"
    holding = [month for month, path in files.items() if numbers and shelf.ask([path], "1", f"{where} limit 1")]
    return [month for month in holding if thaw(connection, month)]


def thaw_about(connection: Connection, feature_id: int) -> list[int]:
    """Put back every month with observations about a feature of interest; returns the months."""
    found = cursor(connection).execute(_ABOUT, [feature_id]).fetchall()
    where = f"feature_id = {int(feature_id)} limit 1"
    holding = [day for day, path in found if shelf.ask([shelf.folder() / path], "1", where)]
    return [month for day in holding if thaw(connection, month := ids.month_of_day(day))]
