"""hub_latest after something was taken away: the newest value, the count, from when to when; also of the archive.

Appending only ever widens what hub_latest says; these read it anew. All in the caller's transaction, after
`writing.lock` of the datastreams.
"""
# ruff: noqa: S608 (statements are made of our own constants)

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg

from stadtkern.hub.domain.connection import cursor
from stadtkern.hub.domain.store import shelf

Connection = psycopg.Connection[Any]


@dataclass(frozen=True, slots=True)
class Ends:
    """The outermost moments of what was taken away."""

    last_end: datetime | None
    first_result: datetime | None
    last_result: datetime | None


NEWEST = "observation_id, phenomenon_start, phenomenon_end, result_time, number, text, json, flags"
RESTATE = """
update hub_latest l set
    count = l.count - n.removed,
    observation_id = o.id, phenomenon_start = o.phenomenon_start, phenomenon_end = o.phenomenon_end,
    result_time = o.result_time, number = o.number, text = o.text, json = o.json, flags = coalesce(o.flags, 0),
    first_start = least(
        (select v.phenomenon_start from hub_observation v where v.datastream_id = n.datastream_id
         order by v.phenomenon_start limit 1),
        (select min(a.first_start) from hub_archived_span a where a.datastream_id = n.datastream_id))
from unnest(%s::bigint[], %s::bigint[]) n (datastream_id, removed)
left join lateral (
    select * from hub_observation v where v.datastream_id = n.datastream_id
    order by v.phenomenon_start desc, v.slot desc limit 1
) o on true
where l.datastream_id = n.datastream_id
"""
NEWER_IN_ARCHIVE = """
select l.datastream_id, m.path, a.last_start
from hub_latest l
cross join lateral (
    select s.month, s.last_start from hub_archived_span s where s.datastream_id = l.datastream_id
    order by s.last_start desc limit 1
) a
join hub_archivedmonth m on m.month = a.month
where l.datastream_id = any(%s::bigint[]) and (l.phenomenon_start is null or a.last_start > l.phenomenon_start)
"""
TAKE_FROM_ARCHIVE = f"""
update hub_latest set ({NEWEST}) = (
    %s, %s, timestamptz 'epoch' + %s * interval '1 microsecond', timestamptz 'epoch' + %s * interval '1 microsecond',
    %s, %s, %s::jsonb, %s)
where datastream_id = %s
"""
# A result that is not older than its phenomenon and comes after the first value's result is not the first one; those
# that are older (forecasts) have an index of their own.
_FIRST_RESULT = """
select min(r.result_time) from (
    select v.result_time from hub_observation v where v.datastream_id = n.datastream_id and v.phenomenon_start <= (
        select w.result_time from hub_observation w where w.datastream_id = n.datastream_id
            and w.result_time is not null
        order by w.phenomenon_start limit 1)
    union all
    select v.result_time from hub_observation v
    where v.datastream_id = n.datastream_id and v.result_time < v.phenomenon_start
    union all
    select a.first_result from hub_archived_span a where a.datastream_id = n.datastream_id
) r
"""
_MOST = """
select greatest(
    (select max({value}) from hub_observation v where v.datastream_id = n.datastream_id),
    (select max(a.{name}) from hub_archived_span a where a.datastream_id = n.datastream_id))
"""
RESTATE_ENDS = f"""
update hub_latest l set
    last_end = case when n.last_end < l.last_end then l.last_end else
        ({_MOST.format(value="coalesce(v.phenomenon_end, v.phenomenon_start)", name="last_end")}) end,
    first_result = case when n.first_result <= l.first_result then ({_FIRST_RESULT}) else l.first_result end,
    last_result = case when n.last_result >= l.last_result then
        ({_MOST.format(value="v.result_time", name="last_result")}) else l.last_result end
from unnest(%s::bigint[], %s::timestamptz[], %s::timestamptz[], %s::timestamptz[])
    n (datastream_id, last_end, first_result, last_result)
where l.datastream_id = n.datastream_id
"""


def restate(connection: Connection, removed: Mapping[int, int]) -> None:
    """The newest value, the first moment and the count, after so many values of each datastream were removed."""
    if not removed:
        return
    run = cursor(connection).execute
    run(RESTATE, [list(column) for column in zip(*sorted(removed.items()), strict=True)])
    for id, file, moment in run(NEWER_IN_ARCHIVE, [sorted(removed)]).fetchall():
        _take_from_archive(connection, id, file, moment)


def restate_ends(connection: Connection, lost: Mapping[int, Ends]) -> None:
    """Until when values last, from when to when results come: where one of the lost was the outermost.

    May read all values of such a datastream: once after many removals, not after each.
    """
    if lost:
        rows = [(id, ends.last_end, ends.first_result, ends.last_result) for id, ends in sorted(lost.items())]
        cursor(connection).execute(RESTATE_ENDS, [list(column) for column in zip(*rows, strict=True)])


def widest(ends: Collection[Ends]) -> Ends:
    """The outermost moments of several losses."""
    return Ends(
        max((end.last_end for end in ends if end.last_end), default=None),
        min((end.first_result for end in ends if end.first_result), default=None),
        max((end.last_result for end in ends if end.last_result), default=None),
    )


def _take_from_archive(connection: Connection, datastream_id: int, file: str, moment: datetime) -> None:
    """The newest value stands in a file: nothing of the tables is as new."""
    found = shelf.ask(
        [shelf.folder() / file],
        "id, epoch_us(phenomenon_end), epoch_us(result_time), number, text, json, flags",
        f"datastream_id = {int(datastream_id)} and epoch_us(phenomenon_start) = {shelf.microseconds(moment)} "
        "order by slot desc limit 1",
    )
    for id, end, result, *value in found:
        cursor(connection).execute(TAKE_FROM_ARCHIVE, [id, moment, end, result, *value, datastream_id])
