"""The parts of an installation: how each is started, and how one sees that it is ready."""

import signal
import socket
import sys
from collections.abc import Callable
from contextlib import closing, suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import psycopg
from django.conf import settings

from stadtkern.config.run import postgres
from stadtkern.config.run.caddy import write_configuration
from stadtkern.config.run.family import Part
from stadtkern.config.run.installation import Installation

BIN = Path(sys.executable).parent


def database(installation: Installation) -> Part:
    """The embedded PostgreSQL; SIGINT is its fast and clean shutdown."""
    cluster = installation.cluster
    return Part(
        name="database",
        command=cluster.command,
        before=cluster.prepare,
        ready=cluster.answers,
        user=postgres.system_user(),
        ending=signal.SIGINT,
        grace=60,
        patience=300,  # after a crash it replays its log first
    )


def pages(installation: Installation) -> Part:
    """Django under granian; the counts of its processes begin anew with it."""
    place, counts = installation.socket("pages"), installation.folder("run/metrics")

    def clear() -> None:
        place.unlink(missing_ok=True)
        for file in counts.glob("*.db"):
            file.unlink(missing_ok=True)

    return Part(
        name="pages",
        command=[
            *(sys.executable, "-m", "stadtkern.config.run.pages"),
            *("--socket", str(place), "--workers", str(installation.workers)),
        ],
        before=clear,
        ready=lambda: _listens(place),
        grace=10,
    )


def door(installation: Installation) -> Part:
    """The door for machines and live streams; one process, it only waits."""
    place = installation.socket("door")
    command = [str(BIN / "granian"), "--interface", "asgi", "--workers", "1", "--uds", str(place)]
    command += ["--uds-permissions", str(0o600), "--no-ws", "--no-access-log", "--log-level", "warning"]
    command += ["--respawn-failed-workers", "--workers-kill-timeout", "5s", "--http", "1"]
    return Part(
        name="door",
        command=[*command, "stadtkern.config.door:app"],
        before=lambda: place.unlink(missing_ok=True),
        ready=lambda: _listens(place),
        grace=10,
    )


def worker(installation: Installation) -> Part:
    """Background jobs; ends after the job it is doing."""
    return Part(
        name="worker",
        command=[sys.executable, "-m", "stadtkern.config.cli", "work"],
        ready=_worker_beats(installation.dsn),
        grace=20,
    )


def front(installation: Installation) -> Part:
    """Caddy on the one port."""
    configuration = write_configuration(
        installation.folder("caddy"),
        bind=installation.bind,
        port=installation.port,
        static=installation.data / "static",
        pages=installation.socket("pages"),
        door=installation.socket("door"),
        proxies=[str(network) for network in settings.PROXIES],
    )
    return Part(
        name="front",
        command=[str(BIN / "caddy"), "run", "--config", str(configuration), "--adapter", "caddyfile"],
        ready=lambda: answers(installation.address + "/health", seconds=20),
        patience=240,
        grace=5,
    )


def answers(address: str, *, seconds: float = 5) -> bool:
    """True when somebody answers over HTTP with anything but a server error."""
    host, path = address.removeprefix("http://").split("/", 1)
    with suppress(OSError, HTTPException), closing(HTTPConnection(host, timeout=seconds)) as connection:
        connection.request("GET", f"/{path}")
        return connection.getresponse().status < 500
    return False


def port_is_free(bind: str, port: int) -> bool:
    """True when nobody listens there; a socket that is only closing does not count."""
    family = socket.AF_INET6 if ":" in bind else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with suppress(OSError):
            probe.bind((bind, port))
            return True
    return False


def _listens(place: Path) -> bool:
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.connect(str(place))
        return True
    return False


def _worker_beats(dsn: str) -> Callable[[], bool]:
    """Ready when a worker has sent a heartbeat since the call."""
    since: list[object] = []

    def ready() -> bool:
        with suppress(psycopg.Error), psycopg.connect(dsn, connect_timeout=5) as connection:
            if not since:
                since.append(connection.execute("SELECT now()").fetchone()[0])  # type: ignore[index]
                return False
            query = "SELECT 1 FROM procrastinate_workers WHERE last_heartbeat >= %s"
            return connection.execute(query, since).fetchone() is not None
        return False

    return ready
