"""One installation: where it keeps what, and who may work with it now."""

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from stadtkern.config.env import given
from stadtkern.config.run.postgres import Cluster

LONGEST_SOCKET = 100


class Occupied(RuntimeError):
    """Another process works with this data folder."""


@dataclass(frozen=True)
class Installation:
    """The data folder, the address and the choices of one installation on this machine."""

    root: Path
    data: Path
    bind: str
    port: int
    workers: int
    given_dsn: str = ""  # an external database; empty: the embedded one

    @classmethod
    def here(cls) -> "Installation":
        """The installation that the environment describes (see the handbook: settings)."""
        found = cls(
            root=settings.ROOT,
            data=Path(settings.DATA).resolve(),
            bind=settings.BIND,
            port=settings.PORT,
            workers=max(1, settings.WORKERS),
            given_dsn=_given_dsn(),
        )
        found.data.mkdir(parents=True, exist_ok=True)
        return found

    @property
    def external_database(self) -> bool:
        return bool(self.given_dsn)

    @property
    def cluster(self) -> Cluster:
        return Cluster(self.data / "postgres")

    @property
    def dsn(self) -> str:
        """The address of the tables, as libpq reads it."""
        return self.given_dsn or self.cluster.dsn

    @property
    def address(self) -> str:
        """Where a browser on this machine finds it."""
        host = "127.0.0.1" if self.bind in ("0.0.0.0", "::", "") else self.bind  # noqa: S104 (compared, not bound)
        return f"http://{host}:{self.port}"

    def folder(self, name: str) -> Path:
        """A folder inside the data folder, made when it is missing."""
        place = self.data / name
        place.mkdir(parents=True, exist_ok=True, mode=0o700)
        return place

    def socket(self, name: str) -> Path:
        """The unix socket of a part; in a short folder when the path is too long for the kernel."""
        place = self.folder("run") / f"{name}.sock"
        if len(str(place)) <= LONGEST_SOCKET:
            return place
        short = Path(f"/tmp/stadtkern-run-{self.data.stat().st_ino:x}")  # noqa: S108 (0700, checked)
        short.mkdir(mode=0o700, exist_ok=True)
        if short.stat().st_uid != os.geteuid():
            raise Occupied(f"{short} belongs to somebody else.")
        return short / f"{name}.sock"

    def environment(self) -> dict[str, str]:
        """What every process of this installation is told."""
        told = dict(os.environ)
        told.setdefault("DJANGO_SETTINGS_MODULE", "stadtkern.config.settings")
        told["STADTKERN_DATA"] = str(self.data)
        told["DATABASE_URL"] = self.dsn
        told.setdefault("STADTKERN_URL", self.address)
        told["PROMETHEUS_MULTIPROC_DIR"] = str(self.folder("run") / "metrics")
        return told


def _given_dsn() -> str:
    try:
        return given("DATABASE_URL")
    except ValueError as error:
        raise ImproperlyConfigured(str(error)) from error


def keep_secret_key(data: Path) -> None:
    """Without a secret key in the environment: make one once, keep it in the data folder, and use it."""
    if os.environ.get("STADTKERN_SECRET_KEY") or os.environ.get("STADTKERN_SECRET_KEY_FILE"):
        return
    data.mkdir(parents=True, exist_ok=True)
    path = data / "secret-key"
    if not path.exists():
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:  # noqa: PTH123 (mode)
            file.write(secrets.token_urlsafe(64))
    os.environ["STADTKERN_SECRET_KEY_FILE"] = str(path)


@contextmanager
def occupy(installation: Installation) -> Iterator[None]:
    """Be the only one who starts processes of this data folder; the lock ends with its holder."""
    with (installation.data / "stadtkern.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            holder = lock.read().strip() or "unknown"
            raise Occupied(
                f"This installation is already in use by process {holder} (data folder {installation.data}). "
                "Stop that one first, or choose another folder with STADTKERN_DATA."
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield
