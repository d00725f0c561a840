"""A backup that was never restored is a hope. Here it is restored, and what is damaged is refused."""

import json
import tarfile
from pathlib import Path

import psycopg
import pytest

from stadtkern.config.archive import BadArchive, unpack
from stadtkern.config.run import dump
from stadtkern.people.models import Organisation, Person
from tests.operations.conftest import stadtkern

pytestmark = [pytest.mark.operations]
PHOTO = bytes(range(256)) * 5000
FILES = {"private/a/original.bin": PHOTO, "public/b/c/small.webp": b"", "public/ü x.txt": b"!"}


@pytest.fixture
def house(tmp_path, test_dsn) -> dict[str, str]:
    """An installation with a person, an organisation and two files."""
    Person.objects.create_user("aylin@stadtkern.example", name="Aylin Özgür", language="tr")
    Organisation.objects.create(key="roads", name="Straßen", short="Straßen", kind="department")
    for name, content in {
        "private/a/original.bin": PHOTO,
        "public/b/c/small.webp": b"",
        "public/ü x.txt": b"!",
    }.items():
        path = tmp_path / "one" / "files" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    (tmp_path / "one" / "hub-archive").mkdir()
    (tmp_path / "one" / "hub-archive" / "2025-01.parquet").write_bytes(b"PAR1")
    (tmp_path / "one" / "secret-key").write_text("k" * 60)
    return {"STADTKERN_DATA": str(tmp_path / "one"), "DATABASE_URL": test_dsn, "STADTKERN_SECRET_KEY": "s" * 60}


@pytest.fixture
def archive(house, tmp_path) -> Path:
    made = stadtkern("backup", tmp_path / "all.tar", **house)
    assert made.returncode == 0, made.stderr + made.stdout
    assert (tmp_path / "all.tar").stat().st_mode & 0o077 == 0
    assert not (tmp_path / "all.tar.part").exists()
    return tmp_path / "all.tar"


def other(tmp_path, dsn) -> dict[str, str]:
    return {"STADTKERN_DATA": str(tmp_path / "two"), "DATABASE_URL": dsn, "STADTKERN_SECRET_KEY": "s" * 60}


def test_everything_comes_back_in_another_place(archive, tmp_path, empty_dsn):
    done = stadtkern("restore", archive, **other(tmp_path, empty_dsn))
    assert done.returncode == 0, done.stderr + done.stdout
    with psycopg.connect(empty_dsn) as connection:
        assert connection.execute("SELECT name, language FROM people_person").fetchall() == [("Aylin Özgür", "tr")]
        assert ("Straßen",) in connection.execute("SELECT name FROM people_organisation").fetchall()
        # Sequences, triggers and jobs are there too: the copy can work.
        connection.execute("""INSERT INTO core_spent (bucket, "window", count) VALUES ('x', now(), 1)""")
        triggers = "SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal"
        assert connection.execute(triggers).fetchone()[0] > 5
    files = tmp_path / "two" / "files"
    assert (files / "private/a/original.bin").read_bytes() == PHOTO
    assert (files / "public/b/c/small.webp").read_bytes() == b""
    assert (files / "public/ü x.txt").read_bytes() == b"!"
    assert (tmp_path / "two" / "hub-archive" / "2025-01.parquet").read_bytes() == b"PAR1"
    assert (tmp_path / "two" / "secret-key").read_text() == "k" * 60


def test_an_installation_in_use_is_not_overwritten(archive, house):
    done = stadtkern("restore", archive, **house)
    assert done.returncode == 1
    assert "not empty" in done.stdout
    assert Person.objects.get().name == "Aylin Özgür"


def damaged(archive: Path, folder: Path, *, change) -> Path:
    """A copy of the archive in which one thing is different."""
    with tarfile.open(archive) as tar:
        tar.extractall(folder, filter="data")
    change(folder)
    target = folder.with_suffix(".tar")
    with tarfile.open(target, "w") as tar:
        tar.add(folder, arcname="")
    return target


def flip(folder: Path) -> None:
    photo = folder / "files/private_media/a/original.bin"
    photo.write_bytes(b"x" + photo.read_bytes()[1:])


def lose(folder: Path) -> None:
    (folder / "database.dump").unlink()


def age(folder: Path) -> None:
    path = folder / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"format": 99}))


def cut(folder: Path) -> None:
    (folder / "manifest.json").unlink()


def smuggle(folder: Path) -> None:
    (folder / "keys" / "vapid-key").write_text("another key")


DAMAGES = [
    (smuggle, "does not name: keys/vapid-key"),
    (flip, "is damaged"),
    (lose, "database.dump is damaged"),
    (age, "format 99"),
    (cut, "no manifest"),
]


def test_whatever_is_not_whole_is_refused_by_name(archive, tmp_path):
    for number, (change, said) in enumerate(DAMAGES):
        with pytest.raises(BadArchive, match=said):
            unpack(damaged(archive, tmp_path / f"changed{number}", change=change), tmp_path / f"out{number}")
    half = tmp_path / "half.tar"
    half.write_bytes(archive.read_bytes()[: archive.stat().st_size // 2])
    with pytest.raises(BadArchive):
        unpack(half, tmp_path / "half")


def test_the_password_of_the_database_stands_in_no_command_line(tmp_path, monkeypatch):
    """A program that only tells how it was called stands in for pg_dump."""
    spy = tmp_path / "pg_dump"
    spy.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" "PGPASSWORD=$PGPASSWORD" > {tmp_path}/called\n')
    spy.chmod(0o755)
    monkeypatch.setattr(dump, "fitting", lambda program, dsn: str(spy))
    dump.dump_tables("postgresql://echo:s%40cret@db.example:5433/stadt?sslmode=require", tmp_path / "out")
    called = (tmp_path / "called").read_text()
    assert called.count("s@cret") == 1
    assert "PGPASSWORD=s@cret" in called
    for part in ("user=echo", "host=db.example", "port=5433", "dbname=stadt", "sslmode=require"):
        assert part in called


@pytest.mark.parametrize("content", [b"", b"GIF89a" * 999, None])
def test_what_is_no_archive_is_refused(tmp_path, content):
    wrong = tmp_path / "wrong.tar"
    if content is not None:
        wrong.write_bytes(content)
    with pytest.raises(BadArchive):
        unpack(wrong, tmp_path / "out")


def test_a_member_cannot_escape_from_the_folder(tmp_path):
    evil = tmp_path / "evil.tar"
    (tmp_path / "x").write_text("x")
    with tarfile.open(evil, "w") as tar:
        tar.add(tmp_path / "x", arcname="../../escaped")
    with pytest.raises(BadArchive):
        unpack(evil, tmp_path / "deep" / "out")
    assert not (tmp_path / "escaped").exists()
