"""How much script and style a first visit loads, compressed, as a real browser counts it."""

import contextlib
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from bench.server import Server


@dataclass
class Weight:
    """Bytes on the wire of a first visit, by kind of resource."""

    path: str
    bytes: dict[str, int] = field(default_factory=dict)

    @property
    def scripts_and_styles(self) -> int:
        return self.bytes.get("Script", 0) + self.bytes.get("Stylesheet", 0)

    @property
    def whole(self) -> int:
        return sum(self.bytes.values())


def weigh(server: Server, paths: list[str]) -> list[Weight]:
    """Each path in a fresh browser without a cache; empty when there is no Chromium."""
    if not shutil.which("chromium"):
        return []
    with _browser() as browser:
        return [_first_visit(browser, server, path) for path in paths]


@contextlib.contextmanager
def _browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        options = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=options)
        yield browser
        browser.close()


def _first_visit(browser: Any, server: Server, path: str) -> Weight:
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    network = context.new_cdp_session(page)
    weight, kinds = Weight(path), dict[str, str]()

    def finished(event: dict[str, Any]) -> None:
        kind = kinds.get(event["requestId"], "Other")
        weight.bytes[kind] = weight.bytes.get(kind, 0) + int(event["encodedDataLength"])

    network.on("Network.responseReceived", lambda event: kinds.update({event["requestId"]: event["type"]}))
    network.on("Network.loadingFinished", finished)
    network.send("Network.enable")
    page.goto(server.address + path, wait_until="networkidle")
    context.close()
    return weight
