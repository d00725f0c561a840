"""The handbook cannot lie: its tables are the code's."""

import re
from pathlib import Path

import pytest

from tools import handbook

TESTED = (handbook.ROOT, handbook.ROOT / "stadtkern")


@pytest.mark.parametrize("name", sorted(handbook.PAGES))
def test_the_page_is_what_the_code_says(name):
    page = handbook.BOOK / f"{name}.md"
    assert page.is_file(), f"run tools/handbook.py: {page.name} is missing"
    assert page.read_text(encoding="utf-8") == handbook.written(name), f"run tools/handbook.py: {name}.md is old"


def test_every_command_is_in_the_operators_page():
    from stadtkern.config import cli

    page = (handbook.BOOK / "operating.md").read_text(encoding="utf-8")
    missing = [name for name in cli.COMMANDS if f"stadtkern {name}" not in page]
    assert not missing


def test_every_dependency_has_its_line():
    wanted = [
        line.split("[")[0].split("~")[0].strip()
        for line in (handbook.ROOT / "requirements" / "main.in").read_text().splitlines()
        if line and not line.startswith("#")
    ]
    page = (handbook.ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    assert [name for name in wanted if name not in page] == []


def pages() -> list[Path]:
    return [handbook.ROOT / "README.md", *handbook.ROOT.glob("docs/**/*.md"), *handbook.ROOT.glob("deploy/*.md")]


def test_every_link_between_pages_leads_somewhere():
    dead = []
    for page in pages():
        for target in re.findall(r"\]\((?!https?:|mailto:|#)([^)#\s]+)", page.read_text(encoding="utf-8")):
            if not (page.parent / target).exists():
                dead.append(f"{page.name}: {target}")
    assert dead == []


def test_every_make_target_that_is_named_exists():
    targets = set(re.findall(r"^([a-z-]+):", (handbook.ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {name for page in pages() for name in re.findall(r"`make ([a-z-]+)", page.read_text(encoding="utf-8"))}
    assert named - targets == set()


def test_every_test_that_the_standards_name_exists():
    page = (handbook.BOOK / "standards.md").read_text(encoding="utf-8")
    named = re.findall(r"`((?:tests|\w+/tests)/[\w/]+(?:\.py|/))`", page)
    assert len(named) > 15
    assert [name for name in named if not any((root / name).exists() for root in TESTED)] == []


def test_decisions_are_numbered_without_gaps():
    numbers = sorted(int(path.name[:4]) for path in (handbook.ROOT / "docs" / "adr").glob("*.md"))
    assert numbers == list(range(1, len(numbers) + 1))


def test_no_route_vanished():
    """Addresses once published stay; a route that goes needs a redirect and then leaves docs/routes.txt."""
    known = (handbook.ROOT / "docs" / "routes.txt").read_text().split()
    now = {address for address, _name in handbook.routes()}
    assert [address for address in known if address not in now] == []
