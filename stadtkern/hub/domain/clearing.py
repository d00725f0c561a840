"""Delete what removed datastreams have left behind, in steps that hold up nobody. Broken off, it goes on where it was.

In archived months they stay for a while, unseen, because every statement joins the datastreams that are there: the
nightly archive writes such a file anew (store/archive.py).
"""

from typing import Any

from django.db import connection, transaction

from stadtkern.core.jobs import job
from stadtkern.hub.domain.connection import here
from stadtkern.hub.domain.store.ids import first_moment
from stadtkern.hub.domain.store.months import existing

STEP = 50_000
CLEAR_MONTH = """
delete from hub_observation o using (
    select datastream_id, phenomenon_start, slot from hub_observation
    where datastream_id = any(%(ids)s) and phenomenon_start >= %(since)s and phenomenon_start < %(until)s
    limit %(step)s) k
where o.datastream_id = k.datastream_id and o.phenomenon_start = k.phenomenon_start and o.slot = k.slot
  and o.phenomenon_start >= %(since)s and o.phenomenon_start < %(until)s
"""
BESIDE = ("hub_hourly", "hub_daily", "hub_dirty_hour", "hub_feature_use", "hub_archived_span")
LIVING = "select datastream_id from hub_latest where datastream_id = any(%s)"


@job("hub.clear_datastreams")
def clear_datastreams(datastream_ids: list[int]) -> None:
    """All values, rollups and notes of datastreams that are not there any more."""
    gone = sorted(set(datastream_ids) - _living(datastream_ids))
    for month in sorted(existing(here())):
        span = {"ids": gone, "since": first_moment(month), "until": first_moment(month + 1), "step": STEP}
        while _delete(CLEAR_MONTH, span) == STEP:
            pass
    for table in BESIDE:
        for datastream_id in gone:
            _delete(f"delete from {table} where datastream_id = %(id)s", {"id": datastream_id})  # noqa: S608


def _living(datastream_ids: list[int]) -> set[int]:
    with connection.cursor() as cursor:
        cursor.execute(LIVING, [datastream_ids])
        return {row[0] for row in cursor.fetchall()}


def _delete(statement: str, names: dict[str, Any]) -> int:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, names)
        return int(cursor.rowcount)
