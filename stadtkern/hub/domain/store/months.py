"""Partitions: one table per month, made ahead by a job and whenever a value needs one."""

import time
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import psycopg
from django.utils import timezone

from stadtkern.core.jobs import every
from stadtkern.hub.domain.connection import writing
from stadtkern.hub.domain.store import locks
from stadtkern.hub.domain.store.ids import first_moment, month_of
from stadtkern.hub.domain.store.port import BeyondTime

FIRST, YEARS_AHEAD = 0, 10
LOCK = 7_031_970  # advisory: two that make the same month take turns
PARENT = "hub_observation"
LOCK_TIMEOUT = "set local lock_timeout = '800ms'"  # below deadlock_timeout (1 s): who drops a month gives up first
TRIES, PAUSE_SECONDS = 20, 3.0
DATASTREAMS = """
with recursive there as (
    select min(datastream_id) as id from {partition}
    union all
    select (select min(datastream_id) from {partition} where datastream_id > there.id) from there
    where there.id is not null
)
select id from there where id is not null
"""
ALL_DATASTREAMS = "select distinct datastream_id from {partition} order by 1"  # Citus knows no recursion
Result = TypeVar("Result")
_known: set[int] = set()


def name_of(month: int) -> str:
    start = first_moment(month)
    return f"hub_observation_{start:%Y_%m}"


def month_of_name(partition: str) -> int:
    return (int(partition[-7:-3]) - 1970) * 12 + int(partition[-2:]) - 1


def existing(connection: "psycopg.Connection[Any]") -> set[int]:
    """The months that have a partition."""
    rows = connection.execute(
        "select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid "
        "where i.inhparent = 'hub_observation'::regclass"
    ).fetchall()
    return {month_of_name(name) for (name,) in rows}


def datastreams_in(connection: "psycopg.Connection[Any]", month: int) -> list[int]:
    """Whose values a partition holds: from one to the next in its key, without reading the values."""
    statement = ALL_DATASTREAMS if locks.is_distributed(connection) else DATASTREAMS
    return [id for (id,) in connection.execute(statement.format(partition=name_of(month))).fetchall()]


def check(months: Iterable[int]) -> None:
    """Raises BeyondTime for a month that is not kept."""
    last = month_of(timezone.now()) + 12 * YEARS_AHEAD
    for month in months:
        if not FIRST <= month <= last:
            raise BeyondTime(f"values are kept from 1970 until {YEARS_AHEAD} years from now")


def ensure(connection: "psycopg.Connection[Any]", months: Iterable[int]) -> None:
    """Make the missing partitions, in the caller's transaction.

    ATTACH takes a weak lock on the parent, so readers and writers of other months go on.
    """
    wanted = set(months)
    check(wanted)
    if not wanted - existing(connection):
        return
    connection.execute("select pg_advisory_xact_lock(%s)", [LOCK])
    for month in sorted(wanted - existing(connection)):
        _make(connection, month)


def ensure_known(connection: "psycopg.Connection[Any]", months: set[int]) -> None:
    """As `ensure`, without a question for months this process has seen committed."""
    if new := months - _known:
        check(new)
        there = existing(connection)
        _known.update(there)
        if new - there:
            ensure(connection, new)


def forget() -> None:
    """Look again next time: a partition is gone."""
    _known.clear()


def ensure_ahead(connection: "psycopg.Connection[Any]", count: int = 3) -> None:
    """This month and the next ones: nobody waits for a partition at midnight."""
    now = month_of(timezone.now())
    ensure(connection, range(now, now + count + 1))


def close(connection: "psycopg.Connection[Any]", month: int) -> None:
    """Writers of the month wait until the transaction ends."""
    connection.execute(f"lock table {name_of(month)} in share row exclusive mode")


def drop(connection: "psycopg.Connection[Any]", month: int) -> None:
    """Take a month's values out of the tables; in this moment nobody reads or writes any (see LOCK_TIMEOUT)."""
    name = name_of(month)
    connection.execute(f"lock table {PARENT} in access exclusive mode")
    connection.execute(f"alter table {PARENT} detach partition {name}")
    connection.execute(f"drop table {name}")
    forget()


def patiently(work: Callable[[], Result], *, besides: type[Exception] = psycopg.errors.LockNotAvailable) -> Result:
    """Again while somebody reads or writes what is to be dropped; the last failure is told."""
    for _turn in range(TRIES - 1):
        try:
            return work()
        except (besides, psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected):
            time.sleep(PAUSE_SECONDS)
    return work()


@every("20 1 * * *", "hub.months")
def ensure_by_the_clock() -> None:
    with writing() as connection:
        ensure_ahead(connection)


def _make(connection: "psycopg.Connection[Any]", month: int) -> None:
    name, start, end = name_of(month), first_moment(month), first_moment(month + 1)
    between = f"phenomenon_start >= '{start.isoformat()}' and phenomenon_start < '{end.isoformat()}'"
    connection.execute(f"create table {name} (like hub_observation including defaults)")
    connection.execute(f"alter table {name} add constraint in_month check ({between})")
    connection.execute(f"alter table {name} add primary key (datastream_id, phenomenon_start, slot)")
    connection.execute(f"create index {name}_id on {name} (id)")
    connection.execute(
        f"create index {name}_forecast on {name} (datastream_id, result_time) where result_time < phenomenon_start"
    )
    connection.execute(
        f"alter table hub_observation attach partition {name} "
        f"for values from ('{start.isoformat()}') to ('{end.isoformat()}')"
    )
    connection.execute(f"alter table {name} drop constraint in_month")
