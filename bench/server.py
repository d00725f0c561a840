"""A real installation for the bench: its own data folder, the real reports, everything behind one port."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil

ROOT = Path(__file__).resolve().parents[1]
STADTKERN = str(Path(sys.executable).parent / "stadtkern")


@dataclass(frozen=True)
class Server:
    port: int
    data: Path
    environment: dict[str, str]

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def dsn(self) -> str:
        return f"postgresql://postgres@/stadtkern?host={self.data / 'postgres'}"

    def command(self, *words: str | Path) -> subprocess.CompletedProcess[str]:
        """An operator's command in this installation."""
        env = self.environment | {"DATABASE_URL": self.dsn}
        return subprocess.run([STADTKERN, *map(str, words)], env=env, cwd=ROOT, text=True, check=True)

    def output(self, *words: str) -> str:
        """What such a command prints."""
        env = self.environment | {"DATABASE_URL": self.dsn}
        done = subprocess.run([STADTKERN, *words], env=env, cwd=ROOT, text=True, check=True, capture_output=True)
        return done.stdout

    def web_workers(self) -> list[psutil.Process]:
        """The processes that answer pages: the children of granian that hold Django."""
        for process in psutil.process_iter(["cmdline"]):
            words = " ".join(process.info["cmdline"] or [])
            if "config.run.pages" in words and str(self.data) in words:
                children = process.children(recursive=True)
                return [child for child in children if child.memory_info().rss > 30_000_000]
        return []


@contextlib.contextmanager
def running(data: Path, *, city: str, workers: int) -> Iterator[Server]:
    """Start `stadtkern up` on a free port and end it afterwards."""
    port = _free_port()
    environment = os.environ | {
        "STADTKERN_DATA": str(data),
        "STADTKERN_PORT": str(port),
        "STADTKERN_CITY": city,
        "STADTKERN_BENCH": "yes",
        "STADTKERN_WORKERS": str(workers),
        "STADTKERN_URL": f"http://127.0.0.1:{port}",
        # The generator plays many senders: it is believed as a proxy would be.
        "STADTKERN_PROXIES": "127.0.0.1/32",
    }
    environment.pop("DATABASE_URL", None)
    process = subprocess.Popen([STADTKERN, "up"], env=environment, cwd=ROOT)
    server = Server(port, data, environment)
    try:
        _await_answer(server, process)
        yield server
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(60)


def _await_answer(server: Server, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 600
    while process.poll() is None and time.monotonic() < until:
        with contextlib.suppress(httpx.HTTPError):
            if httpx.get(server.address + "/bench/empty", timeout=10).status_code == 200:
                return
        time.sleep(0.3)
    raise SystemExit("the installation of the bench did not start")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
