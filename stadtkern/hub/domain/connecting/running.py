"""One run of a connector from its beginning to its end. Only one at a time; what happened stands in its log.

A run holds an advisory lock on its connection. Whoever dies lets go of it, so a run that says "running" without the
lock is broken off: no clock and no heartbeat has to guess.
"""

import logging
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from typing import Any, BinaryIO, TypeVar
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.utils.translation import gettext as _

from stadtkern.core import clock
from stadtkern.core.city import city
from stadtkern.core.problems import BadInput, Conflict, NotFound
from stadtkern.hub.domain.connecting.asking import asking
from stadtkern.hub.domain.connecting.config import checked, opened
from stadtkern.hub.domain.connecting.keeping import Keeper, RunLost, remember
from stadtkern.hub.domain.connecting.pacing import pause_after
from stadtkern.hub.domain.connecting.port import Asking, Fetching, SourceFault, connectors
from stadtkern.hub.domain.connecting.uploads import opened_upload
from stadtkern.hub.models import Connector, Run

LOCK = 7_031_971  # advisory, with the connector's number
HTTP = "http"  # in a position: what was remembered of the addresses asked
T = TypeVar("T")
log = logging.getLogger("stadtkern.hub.connecting")


class Busy(Conflict):
    """A run of this connector is under way."""


def run_connector(
    connector_id: int,
    *,
    cause: Run.Cause = Run.Cause.CLOCK,
    by_id: int | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    file: BinaryIO | None = None,
    file_name: str = "",
) -> Run:
    """Fetch, keep, log. Whatever goes wrong stands in the run that is returned; raises Busy and NotFound only.

    `since`, `until`: fill a gap. `file`: instead of the address or the upload (command line).
    """
    with _alone(connector_id):
        connector, run = _begin(connector_id, cause=cause, by_id=by_id, since=since, until=until, file_name=file_name)
        try:
            with asking(connector.position.get(HTTP)) as out:
                fetching = fetching_of(connector, out, run=run, file=file, file_name=file_name)
                _bring(connector, run, fetching)
                memory = out.memory
        except RunLost:
            log.warning("run %s was ended by somebody else", run.pk)
        except SourceFault as fault:
            _fail(connector, run, str(fault), retry_after=fault.retry_after)
        except Exception as error:
            log.exception("connector %s", connector.key)
            _fail(connector, run, unexpected(error))
        else:
            _finish(connector, run, memory)
        return run


def fetching_of(
    connector: Connector,
    out: Asking,
    *,
    run: Run | None = None,
    file: BinaryIO | None = None,
    file_name: str = "",
    is_whole: bool = True,
) -> Fetching:
    """What the kind gets: settings with their secrets, the city's clock, the file when there is one.

    Raises SourceFault when the settings are not usable (any more); a first look does without a mapping (`is_whole`).
    """
    return Fetching(
        config=_usable(connector) if is_whole else {**connector.config, **opened(connector.sealed)},
        asking=out,
        zone=ZoneInfo(city().timezone),
        now=clock.now(),
        position=connector.position,
        file=file or opened_upload(connector),
        file_name=file_name or connector.file_name,
        since=run.since if run else None,
        until=run.until if run else None,
    )


def _usable(connector: Connector) -> dict[str, Any]:
    kind = connectors.get(connector.kind)
    if kind is None:
        raise SourceFault(_("Diese Art von Quelle gibt es hier nicht (mehr): %(key)s") % {"key": connector.kind})
    try:
        return checked(kind, {**connector.config, **opened(connector.sealed)})
    except BadInput as error:
        reasons = "; ".join(dict.fromkeys(str(reason) for reason in error.fields.values()))
        raise SourceFault(f"{error} {reasons}".strip()) from error


def sweep_broken_off() -> int:
    """Runs whose process is gone are shown as broken off; returns how many there were."""
    running = Run.objects.filter(state=Run.State.RUNNING).values_list("connector_id", flat=True)
    count = 0
    for connector_id in running:
        try:
            with _alone(connector_id), transaction.atomic():
                count += _break_off(connector_id)
        except Busy:
            continue
    return count


def _bring(connector: Connector, run: Run, fetching: Fetching) -> None:
    """Batch by batch: while one is written, the next is read beside."""
    keeper = Keeper.of(connector, run)
    for batch in _one_ahead(connectors[connector.kind].fetch(fetching)):
        keeper.keep(batch)


@contextmanager
def _alone(connector_id: int) -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_lock(%s, %s)", [LOCK, connector_id])
        if not cursor.fetchone()[0]:
            raise Busy(_("Ein Lauf dieser Quelle ist schon unterwegs."))
    try:
        yield
    finally:
        if connection.is_usable():
            with connection.cursor() as cursor:
                cursor.execute("select pg_advisory_unlock(%s, %s)", [LOCK, connector_id])


@transaction.atomic
def _begin(connector_id: int, **given: Any) -> tuple[Connector, Run]:
    connector = Connector.objects.select_for_update().filter(pk=connector_id).first()
    if connector is None:
        raise NotFound(_("Diese Quelle gibt es nicht (mehr)."))
    _break_off(connector_id)
    run = Run.objects.create(connector=connector, **given)
    return connector, run


def _break_off(connector_id: int) -> int:
    """The caller holds the lock, so whatever says that it runs does not."""
    words = _("Der Lauf wurde abgebrochen, bevor er fertig war. Der nächste macht dort weiter.")
    return Run.objects.filter(connector_id=connector_id, state=Run.State.RUNNING).update(
        state=Run.State.BROKEN_OFF, ended_at=clock.now(), error=words
    )


@transaction.atomic
def _finish(connector: Connector, run: Run, memory: Mapping[str, Any]) -> None:
    is_quiet = not (run.created or run.corrected or run.rejected)
    _end(run, Run.State.UNCHANGED if is_quiet else Run.State.DONE)
    if run.cause == Run.Cause.GAP:
        return
    now = clock.now()
    changes: dict[str, Any] = {"failures": 0, "last_error": "", "checked_at": now}
    if connector.interval_minutes:
        changes["next_at"] = now + pause_after(connector.interval_minutes, failures=0)
    Connector.objects.filter(pk=connector.pk).update(**changes)
    remember(connector, {HTTP: dict(memory)})


@transaction.atomic
def _fail(connector: Connector, run: Run, words: str, *, retry_after: int = 0) -> None:
    run.error = words
    _end(run, Run.State.FAILED)
    if run.cause == Run.Cause.GAP:
        return
    failures = connector.failures + 1
    changes: dict[str, Any] = {"failures": failures, "last_error": words}
    if connector.interval_minutes:
        pause = pause_after(connector.interval_minutes, failures=failures, at_least=retry_after)
        changes["next_at"] = clock.now() + pause
    Connector.objects.filter(pk=connector.pk).update(**changes)


def _end(run: Run, state: Run.State) -> None:
    run.state, run.ended_at = state, clock.now()
    Run.objects.filter(pk=run.pk).update(state=state, ended_at=run.ended_at, error=run.error)


def unexpected(error: Exception) -> str:
    """What a steward reads of a mistake of ours; the operators' log has the whole."""
    return _("Unerwarteter Fehler (%(name)s): %(words)s") % {"name": type(error).__name__, "words": str(error)[:300]}


def _one_ahead(things: Iterator[T]) -> Iterator[T]:
    """The same things; while one is used, the next is made in a thread beside (PostgreSQL has its own core)."""
    with ThreadPoolExecutor(max_workers=1) as beside:
        coming = beside.submit(next, things, None)
        while (thing := coming.result()) is not None:
            coming = beside.submit(next, things, None)
            yield thing
