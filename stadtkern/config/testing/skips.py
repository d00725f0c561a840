"""In CI nothing that the lock files bring may be missing: a skip for its sake is a failure there.

A test that skips because of this machine (no real input beside the checkout, no rights to mount) may skip everywhere.
"""

import os
from collections.abc import Iterator
from typing import Any

import pytest

LOCKED = (
    *("could not import", "playwright is not", "no Chromium", "axe-core", "oidc-provider"),
    *("make develop", "build.mjs", "npm ci"),
)


def is_excused(reason: str) -> bool:
    """May a test skip for this reason where everything was installed?"""
    return not any(word in reason for word in LOCKED)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: Any, call: Any) -> Iterator[None]:
    outcome: Any = yield
    _judge(outcome.get_result())


@pytest.hookimpl(hookwrapper=True)
def pytest_make_collect_report(collector: Any) -> Iterator[None]:
    """A whole file may skip too, while it is read."""
    outcome: Any = yield
    _judge(outcome.get_result())


def _judge(report: Any) -> None:
    if os.environ.get("CI") != "true" or not report.skipped or hasattr(report, "wasxfail"):
        return
    reason = str(report.longrepr[2]) if isinstance(report.longrepr, tuple) else str(report.longrepr)
    if not is_excused(reason):
        report.outcome = "failed"
        report.longrepr = f"This may not be skipped in CI, the lock files bring it: {reason}"
