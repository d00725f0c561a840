"""No registry address, no download address and no path of somebody's machine in a tracked file.

Lock files are made without them; one that slips in would tie every installation to that registry.
"""

import os
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parents[1]
FORBIDDEN = {
    "a Python registry": r"pythonhosted\.org|pypi\.(org|python\.org)/(simple|packages|pypi)",
    "an npm registry": r"registry\.(npmjs|yarnpkg|npmmirror)\.",
    "a package index option": r"^\s*[^#`]*--(extra-)?index-url\b|^\s*--find-links\b|^\s*(extra-)?index-url\s*=",
    "a registry setting": r"^\s*(@[\w-]+:)?registry\s*=\s*https?:",
    "a download address in a lock file": r"\"resolved\":\s*\"https?:",
}
# Files that must name the patterns in order to look for them or to explain them.
EXEMPT = {"tools/check_addresses.py", "tests/operations/test_checks.py"}
LOCKS = re.compile(r"(^|/)requirements/.*\.lock$")
MACHINE_VARIABLES = ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS", "UV_INDEX_URL", "npm_config_registry")
HARMLESS_HOSTS = {"localhost", "127.0.0.1", "pypi.org", ""}


def faults(name: str, text: str, machine: set[str] = frozenset()) -> list[str]:
    """Every finding of one file as `file:line: what`."""
    found = []
    for number, line in enumerate(text.splitlines(), start=1):
        for what, pattern in FORBIDDEN.items():
            if re.search(pattern, line):
                found.append(f"{name}:{number}: {what}")
        if LOCKS.search(name) and re.search(r"https?://|@ file:", line):
            found.append(f"{name}:{number}: an address in a lock file")
        found += [f"{name}:{number}: belongs to one machine only" for word in machine if word in line]
    return found


def of_this_machine() -> set[str]:
    """Hosts that this machine's package tools are set to, and the checkout's own path, if long enough to tell."""
    settings = [os.environ.get(name, "") for name in MACHINE_VARIABLES]
    settings += [_output("npm", "config", "get", "registry"), _output(sys.executable, "-m", "pip", "config", "list")]
    addresses = re.findall(r"https?://[^\s'\"]+", " ".join(settings))
    hosts = {urlsplit(address).hostname or "" for address in addresses} - HARMLESS_HOSTS
    path = str(ROOT)
    return hosts | ({path + "/"} if path.count("/") > 1 else set())


def _output(*command: str) -> str:
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=30, check=False).stdout
    except (OSError, subprocess.TimeoutExpired):
        return ""


def tracked() -> list[Path]:
    names = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / name for name in names.split("\0") if name]


def main() -> int:
    machine = of_this_machine()
    found: list[str] = []
    for path in tracked():
        name = str(path.relative_to(ROOT))
        if name in EXEMPT or not path.is_file() or b"\0" in (content := path.read_bytes())[:8000]:
            continue
        found += faults(name, content.decode("utf-8", "replace"), machine)
    print("\n".join(found) or "no registry address in any tracked file")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
