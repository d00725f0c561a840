"""`make check`: every check that needs no database, each with its time; the output of those that fail."""

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
MOST_LINES = 80


@dataclass(frozen=True)
class Check:
    says: str
    command: list[str]


def checks() -> list[Check]:
    python = str(BIN / "python")
    listed = [
        Check("types", [str(BIN / "mypy"), "stadtkern"]),
        Check("lint", [str(BIN / "ruff"), "check", "."]),
        Check("format", [str(BIN / "ruff"), "format", "--check", "."]),
        Check("imports only go down", [str(BIN / "lint-imports"), "--no-cache"]),
        Check("sizes, no junk drawers", [python, "tools/check_sizes.py"]),
        Check("no registry addresses", [python, "tools/check_addresses.py"]),
        Check("migrations complete", [python, "tools/check_migrations.py"]),
    ]
    if (ROOT / "tools" / "messages.py").exists():
        listed.append(Check("translations complete", [python, "tools/messages.py", "check"]))
    return listed


def perform(check: Check) -> bool:
    begun = time.monotonic()
    done = subprocess.run(check.command, cwd=ROOT, capture_output=True, text=True, check=False)
    took = time.monotonic() - begun
    mark = "ok    " if done.returncode == 0 else "FAILED"
    print(f"{mark} {check.says}  {took:.1f} s", flush=True)
    if done.returncode:
        print(_beginning(f"{done.stdout}{done.stderr}"), flush=True)
    return done.returncode == 0


def _beginning(text: str) -> str:
    lines = text.rstrip().splitlines()
    more = [f"... and {len(lines) - MOST_LINES} lines more"] if len(lines) > MOST_LINES else []
    return "\n".join(lines[:MOST_LINES] + more)


def main() -> int:
    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(perform, checks()))
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
