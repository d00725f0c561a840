"""A family of processes: starts together, comes back after a crash, ends together, whatever happens to its head."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest

from stadtkern.config.run.family import DidNotStart, Family, Part, bury
from tests.operations.conftest import wait_until

pytestmark = [pytest.mark.operations]
SLEEP = [sys.executable, "-c", "import time; time.sleep(600)"]
PARENT_OF_ONE = [
    sys.executable,
    "-c",
    "import subprocess, sys, time; "
    "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']); "
    "print('child', child.pid, flush=True); time.sleep(600)",
]
STUBBORN = [
    sys.executable,
    "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(600)",
]


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def family(tmp_path, said):
    made = Family(tmp_path / "family.json", tmp_path, dict(os.environ), said.append)
    yield made
    made.stop()


def part(name: str, command: list[str], **given) -> Part:
    return Part(name=name, command=command, ready=given.pop("ready", lambda: True), **given)


def pid_in(log: Path) -> int:
    return int(wait_until(lambda: "child" in log.read_text() and log.read_text()).split()[1])


def test_stop_ends_every_part_and_what_it_has_started(family, tmp_path):
    family.start(part("one", PARENT_OF_ONE), part("two", SLEEP))
    grandchild = pid_in(tmp_path / "one.log")
    pids = [p.child.pid for p in family.parts] + [grandchild]
    family.stop()
    wait_until(lambda: not any(alive(pid) for pid in pids))
    assert not (tmp_path / "family.json").exists()


def alive(pid: int) -> bool:
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


def test_a_part_that_does_not_listen_is_ended_by_force(family, tmp_path):
    family.start(part("deaf", STUBBORN, grace=0.5))
    wait_until(lambda: "deaf" in (tmp_path / "deaf.log").read_text())
    family.stop()
    assert family.parts[0].child.returncode == -signal.SIGKILL


def test_a_crashed_part_comes_back_with_growing_pauses_and_one_is_told(family, said):
    family.start(part("weak", SLEEP))
    threading.Thread(target=family.watch, daemon=True).start()
    first = family.parts[0].child.pid
    os.kill(first, signal.SIGKILL)
    wait_until(lambda: family.parts[0].child.pid != first and "weak: started again" in said)
    assert "SIGKILL" in said[0]
    assert "in 1 s" in said[0]
    os.kill(family.parts[0].child.pid, signal.SIGKILL)
    wait_until(lambda: any("in 2 s" in text for text in said))


@pytest.mark.parametrize(("crashes", "seconds"), [(1, 1), (2, 2), (3, 4), (6, 30), (50, 30)])
def test_the_pause_is_bounded(crashes, seconds):
    assert part("x", SLEEP, crashes=crashes).pause() == seconds


def test_a_part_that_ends_at_once_stops_the_start_with_its_last_words(family):
    with pytest.raises(DidNotStart, match=r"(?s)broken did not start.*no such table: reports"):
        family.start(
            part("broken", [sys.executable, "-c", "raise SystemExit('no such table: reports')"], ready=lambda: False)
        )


def test_a_part_that_stays_silent_stops_the_start(family):
    with pytest.raises(DidNotStart, match="silent did not start"):
        family.start(part("silent", SLEEP, ready=lambda: False, patience=0.3))


HEAD = """
import os, sys, time
from pathlib import Path
from stadtkern.config.run.family import Family, Part
folder = Path(sys.argv[1])
family = Family(folder / "family.json", folder, dict(os.environ), print)
family.start(Part("child", [sys.executable, "-c", "import time; time.sleep(600)"], ready=lambda: True))
print(family.parts[0].child.pid, flush=True)
time.sleep(600)
"""


def test_the_children_end_when_the_head_is_killed(tmp_path):
    head = subprocess.Popen([sys.executable, "-c", HEAD, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    child = int(head.stdout.readline())
    assert alive(child)
    head.kill()
    head.wait()
    wait_until(lambda: not alive(child), seconds=5)


def test_the_next_start_waits_for_what_a_killed_one_left(tmp_path):
    left = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(1)"], start_new_session=True)
    register = tmp_path / "family.json"
    born = psutil.Process(left.pid).create_time()
    register.write_text(json.dumps([{"name": "pages", "pid": left.pid, "born": born, "ending": 15}]))
    begun = time.monotonic()
    assert bury(register) == ["pages"]
    assert time.monotonic() - begun > 0.5
    assert not register.exists()


def test_what_does_not_end_is_ended(tmp_path):
    left = subprocess.Popen(STUBBORN, start_new_session=True)
    born = psutil.Process(left.pid).create_time()
    (tmp_path / "f").write_text(json.dumps([{"name": "deaf", "pid": left.pid, "born": born, "ending": 15}]))
    bury(tmp_path / "f", patience=0.5)
    assert not alive(left.pid)


def test_a_number_that_now_belongs_to_somebody_else_is_left_alone(tmp_path):
    other = subprocess.Popen(SLEEP, start_new_session=True)
    (tmp_path / "f").write_text(json.dumps([{"name": "pages", "pid": other.pid, "born": 1.0, "ending": 15}]))
    assert bury(tmp_path / "f") == []
    assert other.poll() is None
    other.kill()


@pytest.mark.parametrize("text", ["", "{", "[]"])
def test_a_torn_register_harms_nobody(tmp_path, text):
    (tmp_path / "f").write_text(text)
    assert bury(tmp_path / "f") == []
