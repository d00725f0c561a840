"""Days of an observed property over all public datastreams: what a city-wide question would read 365 times thousands.

A row of hub_property_day is the sum of rows of hub_daily. Whoever changes those notes the day in hub_property_stale
(-infinity: all days, when a datastream is no longer public, observes something else or is gone: a trigger sees to it);
readers take noted days from hub_daily until `refresh` has made them again. Writers of hub_daily share an advisory
lock, refresh has it alone: it never misses what is written at the same time.
"""
# ruff: noqa: S608 (statements are made of our own constants)

import time
from typing import Any

import psycopg

from stadtkern.hub.domain.connection import cursor, here, writing
from stadtkern.hub.domain.store import locks

Connection = psycopg.Connection[Any]

LOCK = 7_031_971  # advisory; the trigger in migrations/0002_store.py names it too
MOST_DAYS = 500
SECONDS_A_TURN = 20.0
SHARE = "select pg_advisory_xact_lock_shared(%s)"
ALONE = "select pg_advisory_xact_lock(%s)"
# Behind `with changed as (... returning datastream_id, bucket)`.
NOTE = """
insert into hub_property_stale (observed_property_id, bucket)
select distinct coalesce(d.observed_property_id, 0), c.bucket
from changed c join hub_datastream d on d.id = c.datastream_id where d.visibility = 'public'
order by 1, 2 on conflict do nothing
"""
_FIGURES = """
sum(h.count), sum(h.flagged), sum(h.bad), sum(h.values), sum(h.total), min(h.minimum), max(h.maximum)
"""
_INTO = (
    "insert into hub_property_day (observed_property_id, bucket, count, flagged, bad, values, total, minimum, maximum)"
)
A_WHOLE_PROPERTY = "select observed_property_id from hub_property_stale where bucket = '-infinity' order by 1 limit 1"
WHOLE = (
    "delete from hub_property_day where observed_property_id = %(id)s",
    f"""
    {_INTO}
    select %(id)s, h.bucket, {_FIGURES} from hub_datastream d join hub_daily h on h.datastream_id = d.id
    where coalesce(d.observed_property_id, 0) = %(id)s and d.visibility = 'public' group by 2
    """,
    "delete from hub_property_stale where observed_property_id = %(id)s",
)
SOME_DAYS = "select observed_property_id, bucket from hub_property_stale order by 1, 2 limit %s"
_NOTED = "unnest(%(ids)s::bigint[], %(days)s::date[]) n (observed_property_id, bucket)"
DAYS = (
    f"""
    delete from hub_property_day p using {_NOTED}
    where p.observed_property_id = n.observed_property_id and p.bucket = n.bucket
    """,
    f"""
    {_INTO}
    select n.observed_property_id, n.bucket, {_FIGURES}
    from {_NOTED} join hub_datastream d
        on coalesce(d.observed_property_id, 0) = n.observed_property_id and d.visibility = 'public'
    join hub_daily h on h.datastream_id = d.id and h.bucket = n.bucket
    group by 1, 2
    """,
    f"""
    delete from hub_property_stale p using {_NOTED}
    where p.observed_property_id = n.observed_property_id and p.bucket = n.bucket
    """,
)


def share(connection: Connection) -> None:
    """Before hub_daily is written: refresh waits until this transaction ends."""
    cursor(connection).execute(SHARE, [LOCK])


def refresh(*, seconds: float = SECONDS_A_TURN) -> int:
    """Make noted days again, in steps that commit; returns how many steps. Stops after `seconds`.

    On Citus they are not kept (see distributing.py).
    """
    if locks.is_distributed(here()):
        return 0
    end, steps = time.monotonic() + seconds, 0
    while (_refresh_property() or _refresh_days()) and time.monotonic() < end:
        steps += 1
    return steps


def _refresh_property() -> bool:
    with writing() as connection:
        run = cursor(connection).execute
        if run(A_WHOLE_PROPERTY).fetchone() is None:
            return False
        run(ALONE, [LOCK])
        row = run(A_WHOLE_PROPERTY).fetchone()
        for statement in WHOLE if row else ():
            run(statement, {"id": row[0] if row else None})
    return True


def _refresh_days() -> bool:
    with writing() as connection:
        run = cursor(connection).execute
        if not run(SOME_DAYS, [1]).fetchone():
            return False
        run(ALONE, [LOCK])
        noted = run(SOME_DAYS, [MOST_DAYS]).fetchall()
        asked = {"ids": [id for id, _day in noted], "days": [day for _id, day in noted]}
        for statement in DAYS:
            run(statement, asked)
    return True
