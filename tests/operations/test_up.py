"""The whole installation as one command: what it serves, what it survives, what it leaves behind.

The tests share one data folder and run in the order of the file: each finds what the one before has left.
"""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import psutil
import psycopg
import pytest

from tests.operations.conftest import ROOT, answers, free_port, wait_until

pytestmark = [pytest.mark.operations, pytest.mark.slow]
STRANGER = "127.0.0.7"


class House:
    """An installation in a data folder of its own, started as an operator starts it."""

    def __init__(self, data: Path) -> None:
        self.data, self.port = data, free_port()
        self.process: subprocess.Popen[str] | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def dsn(self) -> str:
        return f"postgresql://postgres@/stadtkern?host={self.data / 'postgres'}"

    def environment(self, **more: str) -> dict[str, str]:
        own = {"DATABASE_URL", "STADTKERN_SECRET_KEY"}  # it has a database and makes a key of its own
        inherited = {name: value for name, value in os.environ.items() if name not in own}
        mine = {"STADTKERN_DATA": str(self.data), "STADTKERN_PORT": str(self.port), "COLUMNS": "200"}
        return inherited | mine | {"STADTKERN_BENCH": "yes"} | more

    def command(self, *words: str, **more: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "stadtkern.config.cli", *words],
            env=self.environment(**more),
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def start(self) -> str:
        """Start it; returns what was printed until it was ready."""
        self.process, printed = self.command("up"), []
        for line in self.process.stdout or []:
            printed.append(line)
            if "Door and worker" in line:
                return "".join(printed)
        raise AssertionError("".join(printed))

    def family(self) -> list[psutil.Process]:
        alive = self.process is not None and self.process.poll() is None
        assert alive, "nothing runs: these tests go on from the one before"
        return psutil.Process(self.process.pid).children(recursive=True)

    def part(self, words: str) -> psutil.Process:
        found = [p for p in self.family() if words in " ".join(p.cmdline())]
        return min(found, key=lambda process: process.create_time())

    def end(self, how: signal.Signals) -> None:
        self.process.send_signal(how)
        self.process.wait(60)

    def query(self, text: str) -> list[tuple]:
        with psycopg.connect(self.dsn, autocommit=True) as connection:
            cursor = connection.execute(text)
            return cursor.fetchall() if cursor.description else []


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    folder = Path(tempfile.mkdtemp(prefix="sk-up-"))
    made = House(folder / "data")
    yield made
    if made.process and made.process.poll() is None:
        made.end(signal.SIGTERM)
    shutil.rmtree(folder, ignore_errors=True)


def gone(processes: list[psutil.Process]) -> bool:
    return not any(p.is_running() and p.status() != psutil.STATUS_ZOMBIE for p in processes)


def test_a_fresh_folder_becomes_a_running_city(house):
    printed = house.start()
    assert house.address in printed
    assert "PostgreSQL" in printed
    assert "Tables" in printed
    assert httpx.get(house.address + "/").status_code == 200
    assert httpx.get(house.address + "/health").json()["status"] == "ok"
    assert httpx.get(house.address + "/door/health").json()["status"] == "ok"
    assert house.query("SELECT count(*) > 5 FROM people_organisation") == [(True,)]
    assert (house.data / "secret-key").stat().st_mode & 0o077 == 0


def test_only_the_front_listens_on_the_network(house):
    listening = set()
    for process in house.family():
        listening |= {c.laddr for c in process.net_connections("tcp") if c.status == psutil.CONN_LISTEN}
    assert {(place.ip, place.port) for place in listening} == {("127.0.0.1", house.port)}


def test_pages_come_compressed_and_say_nothing_about_the_server(house):
    page = httpx.get(house.address + "/", headers={"Accept-Encoding": "gzip"})
    assert page.headers["content-encoding"] == "gzip"
    assert "server" not in page.headers


def test_scripts_and_styles_are_compressed_beforehand_and_kept_for_a_year(house):
    page = httpx.get(house.address + "/").text
    names = re.findall(r"/static/[^\"']+\.[0-9a-f]{12}\.(?:css|js)", page)
    assert names
    for name in names:
        answer = httpx.get(house.address + name, headers={"Accept-Encoding": "gzip"})
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]
        assert answer.headers["content-encoding"] == "gzip"
    chunks = [path.name for path in (house.data / "static" / "chunks").glob("*-????????.js")]
    answer = httpx.get(f"{house.address}/static/chunks/{chunks[0]}")
    assert "immutable" in answer.headers["cache-control"]
    assert httpx.get(f"{house.address}/static/core/core.js").headers["cache-control"] == "public, max-age=300"
    missing = httpx.get(house.address + "/static/nothing.0123456789ab.js")
    assert missing.status_code == 404
    assert "immutable" not in missing.headers.get("cache-control", "")
    for hidden in ("staticfiles.json", "staticfiles.json.gz", "../secret-key", "%2e%2e/secret-key"):
        assert httpx.get(f"{house.address}/static/{hidden}").status_code in (400, 404)


@pytest.mark.parametrize(("size", "kind"), [(65_000_000, "text/plain"), (30_000_000, "application/problem+json")])
def test_a_body_that_is_too_large_is_refused_by_the_front_or_by_the_pages(house, size, kind):
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    answer = httpx.post(house.address + "/api/v1/reports", content=b" " * size, headers=headers, timeout=60)
    assert answer.status_code == 413
    assert answer.headers["content-type"].startswith(kind)


def test_a_made_up_client_address_is_not_believed(house):
    liar = {"X-Forwarded-For": "127.0.0.1", "X-Forwarded-Host": "evil.example"}
    assert httpx.get(house.address + "/metrics", headers=liar, timeout=60).status_code == 200  # this machine
    assert "evil.example" not in httpx.get(house.address + "/", headers=liar).text


def test_metrics_count_the_requests_of_all_worker_processes(house):
    before = counted(house)
    for _ in range(20):
        httpx.get(house.address + "/health")
    assert counted(house) - before >= 20


def counted(house) -> float:
    text = httpx.get(house.address + "/metrics", timeout=60).text
    rows = re.findall(r'^stadtkern_requests_total\{.*route="operation:health".*\} ([\d.]+)', text, re.MULTILINE)
    return sum(map(float, rows))


def test_a_second_start_says_that_it_is_running(house):
    second = house.command("up")
    assert second.wait(30) == 1
    assert f"already in use by process {house.process.pid}" in second.stdout.read()


def test_a_port_that_is_taken_is_said_in_one_sentence(house):
    other = House(house.data.parent / "other")
    other.port = house.port
    second = other.command("up")
    assert second.wait(30) == 1
    printed = second.stdout.read()
    assert f"Port {house.port} is taken" in printed
    assert "Traceback" not in printed


def test_a_killed_web_worker_is_replaced(house):
    before = web_processes(house)
    victim = max(before, key=lambda process: process.create_time())
    victim.kill()
    wait_until(lambda: victim not in (now := web_processes(house)) and len(now) == len(before), seconds=30)
    assert answers(house.address + "/health/live")


def web_processes(house) -> list[psutil.Process]:
    """Granian and the workers it forked; one that has ended has no command line."""
    with suppress(psutil.NoSuchProcess):
        return [p for p in house.family() if "config.run.pages" in " ".join(p.cmdline())]
    return []


@pytest.fixture
def stranger(house) -> Iterator[httpx.Client]:
    """A visitor whose address can be told from all others."""
    with httpx.Client(base_url=house.address, timeout=30, transport=httpx.HTTPTransport(local_address=STRANGER)) as one:
        yield one


def test_while_the_pages_are_away_visitors_read_a_kind_sentence_and_then_they_are_back(house, stranger):
    house.part("config.run.pages").kill()
    assert any("pages: ended unexpectedly (signal SIGKILL)" in line for line in house.process.stdout)
    seen = set()
    for _ in range(100):
        answer = stranger.get("/health/live")
        seen.add(answer.status_code)
        if answer.status_code == 503 or answer.status_code == 502:
            assert "gleich wieder da" in answer.text
            assert answer.headers["retry-after"] == "10"
        elif answer.status_code == 200:
            break
    assert answer.status_code == 200, seen


def test_a_whole_start_under_way_ends_too_when_its_head_is_killed(house):
    """The worst moment: granian is there, its processes are only just coming."""
    house.part("config.run.pages").kill()
    assert any("pages: started again" in line for line in house.process.stdout)
    family = house.family()
    house.process.kill()
    house.process.wait()
    wait_until(lambda: gone(family), seconds=30, what="the children of a killed head")
    house.start()


def test_a_killed_database_comes_back_with_everything_it_has_confirmed(house):
    house.query("CREATE TABLE trial (n int)")
    house.query("INSERT INTO trial VALUES (1)")
    house.part("bin/postgres").kill()
    wait_until(lambda: answers(house.address + "/health"), seconds=60)
    assert house.query("TABLE trial") == [(1,)]


def test_killing_the_head_ends_everything_and_loses_nothing(house):
    family = house.family()
    with psycopg.connect(house.dsn, autocommit=True) as connection:
        for number in range(2, 50):
            connection.execute("INSERT INTO trial VALUES (%s)", [number])
        house.process.send_signal(signal.SIGKILL)
    house.process.wait()
    wait_until(lambda: gone(family), seconds=20, what="the children of a killed head")


def test_the_next_start_recovers_is_quick_and_has_all_rows(house):
    begun = time.monotonic()
    printed = house.start()
    print(f"second start: {time.monotonic() - begun:.1f} s")
    assert "Tables" not in printed  # nothing changed: nothing is done again
    assert "Scripts" not in printed
    assert house.query("SELECT count(*) FROM trial") == [(49,)]
    assert httpx.get(house.address + "/").status_code == 200


def test_ctrl_c_leaves_no_process_and_a_free_port(house):
    family = house.family()
    assert len(family) > 8
    house.end(signal.SIGINT)
    assert house.process.returncode == 0
    assert "Everything has ended" in house.process.stdout.read()
    wait_until(lambda: gone(family), seconds=10)
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", house.port))
    assert not (house.data / "run" / "family.json").exists()


def test_an_operators_command_brings_its_own_database_and_ends_it(house):
    shown = house.command("manage", "showmigrations", "people")
    printed, _ = shown.communicate(timeout=120)
    assert shown.returncode == 0, printed
    assert "[X] 0001_initial" in printed
    with pytest.raises(psycopg.OperationalError):
        house.query("SELECT 1")


def test_no_log_holds_an_address_of_a_visitor(house):
    logs = list((house.data / "logs").glob("*.log"))
    assert {"front", "pages", "worker"} <= {log.stem for log in logs}
    for log in logs:
        assert not {"remote_ip", STRANGER} & set(re.findall(r"[\w.]+", log.read_text(errors="replace"))), log
