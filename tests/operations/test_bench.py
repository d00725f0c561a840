"""The bench measures what it says: the generator counts right, ratios come from the same round, the table is honest."""

import asyncio
import itertools
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from bench.load import Result, put_load, request
from bench.pages import Page
from bench.table import BEGIN, END, Run, as_markdown, write_into


class Answers(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        body = b"x" * 1000
        self.send_response(404 if self.path == "/wrong" else 200)
        if self.path == "/chunks":
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            self.wfile.write(b"3e8\r\n" + body + b"\r\n0\r\n\r\n")
        else:
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def port() -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_address[1]
    server.shutdown()


def ask(port: int, path: str) -> Result:
    requests = itertools.repeat(request("GET", path))
    return asyncio.run(put_load(port, requests, connections=3, seconds=0.3))


@pytest.mark.parametrize("path", ["/", "/chunks"])
def test_whole_answers_are_counted(port, path):
    result = ask(port, path)
    assert result.statuses.keys() == {200}
    assert len(result.times) == result.statuses[200] > 10
    assert result.received > 1000 * len(result.times)
    assert 0 < result.quantile(0.5) <= result.quantile(0.99)
    assert result.wrong == 0


def test_wrong_answers_are_not_hidden(port):
    result = ask(port, "/wrong")
    assert result.wrong == len(result.times) > 10
    assert result.per_second == 0


def run_of(*ratios: float) -> tuple[Run, list[Page]]:
    page = Page("report page", 0.5, lambda: itertools.repeat(b""))
    result = Result(seconds=1, times=[0.01, 0.02, 0.03], statuses={200: 2, 500: 1})
    return Run({page.name: [result] * len(ratios)}, {page.name: list(ratios)}, workers=2, connections=16), [page]


@pytest.mark.parametrize(("ratios", "cell"), [((0.4, 0.6, 0.7), "0.60 | 0.5 ✓"), ((0.4, 0.4, 0.9), "0.40 | 0.5 ✗")])
def test_a_row_is_the_median_of_the_rounds_and_says_whether_it_is_enough(ratios, cell):
    text = as_markdown(*run_of(*ratios))
    assert f"| report page | {cell} | 2 | 20.0 | 30.0 | {len(ratios)} |" in text


def test_the_table_replaces_the_old_one_and_leaves_the_rest(tmp_path):
    path = tmp_path / "benchmarks.md"
    path.write_text(f"# Benchmarks\n\nbefore\n\n{BEGIN}\nold\n{END}\n\nafter\n")
    write_into(path, "new\n")
    write_into(path, "newer\n")
    assert path.read_text() == f"# Benchmarks\n\nbefore\n\n{BEGIN}\nnewer\n{END}\nafter\n"
