"""The tables in one file and back: PostgreSQL's own programs, in the version that fits the server."""
# ruff: noqa: S603 (fixed commands of our own, never through a shell)

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from stadtkern.config.run.postgres import BINARIES


class BadTables(RuntimeError):
    """The tables could not be dumped or restored."""


def dump_tables(dsn: str, target: Path) -> None:
    """One consistent state of all tables, while others go on writing."""
    command = [fitting("pg_dump", dsn), "--format=custom", "--no-owner", "--no-privileges"]
    _run([*command, f"--file={target}"], dsn)


def restore_tables(dsn: str, source: Path) -> None:
    """All tables or none."""
    command = [fitting("pg_restore", dsn), "--no-owner", "--no-privileges", "--exit-on-error"]
    _run([*command, "--single-transaction", str(source)], dsn)


def fitting(program: str, dsn: str) -> str:
    """The program of the lowest version that is not older than the server.

    A newer pg_restore sends settings that an older server does not know, an older pg_dump refuses a newer server.
    """
    with psycopg.connect(dsn) as connection:
        server = connection.info.server_version // 10_000
    found = {version: path for path in _installed(program) if (version := _version(path)) >= server}
    if not found:
        raise BadTables(
            f"There is no {program} for PostgreSQL {server} here. On Debian: apt-get install postgresql-client-{server}"
        )
    return found[min(found)]


def _installed(program: str) -> list[str]:
    paths = [str(path) for path in Path("/usr/lib/postgresql").glob(f"*/bin/{program}")]
    on_path = shutil.which(program)
    return [*paths, *([on_path] if on_path else []), str(BINARIES / program)]


def _version(path: str) -> int:
    try:
        said = subprocess.run([path, "--version"], capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return 0
    found = re.search(r"\(PostgreSQL\) (\d+)", said)
    return int(found[1]) if found else 0


def _run(command: list[str], dsn: str) -> None:
    """Everybody on the machine can read a command line, so the password goes another way."""
    given: dict[str, Any] = dict(conninfo_to_dict(dsn))
    secret = {"PGPASSWORD": str(given.pop("password"))} if given.get("password") else {}
    command = [*command, f"--dbname={make_conninfo(**given)}"]
    done = subprocess.run(command, env=os.environ | secret, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BadTables(f"{Path(command[0]).name} failed: {done.stderr.strip()[-2000:]}")
