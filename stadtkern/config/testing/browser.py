"""One real Chromium for every test that needs one.

Playwright keeps an event loop running in the thread of the tests, where nothing else may start one: so the browser
ends with its module, and what comes after finds the thread as it was.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[3]
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
BUILT = ROOT / "stadtkern" / "static_built" / "core" / "core.js"
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Chromium, driven by Playwright; without it, axe-core or the built assets the tests skip and say so."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if not Path(CHROMIUM).exists():
        pytest.skip(f"no Chromium at {CHROMIUM} (say where by CHROMIUM)")
    for needed in (BUILT, AXE):
        if not needed.is_file():
            pytest.skip(f"{needed.relative_to(ROOT)} is not there (make develop)")
    with pytest.MonkeyPatch.context() as patch, playwright.sync_playwright() as running:
        # Playwright's loop makes Django careful; the test waits for it anyway.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        chromium = running.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield chromium
        chromium.close()
