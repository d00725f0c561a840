"""Rows as Parquet with ZSTD, written by DuckDB from a file of JSON lines on the disk: any number of rows fits."""

import json
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

MEDIA_TYPE = "application/vnd.apache.parquet"
DECLARED = {
    "boolean": "BOOLEAN",
    "integer": "BIGINT",
    "number": "DOUBLE",
    "date": "DATE",
    "datetime": "TIMESTAMPTZ",
    "string": "VARCHAR",
}
SEEN = {bool: "BOOLEAN", int: "BIGINT", float: "DOUBLE", date: "DATE", datetime: "TIMESTAMPTZ"}
TEXT = "VARCHAR"
BLOCK = 1 << 20
# One thread and a small memory beside the web worker; DuckDB fetches nothing from anywhere.
QUIET: dict[str, str | bool | int | float | list[str]] = {
    "memory_limit": "256MB",
    "threads": "1",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
}


def as_parquet(rows: Iterable[Mapping[str, Any]], columns: Mapping[str, str]) -> Iterator[bytes]:
    """A whole Parquet file in blocks.

    `columns`: name -> type as in DECLARED; any other word leaves the type to the values.
    """
    with tempfile.TemporaryDirectory() as folder:
        lines, target = Path(folder) / "rows.jsonl", Path(folder) / "rows.parquet"
        seen = _write_lines(lines, rows, columns)
        _convert(lines, target, {name: DECLARED.get(word) or seen.get(name, TEXT) for name, word in columns.items()})
        with target.open("rb") as file:
            yield from iter(lambda: file.read(BLOCK), b"")


def _write_lines(path: Path, rows: Iterable[Mapping[str, Any]], columns: Iterable[str]) -> dict[str, str]:
    """Returns column -> type of the values that were there."""
    kinds: dict[str, set[type]] = {name: set() for name in columns}
    with path.open("w", encoding="utf-8") as file:
        for row in rows:
            told = {name: row.get(name) for name in kinds}
            for name, value in told.items():
                if value is not None:
                    kinds[name].add(type(value))
            file.write(json.dumps(told, default=_plain) + "\n")
    return {name: _type_of(found) for name, found in kinds.items() if found}


def _type_of(found: set[type]) -> str:
    if found == {int, float}:
        return SEEN[float]
    return SEEN.get(next(iter(found)), TEXT) if len(found) == 1 else TEXT


def _plain(value: Any) -> str:
    return str(value.isoformat() if isinstance(value, date) else value)


def _convert(lines: Path, target: Path, types: Mapping[str, str]) -> None:
    import duckdb

    shape = ", ".join(f"{_text(name)}: '{kind}'" for name, kind in types.items())
    names = ", ".join(_name(name) for name in types)
    read = f"select {names} from read_json(?, format = 'newline_delimited', columns = {{{shape}}})"  # noqa: S608
    with duckdb.connect(":memory:", config=QUIET) as table:
        table.execute(f"copy ({read}) to {_text(str(target))} (format parquet, compression zstd)", [str(lines)])


def _text(words: str) -> str:
    return "'" + words.replace("'", "''") + "'"


def _name(column: str) -> str:
    return '"' + column.replace('"', '""') + '"'
