"""The door over the wire: a real granian, a real PostgreSQL, real sessions."""

import contextlib
import json
import queue
import socket
import threading
from collections.abc import Iterator

import httpx
import psutil
import psycopg
import pytest
from django.contrib.sessions.models import Session
from django.db import connection

from stadtkern.core.live import tell
from stadtkern.core.testing.visitor import Visitor
from stadtkern.people.models import Membership, Organisation, Person
from tests.operations.conftest import wait_until

DOOR = ("stadtkern.config.door:app", "--interface", "asgi", "--workers-kill-timeout", "2s")
pytestmark = [pytest.mark.operations, pytest.mark.django_db(transaction=True)]


def member(name: str, *, of: str, role: str = "caseworker") -> Person:
    person = Person.objects.create_user(f"{name}@stadtkern.example", name=name)
    house, _ = Organisation.objects.get_or_create(key=of, defaults={"name": of, "short": of, "kind": "department"})
    Membership.objects.create(person=person, organisation=house, role=role)
    return person


@pytest.fixture
def bernd(transactional_db) -> Person:
    return member("bernd", of="roads")


@pytest.fixture
def clara(transactional_db) -> Person:
    return member("clara", of="waste")


@pytest.fixture
def aylin(transactional_db) -> Person:
    """A citizen: no membership."""
    return Person.objects.create_user("aylin@stadtkern.example", name="Aylin")


@pytest.fixture(scope="module")
def door(granian) -> str:
    return granian(*DOOR, ready="/door/health", STADTKERN_DEMO="yes")


def cookies_of(person) -> dict[str, str]:
    visitor = Visitor().signed_in(person)
    return {"sessionid": visitor.cookies["sessionid"].value}


class Stream:
    """An open event stream, read in a thread of its own."""

    def __init__(self, door: str, cookies: dict[str, str]) -> None:
        self.events: queue.Queue[tuple[str, dict]] = queue.Queue()
        self.ended = threading.Event()
        self.welcomed = threading.Event()
        self._client = httpx.Client(cookies=cookies, timeout=httpx.Timeout(10, read=60))
        threading.Thread(target=self._read, args=[door + "/door/desk"], daemon=True).start()
        assert self.welcomed.wait(10)

    def _read(self, address: str) -> None:
        with contextlib.suppress(httpx.HTTPError), self._client.stream("GET", address) as response:
            assert response.headers["content-type"].startswith("text/event-stream")
            self._take(response.iter_lines())
        self.ended.set()

    def _take(self, lines: Iterator[str]) -> None:
        name = ""
        for line in lines:
            if line.startswith(": welcome"):
                self.welcomed.set()
            elif line.startswith("event: "):
                name = line.removeprefix("event: ")
            elif line.startswith("data: "):
                self.events.put((name, json.loads(line.removeprefix("data: "))))

    def next(self) -> dict:
        name, payload = self.events.get(timeout=10)
        return self.next() if name == "resync" else payload

    def quiet(self) -> bool:
        with contextlib.suppress(queue.Empty):
            return self.events.get(timeout=0.5) is None
        return True

    def close(self) -> None:
        self._client.close()


@pytest.fixture
def watch(door):
    opened = []

    def open_stream(person) -> Stream:
        opened.append(Stream(door, cookies_of(person)))
        return opened[-1]

    yield open_stream
    for stream in opened:
        stream.close()


def test_health_says_that_the_door_listens(door):
    wait_until(lambda: httpx.get(door + "/door/health").json()["status"] == "ok")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/door/nothing", 404), ("POST", "/door/desk", 405), ("GET", "/door/desk", 401)],
)
def test_whatever_is_not_offered_is_a_problem(door, method, path, status):
    answer = httpx.request(method, door + path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == status


@pytest.mark.parametrize("value", ["", "x" * 4000, "';--", "not-a-session"])
def test_a_made_up_cookie_opens_nothing(door, value):
    assert httpx.get(door + "/door/desk", headers={"cookie": f"sessionid={value}"}).status_code == 401


def test_a_citizen_is_no_staff(door, aylin):
    assert httpx.get(door + "/door/desk", cookies=cookies_of(aylin)).status_code == 403


def test_staff_without_a_proven_second_factor_see_nothing(granian, bernd):
    strict = granian(*DOOR, ready="/door/health", STADTKERN_DEMO="no")
    assert httpx.get(strict + "/door/desk", cookies=cookies_of(bernd)).status_code == 403


def test_everybody_sees_what_their_organisation_is_told_and_nothing_else(watch, bernd, clara):
    mine = bernd.memberships.get().organisation_id
    theirs = clara.memberships.get().organisation_id
    bernds, claras = watch(bernd), watch(clara)
    tell("desk", {"organisation_id": mine, "report": 1})
    tell("desk", {"organisation_id": theirs, "report": 2})
    tell("desk", {"report": 3})
    assert bernds.next() == {"organisation_id": mine, "report": 1}
    assert claras.next() == {"organisation_id": theirs, "report": 2}
    assert bernds.quiet()
    assert claras.quiet()


def test_a_dispatcher_sees_everything(watch, bernd):
    everywhere = member("dora", of="control", role="dispatcher")
    stream, there = watch(everywhere), bernd.memberships.get().organisation_id
    tell("desk", {"organisation_id": there, "report": 8})
    assert stream.next()["report"] == 8


def test_an_event_may_ask_for_another_right(watch, bernd):
    stream, mine = watch(bernd), bernd.memberships.get().organisation_id
    tell("desk", {"organisation_id": mine, "report": 9, "action": "no.such.action"})
    tell("desk", {"organisation_id": mine, "report": 10})
    assert stream.next()["report"] == 10


def test_a_transaction_that_is_rolled_back_tells_nobody(watch, bernd):
    from django.db import transaction

    stream, mine = watch(bernd), bernd.memberships.get().organisation_id
    with contextlib.suppress(ZeroDivisionError), transaction.atomic():
        tell("desk", {"organisation_id": mine, "report": 4})
        raise ZeroDivisionError
    tell("desk", {"organisation_id": mine, "report": 5})
    assert stream.next()["report"] == 5


def test_a_payload_that_is_no_json_harms_nobody(watch, bernd):
    stream, mine = watch(bernd), bernd.memberships.get().organisation_id
    with connection.cursor() as cursor:
        cursor.execute("NOTIFY desk, 'no json'")
        cursor.execute("NOTIFY desk, '[1]'")
    tell("desk", {"organisation_id": mine, "report": 6})
    assert stream.next()["report"] == 6


def test_after_the_database_was_away_the_stream_goes_on_and_says_look_again(watch, bernd, test_dsn):
    stream, mine = watch(bernd), bernd.memberships.get().organisation_id
    with psycopg.connect(test_dsn, autocommit=True) as other:
        other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE application_name = 'stadtkern-door' AND datname = current_database()"
        )
    assert stream.events.get(timeout=30)[0] == "resync"
    tell("desk", {"organisation_id": mine, "report": 7})
    assert stream.next()["report"] == 7


@pytest.fixture
def nobody_watches(door):
    """The streams of the test before are forgotten."""
    wait_until(lambda: httpx.get(door + "/door/health").json()["streams"] == 0)


def test_one_person_cannot_take_all_streams(watch, door, bernd):
    for _ in range(12):
        watch(bernd)
    assert httpx.get(door + "/door/desk", cookies=cookies_of(bernd)).status_code == 429


def test_a_browser_that_leaves_is_forgotten_at_once(door, nobody_watches, bernd):
    host, port = door.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as browser:
        key = cookies_of(bernd)["sessionid"]
        browser.sendall(f"GET /door/desk HTTP/1.1\r\nHost: x\r\nCookie: sessionid={key}\r\n\r\n".encode())
        wait_until(lambda: httpx.get(door + "/door/health").json()["streams"] == 1)
    wait_until(lambda: httpx.get(door + "/door/health").json()["streams"] == 0, seconds=5)


def test_who_signs_out_loses_the_stream(granian, bernd):
    door = granian(*DOOR, ready="/door/health", STADTKERN_DEMO="yes", STADTKERN_DOOR_CHECK_SECONDS="1")
    stream = Stream(door, cookies_of(bernd))
    Session.objects.all().delete()
    for _ in range(20):
        tell("desk", {"organisation_id": bernd.memberships.get().organisation_id})
        if stream.ended.wait(0.5):
            break
    assert stream.ended.is_set()


def test_the_door_ends_when_it_is_told_to_even_with_open_streams(granian, bernd):
    door = granian(*DOOR, ready="/door/health", STADTKERN_DEMO="yes")
    stream, port = Stream(door, cookies_of(bernd)), door.rsplit(":", 1)[1]
    server = next(p for p in psutil.process_iter(["cmdline"]) if port in (p.info["cmdline"] or []))
    server.terminate()
    server.wait(30)
    assert stream.ended.wait(5)
