"""What goes into the image: all it needs, and nothing that is secret or belongs to one machine."""

import re
from fnmatch import fnmatch
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"


def sent(name: str) -> bool:
    """Does the builder see this file? As Docker reads .dockerignore: the last line that matches counts."""
    seen = True
    for line in (ROOT / ".dockerignore").read_text().splitlines():
        if line and not line.startswith("#") and _matches(name, line.removeprefix("!")):
            seen = line.startswith("!")
    return seen


def _matches(name: str, pattern: str) -> bool:
    """A pattern means a file or everything in a folder; `**/` stands for any folders or none."""
    parts = name.split("/")
    beginnings = ["/".join(parts[:count]) for count in range(1, len(parts) + 1)]
    if pattern.startswith("**/"):
        return any(fnmatch(part, pattern.removeprefix("**/")) for part in parts)
    return any(fnmatch(name, pattern) and name.count("/") == pattern.count("/") for name in beginnings)


def copied() -> set[str]:
    """What the Dockerfile takes from the checkout."""
    found: set[str] = set()
    for line in (DEPLOY / "Dockerfile").read_text().splitlines():
        if line.startswith("COPY ") and "--from" not in line:
            found |= set(line.split()[1:-1])
    return found


@pytest.mark.parametrize(
    "name",
    [
        ".data/secret-key",
        ".data/postgres/PG_VERSION",
        ".git/config",
        ".venv/bin/python",
        "deploy/secrets/secret_key",
        "node_modules/axe-core/axe.min.js",
        "stadtkern/static_built/core/core.js",
        "stadtkern/core/__pycache__/x.pyc",
        "stadtkern/.env",
        ".env",
        "backup.tar",
    ],
)
def test_secrets_data_and_what_was_built_here_stay_outside(name):
    assert not sent(name)


def test_everything_that_is_copied_is_there_and_nothing_is_copied_blindly():
    names = copied()
    assert "." not in names
    for name in names:
        assert (ROOT / name).exists(), name
        assert sent(name), name
    for name in (
        "stadtkern/config/settings.py",
        "cities/bochum/city.toml",
        "tools/build.mjs",
        "requirements/main.lock",
    ):
        assert sent(name)
        assert any(name == whole or name.startswith(f"{whole}/") for whole in names)


def test_no_secret_is_committed_by_mistake():
    ignored = (ROOT / ".gitignore").read_text().split()
    folders = {Path(path).parent for path in re.findall(r"\bfile: (\S+)", (DEPLOY / "compose.yaml").read_text())}
    assert folders == {Path("secrets")}
    assert {"deploy/secrets/", "deploy/.env", ".data/"} <= set(ignored)
