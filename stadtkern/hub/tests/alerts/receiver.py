"""A machine that takes webhooks, and checks their signature by itself, as the Standard Webhooks text says."""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any


class Receiver(HTTPServer):
    """Answers with `status`; keeps what came."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.status = 204
        self.came: list[tuple[dict[str, str], bytes]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/hook"


class _Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.came.append(({name.lower(): value for name, value in self.headers.items()}, body))
        self.send_response(self.server.status)
        self.send_header("Location", "http://127.0.0.1:1/elsewhere")
        self.end_headers()

    def log_message(self, *given: Any) -> None:
        """A test needs no log."""


@contextmanager
def receiving() -> Iterator[Receiver]:
    server = Receiver()
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def verified(secret: str, headers: dict[str, str], body: bytes) -> dict[str, Any]:
    """The message when its signature is right; AssertionError else. Independent of the sender's code."""
    key = base64.b64decode(secret[len("whsec_") :])
    mac = hmac.new(key, digestmod=hashlib.sha256)
    for part in (headers["webhook-id"].encode(), b".", headers["webhook-timestamp"].encode(), b".", body):
        mac.update(part)
    expected = base64.b64encode(mac.digest()).decode()
    given = [one.split(",", 1) for one in headers["webhook-signature"].split(" ")]
    assert ["v1", expected] in given
    return json.loads(body)
