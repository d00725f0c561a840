"""A mail server on this machine that refuses every recipient in the same words, or is not there at all."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class _Speaks(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        self.wfile.write(b"220 here\r\n")
        for line in self.rfile:
            word = line.split()[0].upper() if line.split() else b""
            if word == b"RCPT":
                self.server.asked.append(line.decode())
            told = {b"RCPT": self.server.answer, b"QUIT": "221 bye"}.get(word, "250 fine")
            self.wfile.write(f"{told}\r\n".encode())
            if word == b"QUIT":
                return


class RefusingServer(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, answer: str) -> None:
        super().__init__(("127.0.0.1", 0), _Speaks)
        self.answer = answer
        self.asked: list[str] = []
        self.address = self.server_address


@contextmanager
def refusing(answer: str | None) -> Iterator[RefusingServer]:
    """With `answer` None nobody listens at the address."""
    server = RefusingServer(answer or "")
    if answer is None:
        server.server_close()
        yield server
        return
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
