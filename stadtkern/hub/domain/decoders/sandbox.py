"""Run somebody's JavaScript without letting it hurt: in a process that was started before, without rights or files.

The process of a sandbox forks one child for each script (see sandbox_child.py), so scripts never meet. When the process
itself does not answer in time, or dies, it is replaced and the one message fails.
"""

import atexit
import importlib.util
import os
import select
import struct
import subprocess
import sys
import time
from pathlib import Path
from queue import Empty, LifoQueue
from threading import BoundedSemaphore
from typing import Any

import orjson
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stadtkern.hub.domain.decoders.payload import Payload, Undecodable
from stadtkern.hub.domain.decoders.sandbox_child import MOST_OUT, WALL_SECONDS

CHILD = Path(__file__).with_name("sandbox_child.py")
MOST_SCRIPT = 100_000  # characters
MOST_AT_ONCE = 2
MOST_TOLD = 600  # characters of what a script says
PATIENCE = WALL_SECONDS + 4.0
FAULTS = {
    "script": gettext_lazy("Das Skript meldet einen Fehler: %s"),
    "time": gettext_lazy("Das Skript braucht zu lange und wurde abgebrochen."),
    "memory": gettext_lazy("Das Skript braucht zu viel Speicher und wurde abgebrochen."),
    "stack": gettext_lazy("Das Skript ruft sich zu oft selbst auf und wurde abgebrochen."),
    "size": gettext_lazy("Das Ergebnis des Skripts ist zu groß."),
    "crash": gettext_lazy("Das Skript hat seinen Prozess zum Absturz gebracht."),
}


class SandboxBroken(RuntimeError):
    """The sandbox cannot work at all (it does not start): not the fault of a script, so try again later."""


class Sandbox:
    """One process. Not for several threads at once."""

    def __init__(self) -> None:
        spec = importlib.util.find_spec("_quickjs")
        if spec is None or spec.origin is None:
            raise SandboxBroken("the library quickjs is not installed")
        command = [sys.executable, "-I", "-S", "-B", str(CHILD), spec.origin]
        pipe, none = subprocess.PIPE, subprocess.DEVNULL
        self._process = subprocess.Popen(  # noqa: S603 (our own file, nothing of it comes from outside)
            command, stdin=pipe, stdout=pipe, stderr=none, env={}, cwd="/", close_fds=True, start_new_session=True
        )

    @property
    def lives(self) -> bool:
        return self._process.poll() is None

    @property
    def pid(self) -> int:
        return self._process.pid

    def ask(self, request: bytes) -> bytes:
        """The answer to one request. Raises OSError (also TimeoutError): then the sandbox is of no use any more."""
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None and stdout is not None  # noqa: S101, PT018 (both are pipes)
        stdin.write(struct.pack(">I", len(request)) + request)
        stdin.flush()
        until = time.monotonic() + PATIENCE
        (size,) = struct.unpack(">I", _read(stdout.fileno(), 4, until))
        if size > 2 * MOST_OUT:
            raise OSError("the answer is too long")
        return _read(stdout.fileno(), size, until)

    def end(self) -> None:
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                pipe.close()


class Pool:
    """A few sandboxes, kept warm; one that failed is replaced."""

    def __init__(self, most: int = MOST_AT_ONCE) -> None:
        self._free: LifoQueue[Sandbox] = LifoQueue()
        self._turns = BoundedSemaphore(most)
        self._owner = os.getpid()

    def run(self, script: str, payload: Payload) -> Any:
        """What the script's function returns, as JSON. Raises Undecodable, SandboxBroken."""
        if len(script) > MOST_SCRIPT:
            raise Undecodable(_("Das Skript ist zu lang."))
        moment = payload.at.timestamp() * 1000 if payload.at else None
        given = {"bytes": list(payload.data), "port": payload.port, "at": moment}
        request = orjson.dumps({"script": script, "input": given})
        with self._turns:
            answer = self._ask(request)
        return _unpacked(answer)

    def warm(self) -> None:
        """Start one ahead of the first message."""
        if self._free.empty():
            self._free.put(Sandbox())

    def close(self) -> None:
        while True:
            try:
                self._free.get_nowait().end()
            except Empty:
                return

    def _ask(self, request: bytes) -> bytes:
        sandbox = self._one()
        try:
            answer = sandbox.ask(request)
        except OSError as error:
            sandbox.end()
            if isinstance(error, TimeoutError):
                raise Undecodable(str(FAULTS["time"])) from error
            raise SandboxBroken("the sandbox has ended") from error
        self._free.put(sandbox)
        return answer

    def _one(self) -> Sandbox:
        if self._owner != os.getpid():  # the pipes of the process that has forked us are not ours
            self._free, self._owner = LifoQueue(), os.getpid()
        while True:
            try:
                found = self._free.get_nowait()
            except Empty:
                return Sandbox()
            if found.lives:
                return found
            found.end()


def _read(source: int, size: int, until: float) -> bytes:
    parts = b""
    while len(parts) < size:
        ready, _w, _x = select.select([source], [], [], max(0.0, until - time.monotonic()))
        if not ready:
            raise TimeoutError("the sandbox does not answer")
        part = os.read(source, size - len(parts))
        if not part:
            raise BrokenPipeError("the sandbox has ended")
        parts += part
    return parts


def _unpacked(answer: bytes) -> Any:
    """The answer is as little trusted as the script."""
    try:
        told = orjson.loads(answer)
    except orjson.JSONDecodeError as error:
        raise Undecodable(_("Das Ergebnis des Skripts ist kein JSON.")) from error
    if not isinstance(told, dict) or told.keys() == {"ok"}:
        return told["ok"] if isinstance(told, dict) else None
    kind, detail = str(told.get("fault")), str(told.get("detail"))
    text = str(FAULTS.get(kind, FAULTS["crash"]))
    raise Undecodable(text % detail[:MOST_TOLD] if "%s" in text else text)


pool = Pool()
atexit.register(pool.close)
