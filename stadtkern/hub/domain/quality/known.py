"""Rules and neighbouring values out of the tables, as the checks read them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import psycopg

from stadtkern.hub.domain.connection import cursor
from stadtkern.hub.domain.quality.checking import Kind, Rule
from stadtkern.hub.domain.store.port import Sample

LOOK_BACK = timedelta(days=92)  # a neighbour further away is none; bounds the partitions that are looked into
MOST_IN_A_RUN = 1_500  # values looked at to find since when a value has stood still
RULES = """
select r.datastream_id, r.kind, r.severity = 'bad', r.low, r.high,
    coalesce(r.seconds, case when r.kind = 'gap' then d.interval_seconds * 1.5 end)::float8, r.count
from hub_qualityrule r join hub_datastream d on d.id = r.datastream_id where r.datastream_id = any(%s) order by r.id
"""
BEFORE = """
select w.place, o.phenomenon_start, o.slot, o.number, o.text, o.json, o.flags
from unnest(%s::int[], %s::bigint[], %s::timestamptz[], %s::timestamptz[], %s::int[])
    w (place, datastream_id, moment, since, most)
cross join lateral (
    select phenomenon_start, slot, number, text, json, flags from hub_observation
    where datastream_id = w.datastream_id and phenomenon_start <= w.moment and phenomenon_start >= w.since
    order by phenomenon_start desc, slot desc limit w.most
) o
order by w.place, o.phenomenon_start, o.slot
"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """The last `most` values of a datastream up to a moment."""

    datastream_id: int
    moment: datetime
    most: int


def rules_of(connection: "psycopg.Connection[Any]", datastream_ids: Iterable[int]) -> dict[int, list[Rule]]:
    """The rules by datastream; one without any is missing."""
    found: dict[int, list[Rule]] = {}
    for id, kind, bad, low, high, seconds, count in cursor(connection).execute(RULES, [sorted(datastream_ids)]):
        rule = Rule(kind=kind, bad=bad, low=low, high=high, seconds=seconds, count=count)
        found.setdefault(id, []).append(rule)
    return found


def length_of_run(rules: Sequence[Rule]) -> int:
    """How many values before one must be known to say whether it stands still; 0: nobody asks."""
    stuck = [rule for rule in rules if rule.kind == Kind.STUCK]
    if any(rule.seconds for rule in stuck):
        return MOST_IN_A_RUN
    return min(max((rule.count or 0 for rule in stuck), default=0), MOST_IN_A_RUN)


def before(connection: "psycopg.Connection[Any]", wanted: Sequence[Wanted]) -> list[list[Sample]]:
    """For each wish the stored values, oldest first."""
    found: list[list[Sample]] = [[] for _one in wanted]
    if not wanted:
        return found
    columns = [
        list(range(len(wanted))),
        [one.datastream_id for one in wanted],
        [one.moment for one in wanted],
        [one.moment - LOOK_BACK for one in wanted],
        [one.most for one in wanted],
    ]
    for place, start, slot, number, text, json, flags in cursor(connection).execute(BEFORE, columns):
        found[place].append(
            Sample(
                datastream_id=wanted[place].datastream_id,
                phenomenon_start=start,
                slot=slot,
                number=number,
                text=text,
                json=json,
                flags=flags,
            )
        )
    return found
