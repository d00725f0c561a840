"""What there is to tell, from the tables; every statement joins in that everybody may see the datastream."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from psycopg.rows import dict_row

from stadtkern.hub.domain.connection import cursor, here
from stadtkern.hub.domain.readers import ANYBODY

MOST_OF_ONE = 100  # observations of one datastream that are told at once: the newest
SEEN = ANYBODY.sees_datastream("d")

OBSERVATIONS = """
select d.id as datastream_id, d.is_multi, o.id, o.phenomenon_start, o.phenomenon_end, o.result_time, o.number, o.text,
       o.json::text as json, o.flags, o.quality::text as quality, o.parameters::text as parameters, o.valid_start,
       o.valid_end, l.first_start, l.last_end, l.first_result, l.last_result
from unnest(%(ids)s::bigint[], %(since)s::timestamptz[]) w (id, since)
join hub_datastream d on d.id = w.id
join hub_latest l on l.datastream_id = d.id
cross join lateral (
    select * from hub_observation o
    where o.datastream_id = d.id and o.phenomenon_start <= l.phenomenon_start
          and o.phenomenon_start >= least(w.since, l.phenomenon_start)
    order by o.phenomenon_start desc, o.slot limit {most_of_one}
) o
where {seen}
order by d.id, o.phenomenon_start, o.slot desc
"""
WRITTEN = """
select d.id from hub_datastream d join hub_latest l on l.datastream_id = d.id
where d.id > %(after)s and l.phenomenon_start is not null and {seen}
      and (%(since)s::timestamptz is null or l.received_at >= %(since)s)
order by d.id limit %(most)s
"""
CHANGED = """
select d.id, d.is_multi, d.name, d.description, d.properties::text as properties, d.changed_at,
       d.observation_type as "observationType", d.unit::text as unit, d.multi_types::text as multi_types,
       l.first_start, l.last_end, l.first_result, l.last_result
from hub_datastream d join hub_latest l on l.datastream_id = d.id
where (d.changed_at, d.id) > (%(since)s, %(after)s) and {seen} order by d.changed_at, d.id limit %(most)s
"""
GONE = """
select w.id from unnest(%(ids)s::bigint[]) w (id)
where not exists (select from hub_datastream d where d.id = w.id and {seen})
"""


def observations(since: Mapping[int, datetime | None]) -> list[dict[str, Any]]:
    """The observations of these datastreams from the given moment on (None: the newest alone), oldest first."""
    return _rows(OBSERVATIONS, {"ids": list(since), "since": list(since.values())})


def written(*, after: int, since: datetime | None, most: int) -> list[int]:
    """Datastreams with values received since then, by number."""
    return [row["id"] for row in _rows(WRITTEN, {"after": after, "since": since, "most": most})]


def changed(*, since: datetime, after: int, most: int) -> list[dict[str, Any]]:
    """Datastreams whose description has changed since then, by time and number, from behind this one on."""
    return _rows(CHANGED, {"since": since, "after": after, "most": most})


def gone(ids: Sequence[int]) -> list[int]:
    """Those that are deleted, or no longer everybody's to see."""
    return [row["id"] for row in _rows(GONE, {"ids": list(ids)})]


def now() -> datetime:
    """The clock of the database."""
    return _rows("select now() as now", {})[0]["now"]  # type: ignore[no-any-return]


def _rows(statement: str, values: Mapping[str, Any]) -> list[dict[str, Any]]:
    asking: Any = cursor(here())
    asking.row_factory = dict_row
    complete = statement.format(seen=SEEN, most_of_one=MOST_OF_ONE)
    return list(asking.execute(complete, {**ANYBODY.parameters, **values}).fetchall())
