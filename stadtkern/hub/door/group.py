"""A group of entries in one transaction; an entry that cannot be written fails alone.

When PostgreSQL or the store refuses the whole, the group is halved until the refused one stands alone: the others are
kept. Entries whose datastream or month somebody else holds for long are put aside at once instead.
"""

import logging
from collections.abc import Sequence
from typing import Any

import psycopg

from stadtkern.core.problems import BadInput, NotFound, Problem, Unavailable
from stadtkern.hub.domain.connection import cursor
from stadtkern.hub.domain.recording import record
from stadtkern.hub.domain.store import months
from stadtkern.hub.domain.store.ids import month_of
from stadtkern.hub.domain.store.port import Appended, BeyondTime, Sample, UnknownDatastream
from stadtkern.hub.domain.store.writing import KEY
from stadtkern.hub.door import tokens
from stadtkern.hub.door.entry import Entry, Token

Connection = psycopg.Connection[Any]
FREE = "select datastream_id from hub_latest where datastream_id = any(%s) for update skip locked"
# Months that are being archived or dropped.
CLOSED = """
select c.relname from pg_locks k join pg_class c on c.oid = k.relation join pg_inherits i on i.inhrelid = c.oid
where i.inhparent = 'hub_observation'::regclass and k.granted
  and k.mode in ('ShareRowExclusiveLock', 'AccessExclusiveLock')
  and k.database = (select oid from pg_database where datname = current_database())
"""
AGAIN = (
    psycopg.errors.DeadlockDetected,
    psycopg.errors.SerializationFailure,
    psycopg.errors.UniqueViolation,
    psycopg.errors.CheckViolation,  # a partition is not there any more (store.writing)
)
TAKEN = "Something else works on this datastream or month now. Nothing was written; send it again."
UNSURE = "The connection to the database broke while it committed. Send it again: the same moment is a correction."
FAILED = "The database could not write this now. Nothing was written; send it again."
log = logging.getLogger("stadtkern.door")


def write_group(connection: Connection, entries: Sequence[Entry]) -> None:
    """Commit the entries and give each its outcome, those that fail their own exception.

    Raises OperationalError when the connection is lost: entries that have no outcome then are not written.
    """
    now, later = _first_of_each_token(entries)
    if now:
        _write(connection, now)
    if later:
        write_group(connection, later)


def _first_of_each_token(entries: Sequence[Entry]) -> tuple[list[Entry], list[Entry]]:
    """A repetition inside the group waits until the first one is written or has failed."""
    seen: set[tuple[str, str]] = set()
    now: list[Entry] = []
    later: list[Entry] = []
    for entry in entries:
        if entry.token is not None and entry.token.name in seen:
            later.append(entry)
            continue
        if entry.token is not None:
            seen.add(entry.token.name)
        now.append(entry)
    return now, later


def _write(connection: Connection, entries: Sequence[Entry], *, tries: int = 2) -> None:
    try:
        outcomes = _run(connection, entries, careful=tries == 1)
    except psycopg.errors.LockNotAvailable:
        connection.rollback()
        _write_free(connection, entries, tries=tries)
    except Exception as error:
        if connection.closed:
            raise
        connection.rollback()
        if isinstance(error, AGAIN) and tries > 1:
            _write(connection, entries, tries=tries - 1)
        else:
            _fail(connection, entries, error)
    else:
        _commit(connection, entries, outcomes)


def _commit(connection: Connection, entries: Sequence[Entry], outcomes: Sequence[Any]) -> None:
    try:
        connection.commit()
    except psycopg.OperationalError:
        for entry in entries:
            entry.outcome = Unavailable(UNSURE, retry_after=2)
        raise
    for entry, outcome in zip(entries, outcomes, strict=True):
        entry.outcome = outcome


def _fail(connection: Connection, entries: Sequence[Entry], error: Exception) -> None:
    if isinstance(error, psycopg.OperationalError):  # no room on the disk, too slow: no entry is to blame
        log.error("door: the database refuses to write", extra={"error": type(error).__name__})
        for entry in entries:
            entry.outcome = Unavailable(FAILED, retry_after=5)
    elif len(entries) == 1:
        entries[0].outcome = _problem_of(error)
    else:
        middle = len(entries) // 2
        _write(connection, entries[:middle])
        _write(connection, entries[middle:])


def _write_free(connection: Connection, entries: Sequence[Entry], *, tries: int) -> None:
    """Write those entries that nobody holds up. When none is held up by what we know of, all are tried once more."""
    held_up = _held_up(connection, entries)
    for entry in held_up if held_up or tries > 1 else entries:
        entry.outcome = Unavailable(TAKEN, retry_after=1)
    if rest := [entry for entry in entries if entry.outcome is None]:
        _write(connection, rest, tries=tries if held_up else 1)


def _held_up(connection: Connection, entries: Sequence[Entry]) -> list[Entry]:
    """Those that bring something for a datastream or a month that somebody else has locked."""
    ids = sorted({sample.datastream_id for entry in entries for sample in entry.samples})
    free = {id for (id,) in cursor(connection).execute(FREE, [ids]).fetchall()}
    closed = {months.month_of_name(name) for (name,) in cursor(connection).execute(CLOSED).fetchall()}
    connection.rollback()

    def is_held_up(sample: Sample) -> bool:
        return sample.datastream_id not in free or month_of(sample.phenomenon_start) in closed

    return [entry for entry in entries if any(map(is_held_up, entry.samples))]


def _run(connection: Connection, entries: Sequence[Entry], *, careful: bool) -> list[Any]:
    """Everything but the COMMIT; the outcomes in the order of the entries."""
    before = tokens.known(connection, [entry.token for entry in entries if entry.token is not None])
    new = [entry for entry in entries if entry.token is None or entry.token.name not in before]
    done = record(connection, [sample for entry in new for sample in entry.samples], careful=careful)
    counted = dict(zip(map(id, new), _shares(new, done), strict=True))
    outcomes: list[Any] = []
    fresh: list[tuple[Token, dict[str, Any]]] = []
    for entry in entries:
        share = counted.get(id(entry))
        if entry.token is None:
            outcomes.append(share)
        elif share is None:
            outcomes.append(tokens.repeated(entry.token, before[entry.token.name]))
        else:
            outcomes.append({"created": share.created, "corrected": share.corrected, **entry.token.more})
            fresh.append((entry.token, outcomes[-1]))
    tokens.remember(connection, fresh)
    return outcomes


def _shares(entries: Sequence[Entry], done: Appended) -> list[Appended]:
    """What the write did for each entry. A moment sent twice is created once and corrected once."""
    if not done.there and len(done.samples) == sum(len(entry.samples) for entry in entries):
        return [Appended(entry.samples, len(entry.samples), 0) for entry in entries]
    kept = {KEY(sample): sample for sample in done.samples}
    seen: set[Any] = set()
    return [_share(entry.samples, done, kept, seen) for entry in entries]


def _share(samples: Sequence[Sample], done: Appended, kept: dict[Any, Sample], seen: set[Any]) -> Appended:
    corrected = 0
    for sample in samples:
        key = KEY(sample)
        sample.id = kept[key].id
        corrected += key in seen or sample.id in done.there
        seen.add(key)
    return Appended(samples, len(samples) - corrected, corrected)


def _problem_of(error: Exception) -> Exception:
    if isinstance(error, UnknownDatastream):
        return NotFound("The datastream is not there any more.")
    if isinstance(error, BeyondTime | OverflowError):
        return BadInput(str(error))
    if isinstance(error, psycopg.Error):
        return BadInput(f"The database refuses a value: {error.diag.message_primary or error}")
    log.error("door: an entry could not be written", exc_info=error)
    return Problem()
