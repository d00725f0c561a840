"""Lighthouse's marks for the main pages, on the phone it simulates; installed by `make bench` beside the bench."""

import contextlib
import json
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from bench.server import Server

PROGRAM = Path(__file__).parent / "node_modules" / ".bin" / "lighthouse"
CATEGORIES = ("performance", "accessibility", "best-practices")
LEAST = 95
RUNS = 3  # its figures vary between runs: the one in the middle counts
CHROMIUM = "--headless=new --no-sandbox --disable-gpu --disable-background-networking --disable-component-update"


@dataclass(frozen=True)
class Marks:
    """Marks of 0 to 100 by category, and the audits that cost some."""

    path: str
    scores: dict[str, int]
    lost: dict[str, list[str]]


def mark(server: Server, paths: list[str]) -> list[Marks]:
    """Empty when Lighthouse or Chromium is not installed."""
    if not PROGRAM.is_file() or not shutil.which("chromium"):
        return []
    return [_middle([_marks(path, _report(server.address + path)) for _ in range(RUNS)]) for path in paths]


def _middle(marks: list[Marks]) -> Marks:
    return sorted(marks, key=lambda each: each.scores["performance"])[len(marks) // 2]


def _report(address: str) -> dict[str, dict[str, dict[str, object]]]:
    """One run; now and then Chromium gives it no trace (NO_NAVSTART), so it is asked again."""
    for _ in range(RUNS - 1):
        with contextlib.suppress(subprocess.CalledProcessError):
            return _run(address)
    return _run(address)


def _run(address: str) -> dict[str, dict[str, dict[str, object]]]:
    with tempfile.TemporaryDirectory() as folder:
        written = Path(folder) / "report.json"
        command = [
            str(PROGRAM),
            address,
            "--quiet",
            "--output=json",
            f"--output-path={written}",
            f"--only-categories={','.join(CATEGORIES)}",
            f"--chrome-flags={CHROMIUM}",
        ]
        environment = os.environ | {"CHROME_PATH": str(shutil.which("chromium"))}
        subprocess.run(command, env=environment, check=True, timeout=300)
        return json.loads(written.read_text())  # type: ignore[no-any-return]


def _marks(path: str, report: dict[str, dict[str, dict[str, object]]]) -> Marks:
    found = report["categories"]
    scores = {name: round(100 * float(found[name]["score"] or 0)) for name in CATEGORIES}  # type: ignore[arg-type]
    return Marks(path, scores, {name: _lost(report, name) for name in CATEGORIES})


def _lost(report: dict[str, dict[str, dict[str, object]]], category: str) -> list[str]:
    """The audits of a category with weight that are not perfect."""
    references: list[dict[str, object]] = report["categories"][category]["auditRefs"]  # type: ignore[assignment]
    weighty = [str(one["id"]) for one in references if one["weight"]]
    scores = {name: report["audits"][name]["score"] for name in weighty}
    return [f"{name} {score}" for name, score in scores.items() if score is not None and float(score) < 1]  # type: ignore[arg-type]
