"""Small real servers for tests: an SMTP sink and a push service, each on a free port of this machine."""

import asyncio
import base64
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import http_ece
import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat


@dataclass
class SmtpSink:
    """Takes every mail, unless `answers` says otherwise for RCPT or DATA."""

    port: int = 0
    letters: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    on_letter: Callable[[], None] | None = None

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async def say(line: str) -> None:
            writer.write(f"{line}\r\n".encode())
            await writer.drain()

        await say("220 sink")
        while line := (await reader.readline()).decode().strip():
            word = line.split()[0].upper()
            if word == "QUIT":
                await say("221 bye")
                break
            if word == "RCPT":
                self.recipients.append(line)
            if word != "DATA":
                await say(self.answers.get(word, "250 ok"))
                continue
            await say("354 go on")
            raw = await reader.readuntil(b"\r\n.\r\n")
            if not self.answers.get("DATA"):
                self.letters.append(message_from_bytes(raw[:-5], policy=policy.default))
            if self.on_letter:
                self.on_letter()
            await say(self.answers.get("DATA", "250 taken"))
        writer.close()


@contextmanager
def smtp_sink(port: int = 0) -> Iterator[SmtpSink]:
    sink, loop, ready = SmtpSink(), asyncio.new_event_loop(), threading.Event()

    servers: list[asyncio.Server] = []

    async def serve() -> None:
        server = await asyncio.start_server(sink.talk, "127.0.0.1", port)
        servers.append(server)
        sink.port = server.sockets[0].getsockname()[1]
        ready.set()

    def run() -> None:
        asyncio.set_event_loop(loop)
        loop.create_task(serve())
        loop.run_forever()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    ready.wait(5)
    try:
        yield sink
    finally:
        loop.call_soon_threadsafe(servers[0].close)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)


class Browser:
    """The receiving side of web push: keys, and what it can decrypt."""

    def __init__(self) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.secret = b"sixteen letters!"

    @property
    def p256dh(self) -> str:
        return _letters(self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))

    @property
    def auth(self) -> str:
        return _letters(self.secret)

    def read(self, body: bytes) -> dict[str, Any]:
        return json.loads(http_ece.decrypt(body, private_key=self.key, auth_secret=self.secret, version="aes128gcm"))


@dataclass
class PushService:
    """Answers each POST with the next of `answers` (status, headers), 201 when there is none."""

    url: str = ""
    answers: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    requests: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)


@contextmanager
def push_service() -> Iterator[PushService]:
    service = PushService()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            service.requests.append((self.path, {k.lower(): v for k, v in self.headers.items()}, body))
            status, headers = service.answers.pop(0) if service.answers else (201, {})
            self.send_response(status)
            for name, value in ({"Content-Length": "0"} | headers).items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, *args: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    service.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield service
    finally:
        server.shutdown()
        server.server_close()


def vapid_claims(headers: dict[str, str]) -> tuple[dict[str, Any], str]:
    """The claims of the request's JWT, its ES256 signature verified with the key it names; and that key."""
    scheme, _space, rest = headers["authorization"].partition(" ")
    assert scheme.lower() == "vapid"
    parts = dict(part.strip().split("=", 1) for part in rest.split(","))
    raw = base64.urlsafe_b64decode(parts["k"] + "=" * (-len(parts["k"]) % 4))
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), raw)
    return jwt.decode(parts["t"], key, algorithms=["ES256"], options={"verify_aud": False}), parts["k"]


def _letters(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
