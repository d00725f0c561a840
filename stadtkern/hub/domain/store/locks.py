"""Holding rows of hub_latest until a transaction ends: whoever writes, removes or rolls up values does it first.

In the order of their numbers, so that two never wait for each other in a circle. Citus knows FOR UPDATE for one node
only (SQL reference, "SQL Support and Workarounds"); there an update that changes nothing holds the rows, and Citus
itself looks for circles over several nodes.
"""
# ruff: noqa: S608 (statements are made of our own constants)

from typing import Any

import psycopg

DISTRIBUTED = "select to_regclass('pg_dist_partition')"
IS_DISTRIBUTED = "select exists (select 1 from pg_dist_partition where logicalrelid = 'hub_latest'::regclass)"
_known: dict[str, bool] = {}


def is_distributed(connection: "psycopg.Connection[Any]") -> bool:
    """Whether the tables are spread over several nodes; asked once per process and database."""
    database = connection.info.dbname
    if database not in _known:
        with psycopg.Cursor(connection) as own:
            row = own.execute(DISTRIBUTED).fetchone()
            found = own.execute(IS_DISTRIBUTED).fetchone() if row and row[0] else None
        _known[database] = bool(found and found[0])
    return _known[database]


def forget() -> None:
    """Ask again: the tables have been distributed."""
    _known.clear()


def statement(connection: "psycopg.Connection[Any]", columns: str, condition: str) -> str:
    """Hold the rows `l` of hub_latest that fulfil a condition, and read columns of them (in any order)."""
    if is_distributed(connection):
        return f"update hub_latest l set count = l.count where {condition} returning {columns}"
    return f"select {columns} from hub_latest l where {condition} order by l.datastream_id for update"
