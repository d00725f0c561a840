"""The way out: what is remembered, what a redirect may see, and what a hostile or broken source can cost."""

import gzip
import json
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from ipaddress import ip_network
from typing import Any

import pytest

from stadtkern.core import clock
from stadtkern.hub.domain.connecting import asking as way
from stadtkern.hub.domain.connecting.addresses import headers_of
from stadtkern.hub.domain.connecting.asking import asking
from stadtkern.hub.domain.connecting.kinds import http_json
from stadtkern.hub.domain.connecting.port import SourceFault
from stadtkern.hub.domain.connecting.running import HTTP, run_connector
from stadtkern.hub.models import Connector, Run
from stadtkern.hub.tests.connecting.conftest import Source

Make = Callable[..., Connector]
NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
SERIES: dict[str, Any] = {"time": "t", "values": [{"source": "v", "name": "Stand"}]}
ROW = json.dumps([{"t": "2026-07-01T12:00:00Z", "v": 1}])


@pytest.fixture
def dripping(settings: Any) -> Iterator[str]:
    """A server whose body comes letter by letter, fifty of them, a tenth of a second each."""
    settings.OUTBOUND_NETWORKS = [ip_network("127.0.0.0/8")]
    ends = threading.Event()

    class Drips(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            for _drop in range(50):
                if ends.wait(0.1):
                    return
                self.wfile.write(b".")

        def log_message(self, *args: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Drips)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    ends.set()
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_body_that_drips_ends_with_the_time_there_is(dripping: str) -> None:
    with asking(most_seconds=0.5) as out, pytest.raises(SourceFault, match="dauert länger"):
        out.get(dripping)


@pytest.mark.parametrize("headers", [{}, {"Content-Encoding": "gzip"}])
def test_a_body_is_whole(source: Source, headers: dict[str, str]) -> None:
    body = bytes(range(256)) * 2_000
    url = source.says("/b", gzip.compress(body) if headers else body, headers=headers)
    with asking() as out:
        assert out.get(url).read() == body


@pytest.mark.django_db
def test_only_the_addresses_of_the_last_run_are_remembered(source: Source, connector: Make) -> None:
    source.says("/v", ROW)
    made = connector("http-json", SERIES | {"url": f"{source.url}/v?since={{since}}"})
    for hours in range(3):
        with clock.at(NOON + timedelta(hours=hours)):
            run_connector(made.pk)
    made.refresh_from_db()
    assert list(made.position[HTTP]) == [f"{source.url}/v?since=2026-06-30T14:00:00Z"]


@pytest.mark.django_db
def test_what_has_not_changed_stays_remembered(source: Source, connector: Make) -> None:
    made = connector("http-json", SERIES | {"url": source.says("/v", ROW, headers={"ETag": '"one"'})})
    states = [run_connector(made.pk).state for _time in range(3)]
    assert states == [Run.State.DONE, Run.State.UNCHANGED, Run.State.UNCHANGED]
    assert [headers.get("If-None-Match") for _path, headers in source.asked] == [None, '"one"', '"one"']


@pytest.mark.django_db
def test_another_host_sees_what_is_asked_and_not_the_key(source: Source, connector: Make) -> None:
    port = source.url.rpartition(":")[2]
    source.says("/v", ROW, headers={"ETag": '"one"'})
    url = source.says("/moved", "", status=302, headers={"Location": f"http://localhost:{port}/v"})
    made = connector("http-json", SERIES | {"url": url, "header_name": "X-Api-Key", "header_value": "geheim"})
    run_connector(made.pk)
    assert run_connector(made.pk).state == Run.State.UNCHANGED
    at_the_goal = [headers for path, headers in source.asked if path == "/v"]
    assert [headers["Accept"] for headers in at_the_goal] == ["application/json"] * 2
    assert [headers.get("If-None-Match") for headers in at_the_goal] == [None, '"one"']
    assert not any("X-Api-Key" in headers for headers in at_the_goal)


@pytest.mark.parametrize(
    ("first", "then", "is_as_safe"),
    [
        ("https://a.example/x", "https://a.example/y", True),
        ("http://a.example/x", "https://a.example/x", True),
        ("https://a.example/x", "http://a.example/x", False),
        ("https://a.example/x", "https://b.example/x", False),
        ("https://a.example/x", "https://a.example:8443/x", False),
    ],
)
def test_a_key_goes_to_its_own_host_and_never_in_the_open(first: str, then: str, is_as_safe: bool) -> None:
    assert way._is_as_safe(first, then) is is_as_safe


@pytest.mark.django_db
@pytest.mark.parametrize("goal", ["http://[", "http://127.0.0.1:99999/", "https://" + "a" * 70 + ".example/"])
def test_a_redirect_to_no_address_is_said(source: Source, goal: str) -> None:
    url = source.says("/moved", "", status=302, headers={"Location": goal})
    with asking() as out, pytest.raises(SourceFault, match="nicht lesbar"):
        out.get(url)


def test_a_link_that_is_no_address_gets_no_key(source: Source) -> None:
    config = {"url": f"{source.url}/x", "header_name": "X-Api-Key", "header_value": "geheim"}
    assert headers_of(config, "http://[") == {}
    with asking() as out, pytest.raises(SourceFault, match="nicht lesbar"):
        out.get("http://[")


@pytest.mark.parametrize("headers", [{"X-Key": "zwei\nZeilen"}, {"Schlüssel": "x"}, {"X-Key": "Schlüssel €"}])
def test_a_header_that_cannot_be_sent_is_said(source: Source, headers: dict[str, str]) -> None:
    url = source.says("/v", ROW)
    with asking() as out, pytest.raises(SourceFault, match="Kopfzeile") as caught:
        out.get(url, headers=headers)
    assert not any(value in str(caught.value) for value in headers.values())


@pytest.mark.parametrize(
    ("told", "seconds"),
    [
        ("120", 120),
        ("9" * 5_000, way.LONGEST_WAIT),
        (format_datetime(NOON + timedelta(minutes=3), usegmt=True), 180),
        (format_datetime(NOON - timedelta(minutes=3), usegmt=True), 0),
        ("bald", 0),
        ("", 0),
    ],
)
def test_how_long_a_source_wants_us_to_wait(source: Source, told: str, seconds: int) -> None:
    url = source.says("/busy", "", status=503, headers={"Retry-After": told})
    with clock.at(NOON), asking() as out, pytest.raises(SourceFault) as caught:
        out.get(url)
    assert caught.value.retry_after == seconds


@pytest.mark.django_db
def test_more_pages_than_are_read_are_said(source: Source, connector: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_json, "MOST_PAGES", 2)
    for number in (1, 2, 3):
        page = {"items": [{"t": f"2026-07-01T1{number}:00:00Z", "v": number}], "next": f"/p{number + 1}"}
        source.says(f"/p{number}", json.dumps(page))
    config = SERIES | {"url": f"{source.url}/p1", "list": "items", "next": "next"}
    run = run_connector(connector("http-json", config).pk)
    assert (run.state, run.created) == (Run.State.FAILED, 2)
    assert "mehr als 2 Seiten" in run.error
