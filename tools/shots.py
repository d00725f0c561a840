"""Screenshots of the main pages, phone and desktop, light and dark, into shots/ (git-ignored): look at them.

    make shots                       starts an installation with demo data of its own, and ends it
    .venv/bin/python tools/shots.py --url http://127.0.0.1:8000 --only melden --language ar
With --check axe-core looks at every page too, and the run fails when it finds something.
"""

import argparse
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from rich.progress import track

ROOT = Path(__file__).resolve().parents[1]
SHOTS = ROOT / "shots"
AXE = ROOT / "node_modules/axe-core/axe.min.js"
WIDTHS = {390: 844, 1440: 900}
SCHEMES = ("light", "dark")
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@dataclass(frozen=True)
class Shot:
    """A page: its address (or the first link below `follow` on it), and who looks at it."""

    name: str
    address: str
    person: str = ""
    follow: str = ""


PAGES = [
    Shot("start", "/"),
    Shot("melden", "/melden/"),
    Shot("meldungen", "/meldungen/"),
    Shot("meldung", "/meldungen/", follow="main .card-title a"),
    Shot("karte", "/karte/"),
    Shot("suche", "/suche/?q=Laterne"),
    Shot("naehe", "/in-meiner-naehe/?adresse=Rathaus"),
    Shot("darstellung", "/darstellung/"),
    Shot("barrierefreiheit", "/barrierefreiheit/"),
    Shot("datenschutz", "/datenschutz/"),
    Shot("nicht-gefunden", "/gibt-es-nicht/"),
    Shot("anmelden", "/konto/anmelden/login/"),
    Shot("konto", "/konto/", person="aylin"),
    Shot("mitteilungen", "/mitteilungen/", person="aylin"),
    Shot("desk", "/desk/meldungen/", person="bernd"),
    Shot("desk-meldung", "/desk/meldungen/", person="bernd", follow="main table a"),
    Shot("desk-karte", "/desk/meldungen/karte/", person="bernd"),
    Shot("desk-unterwegs", "/desk/meldungen/unterwegs/", person="bernd"),
    Shot("desk-uebergaben", "/desk/meldungen/uebergaben/", person="dora"),
    Shot("desk-kategorien", "/desk/meldungen/kategorien/", person="dora"),
    Shot("desk-bausteine", "/desk/meldungen/bausteine/", person="bernd"),
    Shot("desk-betrieb", "/desk/betrieb/", person="ada"),
    Shot("zahlen", "/meldungen/zahlen/"),
    Shot("kiosk", "/melden/kiosk/"),
    Shot("messwerte", "/daten/messwerte/"),
    Shot("messwerte-karte", "/daten/messwerte/karte/"),
    Shot("station", "/daten/messwerte/", follow="main .card-title a"),
    Shot("vor-ort", "/daten/vor-ort/"),
    Shot("giesspatenschaft", "/daten/giesspatenschaft/"),
    Shot("datenqualitaet", "/daten/qualitaet/"),
    Shot("schnittstelle", "/daten/schnittstelle/"),
    Shot("desk-quellen", "/desk/daten/quellen/", person="ada"),
    Shot("desk-quelle", "/desk/daten/quellen/", person="ada", follow="main table a"),
    Shot("desk-stationen", "/desk/daten/stationen/", person="ada"),
    Shot("desk-station", "/desk/daten/stationen/", person="ada", follow="main table a"),
    Shot("desk-geraete", "/desk/daten/geraete/", person="ada"),
    Shot("desk-geraet", "/desk/daten/geraete/", person="ada", follow="main table a"),
    Shot("desk-dekodierer", "/desk/daten/dekodierer/", person="ada", follow="main table a"),
    Shot("desk-regeln", "/desk/daten/regeln/", person="ada"),
    Shot("desk-regel", "/desk/daten/regeln/", person="ada", follow="main table a"),
    Shot("desk-warnungen", "/desk/daten/warnungen/", person="ada"),
    Shot("desk-vertraege", "/desk/daten/vertraege/", person="ada"),
    Shot("stil", "/desk/stil/", person="bernd"),
]


def main() -> int:
    asked = _arguments()
    SHOTS.mkdir(exist_ok=True)
    pages = [page for page in PAGES if not asked.only or page.name in asked.only]
    with _installation(asked.url) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=asked.chromium, args=QUIET)
        faults = _all(browser, address, pages, asked)
        browser.close()
    for fault in faults:
        print(fault)
    print(f"{SHOTS}: {len(list(SHOTS.glob('*.png')))} pictures")
    return 1 if faults else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", help="an installation that runs already")
    parser.add_argument("--only", nargs="*", help="names of pages")
    parser.add_argument("--language", default="de")
    parser.add_argument("--check", action="store_true", help="let axe-core look too")
    parser.add_argument("--full", action="store_true", help="the whole page, not the first screen")
    parser.add_argument("--chromium", default=os.environ.get("CHROMIUM", "/usr/bin/chromium"))
    return parser.parse_args()


def _all(browser: Browser, address: str, pages: list[Shot], asked: argparse.Namespace) -> list[str]:
    faults: list[str] = []
    people = sorted({page.person for page in pages})
    looks = [(who, width, scheme) for who in people for width in WIDTHS for scheme in SCHEMES]
    for who, width, scheme in track(looks, description="Screenshots"):
        context = _open(browser, address, who, width=width, scheme=scheme, language=asked.language)
        for page in (page for page in pages if page.person == who):
            faults += _take(context, address, page, f"{width}-{scheme}", asked)
        context.close()
    return faults


def _open(browser: Browser, address: str, who: str, *, width: int, scheme: str, language: str) -> BrowserContext:
    context = browser.new_context(
        viewport={"width": width, "height": WIDTHS[width]},
        color_scheme="dark" if scheme == "dark" else "light",
        locale="de-DE",
        service_workers="block",
        bypass_csp=True,  # axe-core is put into the page
    )
    context.add_cookies([{"name": "language", "value": language, "url": address}])
    if who:
        _sign_in(context.new_page(), address, who)
    return context


def _sign_in(page: Page, address: str, who: str) -> None:
    """Demo mode lists its people as buttons."""
    page.goto(f"{address}/konto/anmelden/login/")
    page.locator(f"form:has(input[value^='{who}@']) button").first.click()
    page.wait_for_load_state()
    page.close()


def _take(context: BrowserContext, address: str, shot: Shot, look: str, asked: argparse.Namespace) -> list[str]:
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(f"{shot.name} {look}: {error}"))
    page.goto(address + shot.address)
    if shot.follow and page.locator(shot.follow).count():
        page.goto(address + str(page.locator(shot.follow).first.get_attribute("href")))
    page.wait_for_load_state("networkidle")
    if page.locator(".map").count():
        page.wait_for_timeout(2500)
    page.screenshot(path=SHOTS / f"{shot.name}-{look}.png", full_page=asked.full)
    if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        faults.append(f"{shot.name} {look}: scrolls sideways")
    faults += _axe(page, shot, look) if asked.check else []
    page.close()
    return faults


def _axe(page: Page, shot: Shot, look: str) -> list[str]:
    page.add_script_tag(path=str(AXE))
    found = page.evaluate("rules => axe.run(document, {runOnly: rules})", RULES)["violations"]
    return [f"{shot.name} {look}: {each['id']} {[node['target'] for node in each['nodes'][:3]]}" for each in found]


@contextmanager
def _installation(url: str | None) -> Iterator[str]:
    """The running one that was named, or one of our own with demo data in a folder that is thrown away."""
    if url:
        yield url.rstrip("/")
        return
    with tempfile.TemporaryDirectory(prefix="stadtkern-shots-") as data, socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        environment = os.environ | {"STADTKERN_DATA": data, "STADTKERN_PORT": str(port)}
        command = [str(Path(sys.executable).with_name("stadtkern")), "up", "--demo"]
        with subprocess.Popen(command, env=environment, cwd=ROOT) as process:
            try:
                _wait(f"http://127.0.0.1:{port}", process)
                yield f"http://127.0.0.1:{port}"
            finally:
                process.send_signal(signal.SIGINT)
                process.wait(60)


def _wait(address: str, process: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + 240
    while time.monotonic() < until and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{address}/health", timeout=5):
                return
        except OSError:
            time.sleep(0.5)
    raise SystemExit("The installation did not start.")


if __name__ == "__main__":
    sys.exit(main())
