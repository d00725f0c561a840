"""Archive: a closed month moves from its partition into one Parquet file.

1. COPY the partition (one statement, one snapshot) into a CSV file; DuckDB makes the Parquet file of it, together with
   what an older file of the month has; it is synced, read back and compared.
2. In one transaction: writers of this month wait, the partition still is what was copied (count and the sum of all
   rows' hashes), the file is written down in ArchivedMonth and hub_archived_span, the partition is dropped.

A crash before the commit leaves files nobody knows, a later run writes them again; after it, everything is done.
Locks are asked for with a short timeout: whoever waits gives up before PostgreSQL looks for deadlocks.
"""
# ruff: noqa: S608 (statements are made of our own constants)

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import psycopg
from django.utils import timezone

from stadtkern.core.jobs import every
from stadtkern.core.problems import Unavailable
from stadtkern.hub.domain.connection import cursor, here, writing
from stadtkern.hub.domain.store import ids, months, rolling, shelf
from stadtkern.hub.domain.store.archived_keys import CLOSED_AFTER
from stadtkern.hub.domain.store.columns import COLUMNS

Connection = psycopg.Connection[Any]
log = logging.getLogger(__name__)

LOCK = 7_031_973  # advisory: who archives
KEEP_IN_TABLES = timedelta(days=400)  # what the nightly job leaves where it is: a year and a bit
CONTENT = "coalesce(sum(hash_record_extended(o, 0)), 0)"

_UNCLEAN = """
select exists (
    select 1 from hub_latest l where l.datastream_id = any(%(ids)s::bigint[]) and (
        ((l.rolled_until is null or l.rolled_until < %(end)s) and l.last_end >= coalesce(l.rolled_until, '-infinity'))
        or exists (
            select 1 from hub_dirty_hour y where y.datastream_id = l.datastream_id
                and y.hour >= greatest(%(start)s, coalesce(l.values_since, '-infinity')) and y.hour < %(end)s))
)
"""
_REGISTER = """
insert into hub_archivedmonth (month, path, rows, bytes, sha256, archived_at, dropped_at)
values (%s, %s, %s, %s, %s, now(), now())
on conflict (month) do update set path = excluded.path, rows = excluded.rows, bytes = excluded.bytes,
    sha256 = excluded.sha256, archived_at = excluded.archived_at, dropped_at = excluded.dropped_at
"""
_MOMENT = "timestamptz 'epoch' + {name} * interval '1 microsecond'"
_SPANS = f"""
insert into hub_archived_span
    (datastream_id, month, count, first_start, last_start, last_end, first_result, last_result)
select s.id, %s, s.count, {
    ", ".join(
        _MOMENT.format(name=f"s.{name}")
        for name in ("first_start", "last_start", "last_end", "first_result", "last_result")
    )
}
from unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[])
    s (id, count, first_start, last_start, last_end, first_result, last_result)
join hub_latest l on l.datastream_id = s.id
"""
_FILE = "select path from hub_archivedmonth where month = %s"
_DEAD = """
select datastream_id from unnest(%s::bigint[]) s (datastream_id)
where not exists (select 1 from hub_latest l where l.datastream_id = s.datastream_id)
"""


class NotReady(RuntimeError):
    """The month is too young, or its rollups are behind."""


class Changed(RuntimeError):
    """Somebody has written to the month while it was copied."""


def archive(month: int) -> bool:
    """Archive one month (counted as in ids.py), with what came late; False when there is nothing to do.

    Raises NotReady, shelf.NotWritten (a full disk), and psycopg's LockNotAvailable when the partition stays in use.
    """
    if ids.first_moment(month + 1) > timezone.now() - CLOSED_AFTER:
        raise NotReady("this month is not closed yet")
    with _alone():
        if month not in months.existing(here()) and not _has_orphans(month):
            return False
        months.patiently(lambda: _archive(month), besides=Changed)
    return True


def archive_older_than(age: timedelta = KEEP_IN_TABLES) -> list[int]:
    """Archive every month that ended longer ago, one after the other; returns those that were.

    A month that is in use is left for the next time.
    """
    last = ids.month_of(timezone.now() - max(age, CLOSED_AFTER)) - 1
    done = [month for month in months_with_values() if month <= last and _archive_if_possible(month)]
    shelf.sweep(_known_files())
    return done


def _archive_if_possible(month: int) -> bool:
    try:
        return archive(month)
    except (NotReady, Changed, psycopg.errors.LockNotAvailable) as reason:
        log.warning("month %s is archived another time: %s", day_of(month), reason)
        return False


@every("40 2 * * *", "hub.archive")
def archive_by_the_clock() -> None:
    archive_older_than()


def file_of(month: int) -> Path | None:
    """The Parquet file of an archived month."""
    row = cursor(here()).execute(_FILE, [day_of(month)]).fetchone()
    return shelf.folder() / row[0] if row else None


def months_with_values() -> list[int]:
    """Every month that has a partition or a file, oldest first."""
    kept = cursor(here()).execute("select month from hub_archivedmonth").fetchall()
    return sorted(months.existing(here()) | {ids.month_of_day(day) for (day,) in kept})


def day_of(month: int) -> date:
    return ids.first_moment(month).date()


@contextmanager
def _alone() -> Iterator[None]:
    """Two at once would write the same files. Raises NotReady."""
    run = cursor(here()).execute
    row = run("select pg_try_advisory_lock(%s)", [LOCK]).fetchone()
    if not (row and row[0]):
        raise NotReady("another process archives now")
    try:
        yield
    finally:
        run("select pg_advisory_unlock(%s)", [LOCK])


def _archive(month: int) -> None:
    there, old = month in months.existing(here()), file_of(month)
    if there:
        _roll_up(month)
    written = _write_file(month, there, old)
    with writing() as connection:
        connection.execute(months.LOCK_TIMEOUT)
        if there:
            _check_unchanged(connection, month, written)
        _check_not_thawed(connection, month, old)
        _write_down(connection, month, written)
        if there:
            months.drop(connection, month)
    log.info("archived %s: %d rows, %d bytes", written.path.name, written.rows, written.bytes)


def _write_file(month: int, there: bool, old: Path | None) -> shelf.Written:
    """The month's file, which nobody knows yet. Raises NotWritten; then nothing of it takes room."""
    name = f"{ids.first_moment(month):%Y-%m}"
    lines = shelf.folder() / f"{name}.csv.part"
    try:
        _copy(months.name_of(month) if there else None, lines)
        return shelf.write(month, lines, old=old, dead=_dead(old))
    except (OSError, Unavailable) as error:  # the disk is full, or the folder is gone
        lines.with_name(f"{name}.part").unlink(missing_ok=True)
        reason = f"{name} cannot be archived in {lines.parent}: {error.__cause__ or error}"
        raise shelf.NotWritten(f"{reason}. Its values stay where they are; mend that, then run it again.") from error
    finally:
        lines.unlink(missing_ok=True)


def _copy(partition: str | None, lines: Path) -> None:
    with lines.open("wb") as file:
        if partition is None:
            return
        statement = f"select {COLUMNS}, hash_record_extended(o, 0) from {partition} o order by {shelf.KEY}"
        with writing() as connection, cursor(connection).copy(f"copy ({statement}) to stdout (format csv)") as copy:
            for block in copy:
                file.write(block)


def _check_unchanged(connection: Connection, month: int, written: shelf.Written) -> None:
    """Holds off writers of the month until the transaction ends; raises Changed, also when some are not rolled up."""
    name = months.name_of(month)
    months.close(connection, month)
    now = cursor(connection).execute(f"select count(*), {CONTENT} from {name} o").fetchone()
    if now != (written.table_rows, written.table_content) or _is_unclean(month):
        raise Changed(f"{name} has changed while it was copied")


def _check_not_thawed(connection: Connection, month: int, old: Path | None) -> None:
    """The month's file is the one that was read, until the transaction ends; raises Changed."""
    row = cursor(connection).execute(f"{_FILE} for update", [day_of(month)]).fetchone()
    if (row[0] if row else None) != (old.name if old else None):
        raise Changed(f"{day_of(month)} was thawed while it was copied")


def _write_down(connection: Connection, month: int, written: shelf.Written) -> None:
    run = cursor(connection).execute
    day = day_of(month)
    # A writer that holds one of these has asked already whether the month is archived.
    rolling.hold(connection, [span.datastream_id for span in written.spans])
    run("delete from hub_archived_span where month = %s", [day])
    if not written.rows:
        run("delete from hub_archivedmonth where month = %s", [day])
        return
    run(_REGISTER, [day, written.path.name, written.rows, written.bytes, written.sha256])
    names = ("datastream_id", "count", "first_start", "last_start", "last_end", "first_result", "last_result")
    run(_SPANS, [day, *([getattr(span, name) for span in written.spans] for name in names)])


def _roll_up(month: int) -> None:
    """Afterwards nobody looks for its values any more to roll them up. Raises NotReady."""
    if _is_unclean(month):
        rolling.roll()
        if _is_unclean(month):
            raise NotReady("its rollups are behind")


def _is_unclean(month: int) -> bool:
    there = months.datastreams_in(here(), month)
    asked = {"ids": there, "start": ids.first_moment(month), "end": ids.first_moment(month + 1)}
    row = cursor(here()).execute(_UNCLEAN, asked).fetchone()
    return bool(row and row[0])


def _has_orphans(month: int) -> bool:
    """Values of datastreams that were removed stand in the file."""
    row = cursor(here()).execute(
        "select rows > (select coalesce(sum(count), 0) from hub_archived_span s where s.month = m.month) "
        "from hub_archivedmonth m where month = %s",
        [day_of(month)],
    )
    return bool((found := row.fetchone()) and found[0])


def _dead(old: Path | None) -> set[int]:
    if old is None:
        return set()
    held = [id for (id,) in shelf.ask([old], "distinct datastream_id")]
    return {id for (id,) in cursor(here()).execute(_DEAD, [held]).fetchall()}


def _known_files() -> set[str]:
    return {path for (path,) in cursor(here()).execute("select path from hub_archivedmonth").fetchall()}
