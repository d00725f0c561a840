"""Backup and restore: tables, files and keys of an installation in one archive with checksums.

The archive is a tar: `database.dump` (pg_dump, custom format), `files/<storage>/<name>`, `keys/<name>`, and last
`manifest.json`. The tables are dumped before the files are read, so every file the tables name is in the archive.
It holds everything an installation knows: keep it as secret as the installation itself.
"""

import hashlib
import io
import json
import os
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

import psycopg
from django.core.files import File
from django.core.files.storage import Storage, storages
from rich.console import Console

from stadtkern.config.run.dump import BadTables, dump_tables, restore_tables
from stadtkern.config.run.installation import Installation

FORMAT = 1
STORAGES = ("private_media", "public_media", "hub_archive")
KEYS = ("secret-key", "vapid-key")
console = Console(highlight=False, soft_wrap=True)


class BadArchive(RuntimeError):
    """The archive cannot be restored; the text says why."""


@dataclass
class Writer:
    """Adds members to the tar and remembers the checksum of each."""

    tar: tarfile.TarFile
    checksums: dict[str, str] = field(default_factory=dict)

    def add(self, name: str, content: IO[bytes], size: int) -> None:
        reader = _Counting(content)
        member = tarfile.TarInfo(name)
        member.size, member.mode, member.mtime = size, 0o600, int(datetime.now(UTC).timestamp())
        self.tar.addfile(member, reader)  # type: ignore[arg-type]
        self.checksums[name] = reader.digest.hexdigest()


class _Counting:
    """A file that is hashed while it is read."""

    def __init__(self, content: IO[bytes]) -> None:
        self.content = content
        self.digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        data = self.content.read(size)
        self.digest.update(data)
        return data


def backup(target: Path) -> int:
    """Write the archive; it appears under its name only when it is complete."""
    installation = Installation.here()
    part = target.with_name(f"{target.name}.part")
    with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:  # noqa: PTH123 (mode)
        with tarfile.open(fileobj=file, mode="w") as tar, console.status("Tables …") as status:
            writer = Writer(tar)
            _add_tables(writer, installation)
            for count, (alias, name) in enumerate(_stored(), start=1):
                status.update(f"Files … {count}")
                _add_file(writer, alias, name)
            _add_keys(writer, installation)
            _add_manifest(writer, installation)
        file.flush()
        os.fsync(file.fileno())
    part.replace(target)
    size = target.stat().st_size / 1e6
    console.print(f"{target}: {len(writer.checksums)} members, {size:.1f} MB. Keep it secret.")
    return 0


def _add_tables(writer: Writer, installation: Installation) -> None:
    with tempfile.TemporaryDirectory(dir=installation.data) as folder:
        dump = Path(folder) / "database.dump"
        dump_tables(installation.dsn, dump)
        with dump.open("rb") as content:
            writer.add("database.dump", content, dump.stat().st_size)


def _add_file(writer: Writer, alias: str, name: str) -> None:
    with suppress(FileNotFoundError):  # deleted since it was listed, as retention does
        storage = storages[alias]
        with storage.open(name) as content:
            writer.add(f"files/{alias}/{name}", content, storage.size(name))  # type: ignore[arg-type]


def _add_keys(writer: Writer, installation: Installation) -> None:
    for name in KEYS:
        path = installation.data / name
        if path.is_file():
            with path.open("rb") as content:
                writer.add(f"keys/{name}", content, path.stat().st_size)


def _add_manifest(writer: Writer, installation: Installation) -> None:
    with psycopg.connect(installation.dsn) as connection:
        server = connection.execute("SELECT current_setting('server_version_num')::int / 10000").fetchone()
    manifest = {
        "format": FORMAT,
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "postgresql": server[0] if server else 0,
        "sha256": dict(writer.checksums),
    }
    text = json.dumps(manifest, indent=1).encode()
    writer.add("manifest.json", io.BytesIO(text), len(text))


def _stored() -> Iterator[tuple[str, str]]:
    """Every stored file as (storage, name), also on S3."""
    for alias in STORAGES:
        for name in _names(storages[alias], ""):
            yield alias, name


def _names(storage: Storage, folder: str) -> Iterator[str]:
    try:
        folders, files = storage.listdir(folder)
    except FileNotFoundError:
        return
    for name in files:
        yield f"{folder}/{name}" if folder else name
    for inner in folders:
        yield from _names(storage, f"{folder}/{inner}" if folder else inner)


def restore(source: Path) -> int:
    """Fill an empty installation; checks everything before it writes anything."""
    installation = Installation.here()
    try:
        with tempfile.TemporaryDirectory(dir=installation.data) as folder:
            with console.status("Checking the archive …"):
                manifest = unpack(source, Path(folder))
            _refuse_unless_empty(installation, manifest)
            with console.status("Tables …"):
                restore_tables(installation.dsn, Path(folder) / "database.dump")
            with console.status("Files …"):
                _restore_files(Path(folder), installation)
    except (BadArchive, BadTables) as error:
        console.print(str(error), markup=False)
        return 1
    console.print(f"Restored what was kept at {manifest['made_at']}. Start with `stadtkern up --no-city`.")
    return 0


def unpack(source: Path, folder: Path) -> dict[str, object]:
    """Take the archive apart and compare every checksum; returns the manifest."""
    try:
        with tarfile.open(source) as tar:
            tar.extractall(folder, filter="data")
    except (tarfile.TarError, OSError, EOFError) as error:
        raise BadArchive(f"{source} cannot be read as an archive: {error}") from error
    try:
        manifest = json.loads((folder / "manifest.json").read_text())
    except (FileNotFoundError, json.JSONDecodeError) as error:
        raise BadArchive(f"{source} has no manifest: it is incomplete or not one of ours.") from error
    if manifest.get("format") != FORMAT:
        raise BadArchive(f"{source} has format {manifest.get('format')}, this version reads {FORMAT}.")
    if strange := sorted(_members(folder) - manifest["sha256"].keys()):
        raise BadArchive(f"{source} holds what its manifest does not name: {strange[0]}; nothing was restored.")
    for name, expected in manifest["sha256"].items():
        if _digest(folder / name) != expected:
            raise BadArchive(f"{source}: {name} is damaged; nothing was restored.")
    return dict(manifest)


def _members(folder: Path) -> set[str]:
    """Every file that was unpacked, but the manifest."""
    found = {str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir()}
    return found - {"manifest.json"}


def _digest(path: Path) -> str:
    if not path.is_file():
        return "missing"
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _refuse_unless_empty(installation: Installation, manifest: dict[str, object]) -> None:
    with psycopg.connect(installation.dsn) as connection:
        query = "SELECT count(*), current_setting('server_version_num')::int / 10000 FROM pg_tables "
        row = connection.execute(query + "WHERE schemaname = 'public'").fetchone()
    tables, server = row or (0, 0)
    if tables or next(_stored(), None):
        raise BadArchive(
            "This installation is not empty. Restore into a new one: another STADTKERN_DATA, or an empty database."
        )
    if server < int(str(manifest["postgresql"])):
        raise BadArchive(
            f"The archive was made with PostgreSQL {manifest['postgresql']}, this is the older version {server}."
        )


def _restore_files(folder: Path, installation: Installation) -> None:
    for alias in STORAGES:
        root = folder / "files" / alias
        for path in sorted(root.rglob("*")) if root.exists() else []:
            if path.is_file():
                with path.open("rb") as content:
                    storages[alias].save(str(path.relative_to(root)), File(content))
    for path in (folder / "keys").glob("*") if (folder / "keys").exists() else []:
        target = installation.data / path.name
        target.write_bytes(path.read_bytes())
        target.chmod(0o600)
