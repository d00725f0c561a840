"""A source on this machine that the tests answer for, and connectors that ask it."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_network
from typing import Any

import pytest

from stadtkern.hub.models import Connector
from stadtkern.people.models import Organisation


@dataclass
class Page:
    """What the server says at one address. `status`: of every answer but a 304."""

    body: bytes = b""
    content_type: str = "application/json"
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Source:
    """Pages by path; `asked`: (path with query, headers) of every request."""

    url: str
    pages: dict[str, Page] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def says(self, path: str, body: str | bytes, **more: Any) -> str:
        """Have this path answer; returns the address."""
        self.pages[path] = Page(body.encode() if isinstance(body, str) else body, **more)
        return f"{self.url}{path}"


@pytest.fixture
def source(settings: Any) -> Iterator[Source]:
    settings.OUTBOUND_NETWORKS = [ip_network("127.0.0.0/8"), ip_network("::1/128")]

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            made.asked.append((self.path, dict(self.headers)))
            page = made.pages.get(self.path) or made.pages.get(self.path.split("?")[0]) or Page(status=404)
            etag = page.headers.get("ETag")
            known = etag is not None and self.headers.get("If-None-Match") == etag
            self.send_response(304 if known else page.status)
            for name, value in page.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Type", page.content_type)
            self.send_header("Content-Length", "0" if known else str(len(page.body)))
            self.end_headers()
            if not known:
                self.wfile.write(page.body)

        def log_message(self, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    made = Source(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield made
    server.shutdown()
    server.server_close()


@pytest.fixture
def connector(city: Any) -> Callable[..., Connector]:
    """A connector that runs every ten minutes for the Tiefbauamt."""

    def make(kind: str, config: dict[str, Any], **given: Any) -> Connector:
        from stadtkern.hub.domain.connecting.config import checked, closed, parted
        from stadtkern.hub.domain.connecting.port import connectors

        shown, secret = parted(connectors[kind], checked(connectors[kind], config))
        usual = {
            "key": f"{kind}-probe",
            "name": "Probe",
            "kind": kind,
            "config": shown,
            "sealed": closed(secret),
            "organisation": Organisation.objects.get(key="tiefbauamt"),
            "interval_minutes": 10,
            "state": Connector.State.ACTIVE,
        }
        return Connector.objects.create(**usual | given)

    return make


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The events that connectors have told, in order."""
    from stadtkern.hub.domain.connecting import keeping, schedule

    heard: list[Any] = []
    for module in (keeping, schedule):
        monkeypatch.setattr(module, "emit", heard.append)
    return heard
