"""A child process that ends with its parent, even when the parent dies by kill -9."""
# ruff: noqa: S603 (fixed commands of our own, never through a shell)

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

PR_SET_PDEATHSIG = 1
HEAD = "STADTKERN_HEAD"


def start(
    command: Sequence[str | Path],
    *,
    ending: signal.Signals = signal.SIGTERM,
    user: str | None = None,
    environment: Mapping[str, str] | None = None,
    output: IO[Any] | int | None = None,
) -> subprocess.Popen[bytes]:
    """Start a command as the leader of its own process group.

    `ending` is the signal that the kernel sends it when the calling thread ends (Linux).
    Call it from the main thread: the kernel watches the thread, not the process.
    """
    return subprocess.Popen(
        [str(part) for part in command],
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT if output is not None else None,
        env=dict(environment) if environment is not None else None,
        start_new_session=True,
        preexec_fn=_bind_to_parent(ending),  # noqa: PLW1509 (no threads: see the docstring)
        **identity(user),
    )


def identity(user: str | None) -> dict[str, Any]:
    """The Popen arguments that hand a command to a system user; none for ourselves."""
    return {"user": user, "group": user, "extra_groups": []} if user else {}


def _bind_to_parent(ending: signal.Signals) -> Callable[[], None] | None:
    if not sys.platform.startswith("linux"):
        return None
    prctl, parent = ctypes.CDLL(None, use_errno=True).prctl, os.getpid()

    def bind() -> None:
        prctl(PR_SET_PDEATHSIG, int(ending))
        if os.getppid() != parent:  # the parent died before the call
            os.kill(os.getpid(), signal.SIGKILL)

    return bind


def follow_parent() -> None:
    """For a process that something else has forked: end when that parent ends (Linux).

    HEAD names the head of the family: if it is gone already, nobody would end us.
    """
    if not sys.platform.startswith("linux"):
        return
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL))
    if _head_is_gone():
        sys.exit("the head of the family is gone")


def outlive_head_by(seconds: float) -> None:
    """End for good so many seconds after the head of the family, whatever hangs in the shutdown by then.

    (A worker that has been told to end may wait very long for a database that ended with it.)
    """

    def watch() -> None:
        while not _head_is_gone():
            time.sleep(1)
        time.sleep(seconds)
        os._exit(1)

    if sys.platform.startswith("linux") and os.environ.get(HEAD):
        threading.Thread(target=watch, daemon=True, name="head").start()


def _head_is_gone() -> bool:
    head = os.environ.get(HEAD, "")
    return head.isdigit() and not Path(f"/proc/{head}").exists()


def end_group(process: subprocess.Popen[bytes], how: signal.Signals = signal.SIGKILL) -> None:
    """Send a signal to the process and to everything it has started."""
    try:
        os.killpg(process.pid, how)
    except (ProcessLookupError, PermissionError):
        return
