"""A small GeoReport server of "another city" for tests: it answers what it was told to, and remembers what it got."""

import json
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

Answer = tuple[int, Any]


@dataclass
class OtherCity:
    """`pages` maps "GET requests.json" to (status, body) or to a function of the parameters giving that."""

    pages: dict[str, Answer | Callable[[dict[str, list[str]]], Answer]] = field(default_factory=dict)
    got: list[tuple[str, dict[str, list[str]], dict[str, str]]] = field(default_factory=list)
    url: str = ""

    def sent(self, page: str) -> list[dict[str, list[str]]]:
        return [params for name, params, _headers in self.got if name == page]

    def answer(self, page: str, params: dict[str, list[str]], headers: dict[str, str]) -> Answer:
        self.got.append((page, params, headers))
        found = self.pages.get(page, (404, [{"code": 404, "description": "not here"}]))
        return found(params) if callable(found) else found


@contextmanager
def running(city: OtherCity):
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self._answer("")

        def do_POST(self):
            self._answer(self.rfile.read(int(self.headers["Content-Length"])).decode())

        def _answer(self, body):
            parts = urlsplit(self.path)
            params = parse_qs(parts.query) | parse_qs(body)
            status, told = city.answer(f"{self.command} {parts.path.lstrip('/')}", params, dict(self.headers))
            data = told if isinstance(told, bytes) else json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    city.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield city
    finally:
        server.shutdown()
        server.server_close()
