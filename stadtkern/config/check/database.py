"""Is the database the right one, complete, and durable? Does background work happen?"""

from collections.abc import Iterator

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from stadtkern.config.check.finding import Finding, fault, good, warning
from stadtkern.config.health import SILENT_WORKER, queue

OLDEST_VERSION = 150_000
LARGEST_CLOCK_DIFFERENCE = 2.0  # seconds


def server() -> Iterator[Finding]:
    """Version and encoding."""
    version = int(_setting("server_version_num"))
    if version < OLDEST_VERSION:
        yield fault(f"PostgreSQL {_setting('server_version')}", "Stadtkern needs PostgreSQL 15 or newer; upgrade.")
    else:
        yield good(f"PostgreSQL {_setting('server_version')}")
    if _setting("server_encoding") != "UTF8":
        yield fault(
            f"The database's encoding is {_setting('server_encoding')}",
            "Create the database with ENCODING 'UTF8' and restore a backup into it.",
        )


def durability() -> Iterator[Finding]:
    """2xx means committed, and committed means on disk."""
    weak = [name for name in ("fsync", "full_page_writes", "synchronous_commit") if _setting(name) == "off"]
    if weak:
        yield fault(
            f"The database may lose what it has confirmed: {', '.join(weak)} off",
            f"Set {', '.join(f'{name} = on' for name in weak)} in postgresql.conf and reload.",
        )
    else:
        yield good("Confirmed changes are on disk")


def migrations() -> Iterator[Finding]:
    executor = MigrationExecutor(connection)
    pending = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if pending:
        yield fault(f"{len(pending)} migrations are pending", "Run `stadtkern migrate`.")
    else:
        yield good("All tables are up to date")


def background_work() -> Iterator[Finding]:
    try:
        state = queue()
    except DatabaseError:
        yield fault("There is no job queue", "Run `stadtkern migrate`.")
        return
    if state.worker_seconds is None or state.worker_seconds > SILENT_WORKER:
        yield warning("No worker is alive", "Start one: `stadtkern up` includes it, or run `stadtkern work`.")
    else:
        yield good(f"A worker was heard {state.worker_seconds:.0f} s ago, {state.waiting} jobs wait")
    if state.failed:
        yield warning(
            f"{state.failed} background jobs have failed",
            "See `stadtkern failed-jobs list`; after mending the cause, `stadtkern failed-jobs retry`.",
        )


def clock() -> Iterator[Finding]:
    """Deadlines need a clock that agrees with the database's."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        (theirs,) = cursor.fetchone()
    from django.utils import timezone

    apart = abs((timezone.now() - theirs).total_seconds())
    if apart > LARGEST_CLOCK_DIFFERENCE:
        yield fault(
            f"This machine's clock and the database's are {apart:.0f} s apart", "Switch on NTP on both machines."
        )
    else:
        yield good("The clock agrees with the database's")


def _setting(name: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting(%s)", [name])
        return str(cursor.fetchone()[0])
