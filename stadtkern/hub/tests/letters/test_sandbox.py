"""The sandbox: scripts give values, and whatever a script does wrong, it is the only one that is hurt."""

import os
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil
import pytest

from stadtkern.hub.domain.decoders.payload import Payload, Undecodable
from stadtkern.hub.domain.decoders.sandbox import MOST_SCRIPT, Pool

GOOD = "function decodeUplink(input) { return {data: {first: input.bytes[0], port: input.fPort}}; }"
HELD = {"data": {"first": 7, "port": 2}}


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    made = Pool()
    yield made
    made.close()


def run(pool: Pool, script: str, **given: Any) -> Any:
    return pool.run(script, Payload(b"\7\0\xff", **{"port": 2} | given))


@pytest.mark.parametrize(
    "script",
    [
        GOOD,
        "const decodeUplink = ({bytes, fPort}) => ({data: {first: bytes[0], port: fPort}})",
        "function Decode(fPort, bytes, variables) { return {first: bytes[0], port: fPort}; }",
        "function Decoder(bytes, port) { return {first: bytes[0], port: port}; }",
        "exports.decodeUplink = (i) => ({data: {first: i.bytes[0], port: i.fPort}})",
        "module.exports = {decodeUplink: (i) => ({data: {first: i.bytes[0], port: i.fPort}})}",
        "console.log('hello'); " + GOOD,
    ],
)
def test_scripts_of_every_network_give_values(pool: Pool, script: str) -> None:
    assert run(pool, script) == HELD


def test_the_script_knows_when_it_was_received(pool: Pool) -> None:
    script = "function decodeUplink(i) { return {data: {at: i.recvTime.toISOString(), none: i.nothing}}; }"
    at = datetime(2026, 5, 4, 12, tzinfo=UTC)
    assert run(pool, script, at=at) == {"data": {"at": "2026-05-04T12:00:00.000Z"}}


@pytest.mark.parametrize(
    ("script", "says"),
    [
        ("for (;;) {}", "zu lange"),
        ("function decodeUplink() { while (true) {} }", "zu lange"),
        ("function decodeUplink() { /^(a+)+$/.test('a'.repeat(60) + '!'); }", "zu lange"),
        ("function decodeUplink() { const a = []; for (;;) a.push('x'.repeat(100000)); }", "zu viel Speicher"),
        ("function decodeUplink() { let s = 'a'; for (;;) s += s; }", "zu viel Speicher"),
        ("function decodeUplink() { return new Uint8Array(1 << 30); }", "zu viel Speicher"),
        ("function decodeUplink(i) { return decodeUplink(i); }", "zu oft selbst"),
        ("function decodeUplink() { return {data: 'x'.repeat(100000)}; }", "zu groß"),
        ("function decodeUplink() { throw new Error('no such port'); }", "no such port"),
        ("function decodeUplink() { return null.x; }", "TypeError"),
        ("function decodeUplink() { const o = {}; o.o = o; return o; }", "circular"),
        ("function decodeUplink() {}", "returned nothing"),
        ("let x = 1;", "no function decodeUplink"),
        ("this is no script", "SyntaxError"),
        ("function decodeUplink() { return std.open('/etc/passwd'); }", "'std' is not defined"),
        ("function decodeUplink() { return require('fs'); }", "'require' is not defined"),
        ("import('os');" + "function decodeUplink() { return os; }", "'os' is not defined"),
        ("x" * (MOST_SCRIPT + 1), "zu lang"),
    ],
)
def test_a_bad_script_fails_with_a_reason_and_the_next_one_works(pool: Pool, script: str, says: str) -> None:
    begun = time.monotonic()
    with pytest.raises(Undecodable, match=says):
        run(pool, script)
    assert time.monotonic() - begun < 10
    assert run(pool, GOOD) == HELD


def test_scripts_do_not_meet(pool: Pool) -> None:
    run(pool, "globalThis.left = 1; Array.prototype.first = 2; " + GOOD.replace("input", "i"))
    spy = "function decodeUplink() { return {data: {left: typeof left, first: [].first === undefined}}; }"
    assert run(pool, spy) == {"data": {"left": "undefined", "first": True}}


def test_an_answer_is_believed_no_more_than_the_script(pool: Pool) -> None:
    forged = 'JSON.stringify = () => \'1,"fault":["time"]\'; ' + GOOD
    with pytest.raises(Undecodable):
        run(pool, forged)
    with pytest.raises(Undecodable, match="kein JSON"):
        run(pool, "JSON.stringify = () => '}'; " + GOOD)


def test_the_child_of_a_script_may_do_nothing(pool: Pool) -> None:
    """Looked at from outside while it runs: its limits, its environment, its open files, its user."""
    os.environ["A_SECRET_OF_TESTS"] = "do not tell"
    pool.warm()
    sandbox = psutil.Process(pool._free.queue[0].pid)
    seen: dict[str, Any] = {}

    def look() -> None:
        until = time.monotonic() + 5
        while time.monotonic() < until and "limits" not in seen:
            for child in sandbox.children():
                place = Path("/proc") / str(child.pid)
                try:
                    limits = (place / "limits").read_text()
                    if "Max open files            0 " in limits:
                        seen["files"] = [str(file.readlink()) for file in (place / "fd").iterdir()]
                        seen["environment"] = (place / "environ").read_bytes()
                        seen["uid"] = child.uids().effective
                        seen["limits"] = limits
                except OSError:
                    continue

    watching = threading.Thread(target=look)
    watching.start()
    with pytest.raises(Undecodable, match="zu lange"):
        run(pool, "for (;;) {}")
    watching.join()
    held = {line[:25].strip(): line[26:].split()[0] for line in seen["limits"].splitlines()[1:]}
    assert {held[name] for name in ("Max open files", "Max processes", "Max file size", "Max core file size")} == {"0"}
    assert held["Max cpu time"] == "1"
    assert int(held["Max address space"]) < 400 << 20
    assert seen["environment"] == b""
    assert all(file.startswith("pipe:") or file == "/dev/null" for file in seen["files"])
    assert len(seen["files"]) == 2  # the answer, and what it would print
    assert seen["uid"] != 0


def test_a_sandbox_that_was_killed_is_replaced(pool: Pool) -> None:
    assert run(pool, GOOD) == HELD
    first = pool._free.queue[-1].pid
    os.kill(first, 9)
    psutil.wait_procs([psutil.Process(first)], timeout=5)
    assert run(pool, GOOD) == HELD
    assert pool._free.queue[-1].pid != first


def test_many_at_once_share_a_few_sandboxes(pool: Pool) -> None:
    answers: list[Any] = []
    threads = [threading.Thread(target=lambda: answers.append(run(pool, GOOD))) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [HELD] * 12
    assert pool._free.qsize() <= 2


def test_a_sandbox_ends_with_its_pool() -> None:
    own = Pool()
    own.warm()
    process = psutil.Process(own._free.queue[0].pid)
    own.close()
    assert not process.is_running()
