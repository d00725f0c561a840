"""Retention: values older than a datastream's `keep_days` go; their hours and days stay as they were.

Months in which nothing is to be kept are dropped as a whole, the rest is deleted in batches. A datastream must be
rolled up first; it gets `values_since`, before which rollups are never made again. In the archive a month goes when
all of it is past its time: values stay there up to 31 days longer.
"""
# ruff: noqa: S608 (statements are made of our own constants)

import logging
from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any

import psycopg

from stadtkern.core.jobs import nightly
from stadtkern.hub.domain.connection import cursor, here
from stadtkern.hub.domain.connection import writing as transaction
from stadtkern.hub.domain.store import archive, extents, ids, months, removing, rolling, thawing, writing
from stadtkern.hub.domain.store.extents import Ends
from stadtkern.hub.domain.store.port import UnknownDatastream
from stadtkern.hub.domain.store.removing import Lost

log = logging.getLogger(__name__)
Connection = psycopg.Connection[Any]

_DUE = """
select l.datastream_id, c.cutoff
from hub_latest l join hub_datastream d on d.id = l.datastream_id
cross join lateral (
    select date_trunc('day', now() - d.keep_days * interval '1 day', %(zone)s::text) as cutoff
) c
where d.keep_days is not null and l.first_start < c.cutoff
  and (l.rolled_until >= c.cutoff or l.last_end < l.rolled_until)
  and not exists (select 1 from hub_dirty_hour y where y.datastream_id = l.datastream_id and y.hour < c.cutoff
                  and y.hour >= coalesce(l.values_since, '-infinity'))
"""
DUE = f"{_DUE} order by 1"
KEPT = f"""
with due as ({_DUE})
select exists (
    select 1 from hub_latest l left join due on due.datastream_id = l.datastream_id and due.cutoff >= %(end)s
    where l.datastream_id = any(%(ids)s::bigint[]) and due.datastream_id is null
)
"""
COUNTED = """
select datastream_id, count(*), max(coalesce(phenomenon_end, phenomenon_start)), min(result_time), max(result_time)
from {partition} group by 1
"""
COUNTED_IN_ARCHIVE = """
delete from hub_archived_span where month = %s
returning datastream_id, count, last_end, first_result, last_result
"""
KEEP_SINCE = """
update hub_latest l set values_since = greatest(l.values_since, n.since)
from unnest(%s::bigint[], %s::timestamptz[]) n (datastream_id, since) where l.datastream_id = n.datastream_id
"""


def retain() -> int:
    """Delete what is past its time; returns how many values went. May be stopped and called again at any moment."""
    due = cursor(here()).execute(DUE, {"zone": rolling.zone()}).fetchall()
    if not due:
        return 0
    newest = ids.month_of(max(cutoff for _id, cutoff in due))
    past = [month for month in archive.months_with_values() if month < newest]
    gone = sum(_drop_if_possible(month) for month in past)
    return gone + sum(_remove_from(id, cutoff) for id, cutoff in due)


@nightly("hub.retention")
def retain_every_night() -> None:
    rolling.roll()
    retain()


def _drop_if_possible(month: int) -> int:
    try:
        return months.patiently(partial(_drop_month, month))
    except psycopg.errors.LockNotAvailable:
        log.warning("month %s is in use; its values are deleted one by one", archive.day_of(month))
        return 0


def _drop_month(month: int) -> int:
    """Drop a month of which nothing is to be kept; returns the number of its values, 0 when something is."""
    if not _nothing_is_kept(here(), month):
        return 0
    with transaction() as connection:
        connection.execute(months.LOCK_TIMEOUT)
        if month in months.existing(connection):
            months.close(connection, month)
            thawing.thaw(connection, month)
        held = _datastreams_in(connection, month)
        rolling.hold(connection, held)
        if not _nothing_is_kept(connection, month):
            return 0
        lost = _take_out(connection, month)
        _settle(connection, month, lost)
    return sum(one.count for one in lost.values())


def _take_out(connection: Connection, month: int) -> dict[int, Lost]:
    """Drop the partition or forget the file; returns what each datastream has lost."""
    run = cursor(connection).execute
    if month in months.existing(connection):
        rows = run(COUNTED.format(partition=months.name_of(month))).fetchall()
        months.drop(connection, month)
    else:
        rows = run(COUNTED_IN_ARCHIVE, [archive.day_of(month)]).fetchall()
        run("delete from hub_archivedmonth where month = %s", [archive.day_of(month)])
    return {id: Lost(count, Ends(*ends)) for id, count, *ends in rows}


def _settle(connection: Connection, month: int, lost: Mapping[int, Lost]) -> None:
    extents.restate(connection, {id: one.count for id, one in lost.items()})
    extents.restate_ends(connection, {id: one.ends for id, one in lost.items()})
    _keep_since(connection, dict.fromkeys(lost, ids.first_moment(month + 1)))


def _remove_from(datastream_id: int, cutoff: datetime) -> int:
    """Delete a datastream's values before a local midnight; of the archive: those of whole months."""
    lost: list[Lost] = []
    past = {"since": ids.first_moment(0), "until": cutoff}
    try:
        while not lost or lost[-1].count:
            with transaction() as connection:
                writing.lock(connection, [datastream_id])
                _keep_since(connection, {datastream_id: cutoff})
                whole = ids.first_moment(ids.month_of(cutoff))
                thawing.thaw_of(connection, [datastream_id], since=past["since"], until=whole)
                lost.append(removing.remove_some(connection, datastream_id, **past))
        with transaction() as connection:
            writing.lock(connection, [datastream_id])
            extents.restate_ends(connection, {datastream_id: extents.widest([one.ends for one in lost])})
    except UnknownDatastream:  # removed meanwhile, and its values with it
        pass
    return sum(one.count for one in lost)


def _keep_since(connection: Connection, since: Mapping[int, datetime]) -> None:
    if since:
        cursor(connection).execute(KEEP_SINCE, [list(column) for column in zip(*since.items(), strict=True)])


def _nothing_is_kept(connection: Connection, month: int) -> bool:
    """Every datastream with values in a month lets them go; those that were removed do."""
    asked = {"ids": _datastreams_in(connection, month), "end": ids.first_moment(month + 1), "zone": rolling.zone()}
    row = cursor(connection).execute(KEPT, asked).fetchone()
    return not (row and row[0])


def _datastreams_in(connection: Connection, month: int) -> list[int]:
    archived = "select datastream_id from hub_archived_span where month = %s"
    found = {id for (id,) in cursor(connection).execute(archived, [archive.day_of(month)]).fetchall()}
    if month in months.existing(connection):
        found.update(months.datastreams_in(connection, month))
    return sorted(found)
