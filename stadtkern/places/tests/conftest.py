"""Fixtures of places: the pack's districts and gazetteer in the tables, and a small web server."""

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from stadtkern.core.city import city as pack
from stadtkern.places.domain import loading


@pytest.fixture
def map_of_bochum(db: None) -> Any:
    loading.load(pack(), False)
    return pack()


class Server:
    """A web server of the test's own: `answer(path, headers)` gives status, headers, body."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.answer: Callable[[str, Any], tuple[int, dict[str, str], bytes]] = lambda path, headers: (404, {}, b"")
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                server.asked.append(self.path)
                status, headers, body = server.answer(self.path, self.headers)
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *given: Any) -> None:
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._http.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self._http.server_port}"

    def says(self, body: Any, status: int = 200) -> None:
        packed = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.answer = lambda path, headers: (status, {"Content-Type": "application/json"}, packed)

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()


@pytest.fixture
def server() -> Iterator[Server]:
    running = Server()
    yield running
    running.close()
