"""The archive's folder: one Parquet file per month, written and read by DuckDB (in memory, never a DuckDB file).

Files are sorted as the tables' key, in row groups so small that their statistics lead to one datastream quickly. Times
are UTC; `json`, `quality` and `parameters` are JSON text. Any engine reads them. A file is never changed: a new
version has a new name (made from its content), and old ones go when nobody can still be reading them. What cannot be
read or written raises Unavailable.
"""
# ruff: noqa: S608 (statements are made of our own constants and file names)

import hashlib
import os
import tempfile
import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from stadtkern.core.parquet import QUIET
from stadtkern.core.problems import Unavailable
from stadtkern.hub.domain.store import ids
from stadtkern.hub.domain.store.columns import COLUMNS

if TYPE_CHECKING:
    import duckdb

ROW_GROUP = 20_480
BLOCK = 1 << 20
LONGEST_LINE = 64 << 20  # an observation of 10 MB and its quotes
OLD_VERSIONS_SECONDS = 24 * 3600
OURS = ("observations-*.parquet", "*.part")  # of what lies in the folder
KINDS = dict.fromkeys(COLUMNS.split(", "), "TIMESTAMPTZ") | {
    "datastream_id": "BIGINT",
    "slot": "BIGINT",
    "id": "BIGINT",
    "number": "DOUBLE",
    "feature_id": "BIGINT",
    "flags": "INTEGER",
    "text": "VARCHAR",
    "json": "VARCHAR",
    "quality": "VARCHAR",
    "parameters": "VARCHAR",
}
KEY = "datastream_id, phenomenon_start, slot"
_QUOTED = "text, json, quality, parameters"
_CHECK = f"count(*), coalesce(sum(hash({COLUMNS})), 0)::varchar"


@dataclass(frozen=True, slots=True)
class Span:
    """What a file holds of one datastream; moments as microseconds since 1970."""

    datastream_id: int
    count: int
    first_start: int
    last_start: int
    last_end: int
    first_result: int | None
    last_result: int | None


@dataclass(frozen=True, slots=True)
class Written:
    """A file that is on the disk for good. `table_rows` and `table_content`: what came from the table (CONTENT)."""

    path: Path
    rows: int
    bytes: int
    sha256: str
    spans: Sequence[Span]
    table_rows: int
    table_content: int


class NotWritten(RuntimeError):
    """What was read back from a new file is not what was to be written; nothing of the archive has changed."""


def folder() -> Path:
    place: Path = settings.HUB_ARCHIVE
    place.mkdir(parents=True, exist_ok=True)
    return place


def write(month: int, lines: Path, *, old: Path | None, dead: Collection[int]) -> Written:
    """A month's file from CSV `lines` (COLUMNS and a hash) and what `old` has beside them, without the datastreams
    `dead`; synced and read back. Raises NotWritten.
    """
    part = folder() / f"{ids.first_moment(month):%Y-%m}.part"
    with _engine() as engine:
        _view(engine, lines, old, dead)
        engine.execute(f"copy wanted to {_text(part)} (format parquet, compression zstd, row_group_size {ROW_GROUP})")
        _sync(part)
        table = _one(engine, "select count(*), coalesce(sum(hashed), 0)::varchar from fresh")
        wanted = _one(engine, f"select {_CHECK} from wanted")
        written = _one(engine, f"select {_CHECK} from read_parquet({_text(part)})")
        if wanted != written:
            raise NotWritten(f"{part.name}: {written} rows and sum instead of {wanted}")
        spans = _spans(engine, part)
    digest, size = _digest(part), part.stat().st_size
    path = part.with_name(f"observations-{ids.first_moment(month):%Y-%m}-{digest[:12]}.parquet")
    part.rename(path)
    _sync(path.parent)
    return Written(path, written[0], size, digest, spans, table[0], int(table[1]))


@contextmanager
def rows(paths: Sequence[Path], where: str = "true", *, most: int | None = None) -> Iterator[Path | None]:
    """A CSV file of the rows that fulfil a condition, as COPY reads it; None when there are more than `most`."""
    with tempfile.TemporaryDirectory() as place, _engine() as engine:
        source = f"from {_files(paths)} where {where}"
        if most is not None and _one(engine, f"select count(*) {source}")[0] > most:
            yield None
            return
        lines = Path(place) / "rows.csv"
        engine.execute(
            f"copy (select {COLUMNS} {source}) to {_text(lines)} (format csv, header false, force_quote ({_QUOTED}))"
        )
        yield lines


def ask(paths: Sequence[Path], select: str, where: str = "true") -> list[Any]:
    """A small answer from files; moments are asked for as epoch_us(...)."""
    with _engine() as engine:
        return engine.execute(f"select {select} from {_files(paths)} where {where}").fetchall()


def sweep(kept: Collection[str]) -> int:
    """Delete files of ours that stand in no table any more and that nobody can still be reading; returns how many."""
    gone = 0
    for path in [path for pattern in OURS for path in folder().glob(pattern)]:
        old = time.time() - path.stat().st_mtime > OLD_VERSIONS_SECONDS
        if path.name not in kept and old:
            path.unlink(missing_ok=True)
            gone += 1
    return gone


def microseconds(moment: datetime) -> int:
    """Since 1970, exact."""
    past = moment - ids.first_moment(0)
    return (past.days * 86_400 + past.seconds) * 1_000_000 + past.microseconds


def _view(engine: "duckdb.DuckDBPyConnection", lines: Path, old: Path | None, dead: Collection[int]) -> None:
    shape = ", ".join(f"'{name}': '{kind}'" for name, kind in {**KINDS, "hashed": "HUGEINT"}.items())
    engine.execute(
        f"create view fresh as select * from read_csv({_text(lines)}, columns = {{{shape}}}, auto_detect = false, "
        "header = false, delim = ',', quote = '\"', escape = '\"', nullstr = '', allow_quoted_nulls = false, "
        f"parallel = false, max_line_size = {LONGEST_LINE})"
    )
    living = f"datastream_id not in ({', '.join(map(str, sorted(dead)))})" if dead else "true"
    union = f"select {COLUMNS} from fresh where {living}"
    if old is not None:
        union = (
            f"select * from ({union} union all select {COLUMNS} from read_parquet({_text(old)}) "
            f"anti join fresh using ({KEY}) where {living}) order by {KEY}"
        )
    engine.execute(f"create view wanted as {union}")


def _spans(engine: "duckdb.DuckDBPyConnection", path: Path) -> list[Span]:
    found = engine.execute(
        "select datastream_id, count(*), epoch_us(min(phenomenon_start)), epoch_us(max(phenomenon_start)), "
        "epoch_us(max(coalesce(phenomenon_end, phenomenon_start))), epoch_us(min(result_time)), "
        f"epoch_us(max(result_time)) from read_parquet({_text(path)}) group by 1 order by 1"
    )
    return [Span(*row) for row in found.fetchall()]


@contextmanager
def _engine() -> Iterator["duckdb.DuckDBPyConnection"]:
    import duckdb

    with (
        tempfile.TemporaryDirectory() as spill,
        duckdb.connect(":memory:", config=QUIET | {"temp_directory": spill}) as engine,
    ):
        engine.execute("set TimeZone = 'UTC'")
        try:
            yield engine
        except duckdb.IOException as error:  # the folder is not there, a file is missing, the disk is full
            raise Unavailable(_("Das Archiv der Messwerte ist gerade nicht erreichbar.")) from error


def _one(engine: "duckdb.DuckDBPyConnection", statement: str) -> tuple[Any, ...]:
    row: tuple[Any, ...] = engine.execute(statement).fetchall()[0]
    return row


def _files(paths: Sequence[Path]) -> str:
    return f"read_parquet([{', '.join(_text(path) for path in paths)}])"


def _text(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"


def _sync(path: Path) -> None:
    """On the disk for good, also the names in a folder."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
