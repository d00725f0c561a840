"""Which datastreams somebody watches: a mark in hub_latest that every writer reads anyway.

So a datastream without rules costs a writer nothing, and one that has just got its first rule is checked from the
next write on: the mark is read under the lock of the write.
"""

from collections.abc import Iterable

from stadtkern.hub.domain.connection import writing

RULES, ALERTS = 1, 2  # ALERTS: some that new values can raise; silence and forecasts go by the clock
MARK = f"""
with held as (select datastream_id from hub_latest where datastream_id = any(%s) order by 1 for update)
update hub_latest l set watched =
    case when exists (select 1 from hub_qualityrule r where r.datastream_id = l.datastream_id) then {RULES} else 0 end
  | case when exists (
        select 1 from hub_alertstate s join hub_alertrule r on r.id = s.rule_id
        where s.datastream_id = l.datastream_id and not s.is_old and r.is_active and r.kind in ('threshold', 'rate')
    ) then {ALERTS} else 0 end
from held where held.datastream_id = l.datastream_id
"""  # noqa: S608  constants


def mark(datastream_ids: Iterable[int]) -> None:
    """Set the marks anew after a rule came, went, or reaches other datastreams."""
    if ids := sorted(set(datastream_ids)):
        with writing() as connection:
            connection.execute(MARK, [ids])
