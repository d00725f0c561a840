"""A watched datastream got new values: noted and put on the way in the transaction that brought them.

One job is enough for all that wait. Whoever is writing at the same time does not wait for another's job: its note
stays, and at the latest the clock of the alerts finds it within a minute.
"""

from collections.abc import Mapping
from typing import Any

import psycopg

from stadtkern.hub.domain.connection import cursor
from stadtkern.hub.domain.store.writing import Newest
from stadtkern.hub.domain.watched import ALERTS

JOB, QUEUE = "hub.alerts.judge", "default"
TURN = 7_031_972  # advisory lock: one open transaction at a time puts the job on its way
NOTE = "insert into hub_alert_due (datastream_id) select unnest(%s::bigint[])"
DEFER = """
select procrastinate_defer_jobs_v1(
    array[row(%s, %s, 0, null, %s, '{}'::jsonb, null)::procrastinate_job_to_defer_v1])
where pg_try_advisory_xact_lock(%s)
  and not exists (select 1 from procrastinate_jobs where queueing_lock = %s and status = 'todo')
"""


def note_due(connection: "psycopg.Connection[Any]", written: Mapping[int, Newest]) -> None:
    """Have the alerts of these datastreams judged when the transaction is there."""
    due = sorted(id for id, row in written.items() if row.watched & ALERTS)
    if not due:
        return
    cursor(connection).execute(NOTE, [due])
    try:
        with connection.transaction():  # the job of a commit between our look and our write is as good as ours
            cursor(connection).execute(DEFER, [QUEUE, JOB, JOB, TURN, JOB])
    except psycopg.errors.UniqueViolation:
        return
