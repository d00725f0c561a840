"""Values of archived months beside those in the tables."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import psycopg

Connection = psycopg.Connection[Any]
TABLE = "hub_observation"


def with_archive(connection: Connection, datastream_ids: Sequence[int] | None, since: datetime, until: datetime) -> str:
    """The table expression of observations: the table, or its union with what the archive has of an interval."""
    return TABLE


def with_archive_of_changed(
    connection: Connection, datastream_ids: Sequence[int] | None, since: datetime, until: datetime
) -> str:
    """As `with_archive`, for just the values that rollups do not stand for."""
    return TABLE
