"""Judge a period again: after a rule has changed, or when late values came between others.

A job does a bounded part, in one transaction that holds the datastream, and hands the rest to the next job.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import psycopg

from stadtkern.core import clock
from stadtkern.core.jobs import job
from stadtkern.hub.domain.connection import here, writing
from stadtkern.hub.domain.quality import known
from stadtkern.hub.domain.quality.checking import Rule, Walk, judge_again
from stadtkern.hub.domain.quality.flagging import set_flags, values
from stadtkern.hub.domain.quality.known import Wanted
from stadtkern.hub.domain.store import writing as store
from stadtkern.hub.domain.store.port import Sample, UnknownDatastream
from stadtkern.hub.words import Flag

AT_ONCE = 5_000
MOST_TRIED = 100_000  # values a preview looks at
MOMENT = timedelta(microseconds=1)


def judge_period(datastream_id: int, *, since: datetime, until: datetime) -> datetime | None:
    """Judge at most AT_ONCE values; returns where to go on, None when that was all."""
    with writing() as connection:
        try:
            newest = store.lock(connection, [datastream_id])[datastream_id]
        except UnknownDatastream:
            return None
        rules = known.rules_of(connection, [datastream_id]).get(datastream_id, [])
        past = _past(connection, datastream_id, since, rules)
        there = values(connection, datastream_id, since=since, until=until, most=AT_ONCE)
        set_flags(connection, newest, list(judge_again(rules, [*past, *there], since=since)))
    if len(there) < AT_ONCE:
        return None
    last = there[-1].phenomenon_start  # values of this very moment may be missing yet
    return last if last > since else last + MOMENT


@job("hub.quality.judge_again")
def judge_later(datastream_id: int, since: str, until: str) -> None:
    """Judge from `since` (ISO 8601) on, part after part, each a job of its own."""
    rest = judge_period(datastream_id, since=datetime.fromisoformat(since), until=datetime.fromisoformat(until))
    if rest is not None:
        judge_later.defer(datastream_id=datastream_id, since=rest.isoformat(), until=until)


def judge_last_days(datastream_id: int, days: int) -> None:
    """Have the last days judged again by a job; values ahead of the clock too."""
    now = clock.now()
    until = now + timedelta(days=3_700)
    judge_later.defer(
        datastream_id=datastream_id, since=(now - timedelta(days=days)).isoformat(), until=until.isoformat()
    )


@dataclass(frozen=True, slots=True)
class Trial:
    """What rules would find: how many values were looked at, how many flagged, the last ones of those."""

    looked_at: int
    flagged: int
    examples: Sequence[Sample]


def try_out(datastream_id: int, rules: Sequence[Rule], *, days: int = 30, examples: int = 5) -> Trial:
    """What the rules would say of the values of the last days; nothing is written."""
    now = clock.now()
    since = now - timedelta(days=days)
    past = _past(here(), datastream_id, since, rules)
    there = values(here(), datastream_id, since=since, until=now + timedelta(days=1), most=MOST_TRIED)
    walk = Walk(rules)
    for sample in past:
        walk.pass_by(sample)
    found = [sample for sample in there if walk.judge(sample) & ~(Flag.CHECKED | Flag.BAD)]
    return Trial(len(there), len(found), found[-examples:])


def _past(
    connection: "psycopg.Connection[Any]", datastream_id: int, since: datetime, rules: Sequence[Rule]
) -> list[Sample]:
    most = max(known.length_of_run(rules), 1)
    return known.before(connection, [Wanted(datastream_id, since - MOMENT, most)])[0]
