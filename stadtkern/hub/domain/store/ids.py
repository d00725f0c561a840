"""Numbers of observations: the month of the phenomenon in the high bits, so a number alone finds its partition.

`month since 1970 << 40 | n`. Below 2^53 until the year 2652: JavaScript reads it without loss. An observation that
is moved to another month keeps its number; whoever does not find it in the month it names looks everywhere.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from itertools import chain, islice
from typing import Any
from weakref import WeakKeyDictionary

import psycopg

BITS = 40
BLOCK = 1_000  # as the sequence hub_observation_number steps
_left: "WeakKeyDictionary[psycopg.Connection[Any], range]" = WeakKeyDictionary()


def month_of(moment: datetime) -> int:
    """Months since January 1970, in UTC."""
    utc = moment.astimezone(UTC)
    return (utc.year - 1970) * 12 + utc.month - 1


def month_of_day(day: date) -> int:
    """The same of a date."""
    return (day.year - 1970) * 12 + day.month - 1


def month_named_by(id: int) -> int:
    return id >> BITS


def first_moment(month: int) -> datetime:
    """When a month (counted as above) begins."""
    return datetime(1970 + month // 12, month % 12 + 1, 1, tzinfo=UTC)


def hour_of(moment: datetime) -> datetime:
    """The hour (UTC) a moment lies in."""
    return moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def fresh(connection: "psycopg.Connection[Any]", count: int) -> Iterator[int]:
    """`count` unused numbers without a month; gaps are normal.

    What is left of a block stays with the connection: many small writes must not use up the numbers there are.
    """
    blocks = [_left.get(connection, range(0))]
    if missing := max(0, count - len(blocks[0])):
        ask = "select nextval('hub_observation_number') from generate_series(1, %s)"
        rows = connection.execute(ask, [-(-missing // BLOCK)]).fetchall()
        blocks += [range(first, first + BLOCK) for (first,) in rows]
    kept = sum(map(len, blocks)) - count
    _left[connection] = blocks[-1][len(blocks[-1]) - kept :]
    return islice(chain.from_iterable(blocks), count)
