"""Does this machine give Stadtkern what it needs: Python, disk, files, mail?"""

import re
import shutil
import smtplib
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.core.mail import get_connection

from stadtkern.config.check.finding import Finding, fault, good, warning
from stadtkern.config.check.safety import is_local

LEAST_FREE = 2_000_000_000
TIGHT = 10_000_000_000
TRIAL = "doctor/trial.txt"


def python() -> Iterator[Finding]:
    """Python, and whether the packages are those of the lock file."""
    version = ".".join(map(str, sys.version_info[:3]))
    lock = (settings.ROOT / "requirements" / "main.lock").read_text()
    wanted = dict(re.findall(r"^([\w.-]+)==([^\s;]+)", lock, re.MULTILINE))
    others = sorted(name for name, pinned in wanted.items() if _installed(name) != pinned)
    if others:
        yield fault(
            f"Python {version}, but other packages than the lock file names: {', '.join(others[:8])}",
            "Run `make setup`.",
        )
    else:
        yield good(f"Python {version} with {len(wanted)} packages as locked")


def _installed(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""


def disk() -> Iterator[Finding]:
    free = shutil.disk_usage(settings.DATA).free
    said = f"{free / 1e9:.1f} GB free in {settings.DATA}"
    if free < LEAST_FREE:
        yield fault(said, "Free some space: the database stops writing when the disk is full.")
    elif free < TIGHT:
        yield warning(said, "Plan for more space; photos need about 1 GB per 1 000 reports.")
    else:
        yield good(said)


def data_folder() -> Iterator[Finding]:
    mode = Path(settings.DATA).stat().st_mode & 0o777
    if mode & 0o002:
        yield fault(f"Everybody may write in {settings.DATA}", f"chmod o-w {settings.DATA}")


def files() -> Iterator[Finding]:
    """Uploads can be written, read and deleted, wherever they are kept."""
    for alias in ("private_media", "public_media"):
        try:
            storage = storages[alias]
            name = storage.save(TRIAL, ContentFile(b"trial"))
            with storage.open(name) as file:
                same = file.read() == b"trial"
            storage.delete(name)
        except Exception as error:  # whatever a storage back end raises is the finding
            yield fault(
                f"Files ({alias}) cannot be written: {type(error).__name__}",
                "Check the folder's owner and free space, or the S3 bucket's name and keys.",
            )
            continue
        if same:
            yield good(f"Files can be written ({alias})")
        else:
            yield fault(f"Files ({alias}) come back changed", "Check the storage; restore files from a backup.")


def mail() -> Iterator[Finding]:
    if settings.EMAIL_BACKEND.endswith("filebased.EmailBackend"):
        yield warning(
            f"Mail is written to {settings.EMAIL_FILE_PATH}, nobody receives it",
            "Set STADTKERN_SMTP=smtp://user:password@host:587 and STADTKERN_MAIL_FROM.",
        )
        return
    if not (settings.EMAIL_USE_TLS or settings.EMAIL_USE_SSL or is_local(f"smtp://{settings.EMAIL_HOST}")):
        yield warning(
            f"Mail goes to {settings.EMAIL_HOST} without encryption",
            "Give a user in STADTKERN_SMTP (then STARTTLS is used), or begin it with smtps://.",
        )
    try:
        connection = get_connection()
        connection.open()
        connection.close()
    except (OSError, smtplib.SMTPException) as error:
        yield fault(
            f"The mail server does not take us: {type(error).__name__}",
            "Check host, port, user and password in STADTKERN_SMTP; mail waits in the queue meanwhile.",
        )
    else:
        yield good("The mail server answers")
