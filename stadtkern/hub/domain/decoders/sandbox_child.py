"""The other side of the sandbox: a small process that runs somebody's JavaScript and nothing else.

Started as `python -I -S sandbox_child.py QUICKJS_FILE`, with an empty environment. It imports nothing of Stadtkern and
knows no secret. For each request (length in 4 bytes, JSON) it forks a child of its own, with limits that the kernel
enforces: no file or socket can be opened, no process started, memory and CPU time are small. So nothing that a script
does to its process is there for the next one. The answer goes back as it came: length, JSON.
"""

import contextlib
import importlib.machinery
import importlib.util
import json
import os
import resource
import select
import signal
import struct
import sys
import time
from typing import Any

CPU_SECONDS = 0.25  # of JavaScript; regular expressions and sorting are not interrupted, so:
HARD_CPU_SECONDS = 1  # of the process, by the kernel
WALL_SECONDS = 4.0
JS_BYTES = 16 << 20
STACK_BYTES = 256 << 10
EXTRA_BYTES = 64 << 20  # beyond what the process had when it started
MOST_OUT = 64 << 10
NOBODY = 65534

PRELUDE = """
var exports = {}, module = {exports: exports};
var console = {log() {}, info() {}, warn() {}, error() {}, debug() {}};
"""
CALL = """
(function (text) {
  const given = JSON.parse(text), own = module.exports;
  const pick = (name, found) => typeof found === "function" ? found : own[name];
  const input = {bytes: given.bytes, fPort: given.port, variables: {}};
  if (given.at !== null) input.recvTime = new Date(given.at);
  const uplink = pick("decodeUplink", typeof decodeUplink === "undefined" ? null : decodeUplink);
  const decode = pick("Decode", typeof Decode === "undefined" ? null : Decode);
  const decoder = pick("Decoder", typeof Decoder === "undefined" ? null : Decoder);
  if (uplink) return JSON.stringify(uplink(input));
  if (decode) return JSON.stringify({data: decode(input.fPort, input.bytes, input.variables)});
  if (decoder) return JSON.stringify({data: decoder(input.bytes, input.fPort)});
  throw new Error("there is no function decodeUplink");
})
"""


def main() -> None:
    quickjs = _load(sys.argv[1])
    _become_nobody()
    most = _bytes_now() + EXTRA_BYTES
    while request := _take():
        _give(_run_apart(quickjs, request, most))


def _load(path: str) -> Any:
    loader = importlib.machinery.ExtensionFileLoader("_quickjs", path)
    spec = importlib.util.spec_from_file_location("_quickjs", path, loader=loader)
    module = importlib.util.module_from_spec(spec)  # type: ignore[arg-type]
    loader.exec_module(module)
    return module


def _become_nobody() -> None:
    """As root (a container, CI) at least not with the rights of root, if the container lets us give them up."""
    if os.getuid() == 0:
        with contextlib.suppress(OSError):
            _give_up_root()


def _give_up_root() -> None:
    os.setgroups([])
    os.setgid(NOBODY)
    os.setuid(NOBODY)


def _bytes_now() -> int:
    with open("/proc/self/statm") as told:  # noqa: PTH123 (no pathlib: this process stays small)
        return int(told.read().split()[0]) * resource.getpagesize()


def _take() -> bytes:
    head = _read(0, 4)
    return _read(0, struct.unpack(">I", head)[0]) if head else b""


def _read(source: int, size: int) -> bytes:
    parts = b""
    while len(parts) < size:
        part = os.read(source, size - len(parts))
        if not part:
            os._exit(0)  # whoever asked has gone
        parts += part
    return parts


def _give(answer: bytes) -> None:
    sent = struct.pack(">I", len(answer)) + answer
    while sent:
        sent = sent[os.write(1, sent) :]


def _run_apart(quickjs: Any, request: bytes, most: int) -> bytes:
    """The answer of a child of its own; what it does wrong ends with it."""
    out, into = os.pipe()
    child = os.fork()
    if child == 0:
        _be_child(quickjs, request, into, most)
    os.close(into)
    answer = _collect(out, time.monotonic() + WALL_SECONDS)
    os.close(out)
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    if answer:
        return answer
    return _fault("time" if answer is None or _ran_out(status) else "crash", "")


def _ran_out(status: int) -> bool:
    return os.WIFSIGNALED(status) and os.WTERMSIG(status) in (signal.SIGXCPU, signal.SIGKILL)


def _collect(out: int, until: float) -> bytes | None:
    """What the child writes until it ends; None when it takes too long."""
    parts = b""
    while len(parts) <= MOST_OUT + 4096:
        ready, _, _ = select.select([out], [], [], max(0.0, until - time.monotonic()))
        if not ready:
            return None
        part = os.read(out, 65536)
        if not part:
            return parts
        parts += part
    return _fault("size", "")


def _be_child(quickjs: Any, request: bytes, into: int, most: int) -> None:
    os.dup2(into, 1)
    os.close(0)
    os.closerange(3, 64)
    for what, limit in (
        (resource.RLIMIT_AS, most),
        (resource.RLIMIT_CPU, HARD_CPU_SECONDS),
        (resource.RLIMIT_NOFILE, 0),
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (limit, limit))
    try:
        answer = _run(quickjs, request)
    except MemoryError:
        answer = _fault("memory", "")
    except BaseException as error:
        answer = _fault("crash", type(error).__name__)
    while answer:
        answer = answer[os.write(1, answer) :]
    os._exit(0)


def _run(quickjs: Any, request: bytes) -> bytes:
    given = json.loads(request)
    context = quickjs.Context()
    context.set_memory_limit(JS_BYTES)
    context.set_max_stack_size(STACK_BYTES)
    context.set_time_limit(CPU_SECONDS)
    try:
        context.eval(PRELUDE)
        context.eval(given["script"])
        text = context.eval(CALL)(json.dumps(given["input"]))
    except quickjs.StackOverflow:
        return _fault("stack", "")
    except quickjs.JSException as error:
        return _named(str(error))
    if not isinstance(text, str):
        return _fault("script", "decodeUplink returned nothing")
    if len(text) > MOST_OUT:
        return _fault("size", "")
    return b'{"ok":' + text.encode("utf-8", "replace") + b"}"


def _named(said: str) -> bytes:
    if "interrupted" in said:
        return _fault("time", "")
    if "out of memory" in said or said.strip() in ("", "null"):
        return _fault("memory", "")
    if "stack overflow" in said:
        return _fault("stack", "")
    lines = [line for line in said.splitlines() if "<anonymous>" not in line and line != "undefined"]
    return _fault("script", " ".join(line.strip() for line in lines)[:600])


def _fault(kind: str, detail: str) -> bytes:
    return json.dumps({"fault": kind, "detail": detail}).encode()


if __name__ == "__main__":
    main()
