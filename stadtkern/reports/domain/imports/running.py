"""Run an import in batches of one transaction each: a kill -9 loses one batch, the next run makes no double."""

import csv
import itertools
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from django.db import connection, transaction

from stadtkern.core.copying import copy_into, take_ids
from stadtkern.core.secrets import new_nonce
from stadtkern.reports.domain import catalogue as catalogues
from stadtkern.reports.domain.imports.placing import Rejected
from stadtkern.reports.domain.imports.preparing import PUBLIC, Preparer
from stadtkern.reports.domain.imports.reading import Source
from stadtkern.reports.models import Report
from stadtkern.reports.words import Status
from stadtkern.threads.models import Entry, Thread
from stadtkern.threads.words import EntryKind, ShownTo

BATCH = 2_000
T = TypeVar("T")


@dataclass
class Outcome:
    """What became of the rows."""

    kept: int = 0
    known: int = 0
    repeated: int = 0
    rejected: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    notes: Counter[str] = field(default_factory=Counter)


@dataclass
class ImportRun:
    """One pass over a file. `repeats`: every row is a report ("load"), or supports the first one ("count")."""

    source: Source
    dry: bool = False
    repeats: str = "load"
    rejects: Path | None = None
    notes: Path | None = None
    tell: Callable[[int], None] = lambda rows: None
    outcome: Outcome = field(default_factory=Outcome)

    def run(self) -> Outcome:
        self.preparer = Preparer.start(self.source.mapping, catalogues.catalogue())
        self._first: dict[str, tuple[str, datetime]] = {}
        self._in_file: set[str] = set()
        self._again: Counter[str] = Counter()
        self._doubles = 0
        with _RowFile(self.rejects) as self._bin, _RowFile(self.notes) as self._noted:
            for count, ready in _one_ahead(self._prepared()):
                self._write(ready)
                self.tell(count)
        self.outcome.known += self._doubles
        if not self.dry:
            _support(self.source.mapping.key, self._again)
            _flush()
        return self.outcome

    def _prepared(self) -> Iterator[tuple[int, list[dict[str, Any]]]]:
        """Batch by batch: how many rows were read, and those that may be kept."""
        for batch in _batches(self.source.rows(), BATCH):
            self.preparer.look_ahead(row for _line, row in batch)
            yield len(batch), [made for line, row in batch if (made := self._ready(line, row))]

    def _ready(self, line: int, row: dict[str, Any]) -> dict[str, Any] | None:
        try:
            made = self.preparer.prepare(row)
        except Rejected as error:
            self.outcome.rejected += 1
            self.outcome.reasons[str(error).split(":", maxsplit=1)[0]] += 1
            self._bin.add(line, str(error), row)
            return None
        for note in made.pop("notes"):
            self.outcome.notes[note] += 1
            self._noted.add(line, note, row)
        if made["external_id"] in self._in_file:
            self._doubles += 1
            return None
        self._in_file.add(made["external_id"])
        return made | {"repeats": self._repeats(row, made)}

    def _repeats(self, row: dict[str, Any], made: dict[str, Any]) -> str:
        """The external id of the first listing of the same matter, if it is not too long ago."""
        if self.repeats != "count" or not self.source.mapping.repeat:
            return ""
        sameness = self.preparer.sameness(row)
        first = self._first.get(sameness)
        if first and made["filed_at"] - first[1] <= timedelta(days=self.source.mapping.repeat_days):
            return first[0]
        self._first[sameness] = (made["external_id"], made["filed_at"])
        return ""

    def _write(self, ready: list[dict[str, Any]]) -> None:
        fresh = [row for row in ready if not row["repeats"]]
        self._again.update(row["repeats"] for row in ready if row["repeats"])
        self.outcome.repeated += len(ready) - len(fresh)
        if self.dry:
            self.outcome.kept += len(fresh)
            return
        with transaction.atomic():
            _commit_lazily()
            known = _known(self.source.mapping.key, [row["external_id"] for row in fresh])
            fresh = [row for row in fresh if row["external_id"] not in known]
            self.outcome.known += len(known)
            self.outcome.kept += len(fresh)
            if fresh:
                _keep(fresh)


def _commit_lazily() -> None:
    """A crash of the database may cost the last batches, which the next run brings; `_flush` makes them last."""
    with connection.cursor() as cursor:
        cursor.execute("set local synchronous_commit = off")


def _flush() -> None:
    """A commit that waits for the disk; everything before it is then on the disk too."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("select pg_current_xact_id()")


def _known(source: str, ids: list[str]) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select external_id from reports_report where external_source = %s and external_id = any(%s)"
            " and external_id <> ''",  # lets the partial index answer
            [source, ids],
        )
        return {row[0] for row in cursor.fetchall()}


def _keep(rows: list[dict[str, Any]]) -> None:
    """Threads, reports and first steps of one batch."""
    threads, reports = take_ids(Thread, len(rows)), take_ids(Report, len(rows))
    names = {key: category.name.get("de", key) for key, category in catalogues.catalogue().categories.items()}
    placed = list(zip(rows, threads, reports, strict=True))
    copy_into(
        Thread,
        (
            {
                "id": thread,
                "kind": "report",
                "subject_id": report,
                "title": names[row["category_id"]][:200],
                "is_public": row["visibility"] == PUBLIC,
                "nonce": new_nonce(),
                "created_at": row["filed_at"],
            }
            for row, thread, report in placed
        ),
    )
    copy_into(Report, ({**row, "id": report, "thread_id": thread} for row, thread, report in placed))
    ids = iter(take_ids(Entry, sum(1 + bool(row["closed_at"]) for row in rows)))
    copy_into(Entry, (step | {"id": next(ids)} for row, thread, _report in placed for step in _steps(row, thread)))


def _steps(row: dict[str, Any], thread: int) -> Iterator[dict[str, Any]]:
    plain = {
        "thread_id": thread,
        "kind": EntryKind.STEP.value,
        "shown_to": ShownTo.PUBLIC.value,
        "organisation_id": row["owner_id"],
    }
    yield plain | {"at": row["filed_at"], "code": Status.RECEIVED.value, "data": {"source": "import"}}
    if row["closed_at"]:
        yield plain | {"at": row["closed_at"], "code": row["status"], "data": {"source": "import"}}


def _support(source: str, again: Counter[str]) -> None:
    """A matter listed n times more has at least n supporters; set, not added, so that a second run changes nothing."""
    for id, times in again.items():
        rows = Report.objects.filter(external_source=source, external_id=id, support_count__lt=times)
        rows.update(support_count=times)


def _one_ahead(things: Iterator[T]) -> Iterator[T]:
    """The same things; while one is used, the next is made in a thread beside it (PostgreSQL has its own core)."""
    with ThreadPoolExecutor(max_workers=1) as beside:
        coming = beside.submit(next, things, None)
        while (thing := coming.result()) is not None:
            coming = beside.submit(next, things, None)
            yield thing


def _batches(rows: Iterator[Any], size: int) -> Iterator[list[Any]]:
    while batch := list(itertools.islice(rows, size)):
        yield batch


class _RowFile:
    """A file of rows with what happened to them: line, reason, the row as it was."""

    def __init__(self, path: Path | None) -> None:
        self.path = path

    def __enter__(self) -> "_RowFile":
        self.file = self.path.open("w", encoding="utf-8", newline="") if self.path else None
        self.writer = csv.writer(self.file) if self.file else None
        if self.writer:
            self.writer.writerow(["line", "reason", "row"])
        return self

    def add(self, line: int, reason: str, row: dict[str, Any]) -> None:
        if self.writer:
            cells = "; ".join(f"{name}={value}" for name, value in row.items())
            self.writer.writerow([line, reason, cells])

    def __exit__(self, *error: object) -> None:
        if self.file:
            self.file.close()
