"""A family of processes: started together, watched, restarted with back-off, ended together."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from stadtkern.config.run import tether

LONGEST_PAUSE = 30.0
CALM = 60.0  # a part that has lived this long is healthy: its next crash is its first
LARGEST_LOG = 20_000_000


class DidNotStart(RuntimeError):
    """A part ended or stayed silent while it was being started."""


@dataclass
class Part:
    """One process of the family."""

    name: str
    command: list[str]
    ready: Callable[[], bool]
    before: Callable[[], None] = lambda: None
    user: str | None = None
    ending: signal.Signals = signal.SIGTERM
    grace: float = 15.0
    patience: float = 180.0
    process: subprocess.Popen[bytes] | None = None
    crashes: int = 0
    born: float = 0.0
    again_at: float | None = None

    @property
    def child(self) -> subprocess.Popen[bytes]:
        if self.process is None:
            raise RuntimeError(f"{self.name} has not been started")
        return self.process

    def pause(self) -> float:
        """Seconds until the next try: 1, 2, 4 ... 30."""
        return float(min(LONGEST_PAUSE, 2 ** max(0, self.crashes - 1)))


@dataclass
class Family:
    """The parts in the order in which they start; they end in the opposite order."""

    register: Path
    logs: Path
    environment: dict[str, str]
    say: Callable[[str], None]
    parts: list[Part] = field(default_factory=list)

    def start(self, *parts: Part) -> None:
        """Start parts side by side and return when all of them are ready."""
        for part in parts:
            self.parts.append(part)
            self._spawn(part)
        for part in parts:
            self._await_ready(part)

    def _spawn(self, part: Part) -> None:
        part.before()
        with self.log_of(part).open("ab") as log:
            part.process = tether.start(
                part.command, ending=part.ending, user=part.user, environment=self.environment, output=log
            )
        part.born, part.again_at = time.monotonic(), None
        self._write_register()

    def log_of(self, part: Part) -> Path:
        return self.logs / f"{part.name}.log"

    def _await_ready(self, part: Part) -> None:
        until = time.monotonic() + part.patience
        while not part.ready():
            if _ended(part) or time.monotonic() > until:
                raise DidNotStart(f"{part.name} did not start.\n{last_lines(self.log_of(part))}")
            time.sleep(0.05)

    def watch(self) -> None:
        """Look at every part for ever; returns only by KeyboardInterrupt."""
        rounds = 0
        while True:
            for part in self.parts:
                self._look_after(part)
            rounds += 1
            if rounds % 1200 == 0:
                self._shorten_logs()
            time.sleep(0.5)

    def _look_after(self, part: Part) -> None:
        now = time.monotonic()
        if part.again_at is not None:
            if now >= part.again_at:
                self._spawn(part)
                self.say(f"{part.name}: started again")
        elif _ended(part):
            self._note_crash(part, now)

    def _note_crash(self, part: Part, now: float) -> None:
        tether.end_group(part.child)  # its children must not hold the socket
        part.crashes = 1 if now - part.born > CALM else part.crashes + 1
        part.again_at = now + part.pause()
        self.say(
            f"{part.name}: ended unexpectedly ({_how(part.child)}), "
            f"starting again in {part.pause():.0f} s; see {self.log_of(part)}"
        )

    def stop(self) -> None:
        """End every part in reverse order, each with its grace, then by force."""
        for part in reversed(self.parts):
            if part.process is None:
                continue
            if not _ended(part):
                part.process.send_signal(part.ending)
                with suppress(subprocess.TimeoutExpired):
                    part.process.wait(part.grace)
            tether.end_group(part.process)
            part.process.wait()
        self.register.unlink(missing_ok=True)

    def _write_register(self) -> None:
        living = [part for part in self.parts if part.process and not _ended(part)]
        rows = [_register_row(part) for part in living]
        self.register.write_text(json.dumps([row for row in rows if row]))

    def _shorten_logs(self) -> None:
        for part in self.parts:
            log = self.log_of(part)
            if log.stat().st_size > LARGEST_LOG:
                log.with_suffix(".log.1").write_bytes(log.read_bytes())
                os.truncate(log, 0)  # the process writes on at the new end


def _register_row(part: Part) -> dict[str, object] | None:
    with suppress(psutil.Error):
        born = psutil.Process(part.child.pid).create_time()
        return {"name": part.name, "pid": part.child.pid, "born": born, "ending": int(part.ending)}
    return None


def bury(register: Path, *, patience: float = 20.0) -> list[str]:
    """Wait until the processes of a family whose head was killed have ended; end those that do not.

    Returns the names of those found alive. The kernel has already told each of them to end.
    """
    found = [(str(row["name"]), process) for row in _rows(register) if (process := _same_process(row))]
    left = [process for _, process in found]
    for how, seconds in ((None, patience), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0)):
        for process in left if how else []:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, how)  # type: ignore[arg-type]
        left = _await_end(left, seconds)
    register.unlink(missing_ok=True)
    return [name for name, _ in found]


def _await_end(processes: list[psutil.Process], seconds: float) -> list[psutil.Process]:
    """Wait for processes that need not be our children; returns those that still live."""
    until = time.monotonic() + seconds
    while (left := [process for process in processes if _lives(process)]) and time.monotonic() < until:
        time.sleep(0.05)
    return left


def _lives(process: psutil.Process) -> bool:
    """A dead process that nobody has collected yet (in a container without init) counts as dead."""
    with suppress(psutil.Error):
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    return False


def _rows(register: Path) -> Iterable[dict[str, object]]:
    with suppress(FileNotFoundError, json.JSONDecodeError):
        return list(json.loads(register.read_text()))
    return []


def _same_process(row: dict[str, object]) -> psutil.Process | None:
    with suppress(psutil.Error):
        process = psutil.Process(int(str(row["pid"])))
        if abs(process.create_time() - float(str(row["born"]))) < 1 and _lives(process):
            return process
    return None


def _ended(part: Part) -> bool:
    return part.process is None or part.process.poll() is not None


def _how(process: subprocess.Popen[bytes]) -> str:
    code = process.returncode
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"


def last_lines(path: Path, count: int = 12) -> str:
    """The end of a log, for a message to a person."""
    with suppress(FileNotFoundError):
        return "\n".join(path.read_text(errors="replace").splitlines()[-count:])
    return ""
