"""How the store stands: what an operator wants to know at a glance."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg

from stadtkern.hub.domain.connection import cursor
from stadtkern.hub.domain.store import ids, months

COUNTS = """
select (select count(*) from hub_latest), (select coalesce(sum(count), 0)::bigint from hub_latest),
       (select max(received_at) from hub_latest),
       (select count(*) from hub_latest where count > 0 and first_start < date_trunc('hour', now())
            and (rolled_until is null or (rolled_until < date_trunc('hour', now()) and last_end >= rolled_until))),
       (select count(*) from hub_dirty_hour), (select count(*) from hub_property_stale)
"""
SIZES = """
select c.relname, greatest(c.reltuples, 0)::bigint, pg_total_relation_size(c.oid)
from pg_inherits i join pg_class c on c.oid = i.inhrelid
where i.inhparent = 'hub_observation'::regclass order by 1
"""
FILES = "select month, rows, bytes from hub_archivedmonth order by month"


@dataclass(frozen=True, slots=True)
class Month:
    """A month in a partition or in a file; `rows` of a partition as PostgreSQL estimates them."""

    month: int
    rows: int
    bytes: int

    @property
    def name(self) -> str:
        return f"{ids.first_moment(self.month):%Y-%m}"


@dataclass(frozen=True, slots=True)
class Status:
    """`behind`: datastreams whose last whole hours are not rolled up; `dirty_hours`, `stale_days`: to be made again."""

    datastreams: int
    values: int
    received_at: datetime | None
    behind: int
    dirty_hours: int
    stale_days: int
    partitions: list[Month]
    files: list[Month]


def status(connection: "psycopg.Connection[Any]") -> Status:
    run = cursor(connection).execute
    datastreams, values, received_at, behind, dirty_hours, stale_days = run(COUNTS).fetchall()[0]
    partitions = [Month(months.month_of_name(name), rows, size) for name, rows, size in run(SIZES).fetchall()]
    files = [Month(ids.month_of_day(day), rows, size) for day, rows, size in run(FILES).fetchall()]
    return Status(datastreams, values, received_at, behind, dirty_hours, stale_days, partitions, files)
