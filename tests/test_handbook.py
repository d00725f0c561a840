"""The handbook cannot lie: its tables are the code's."""

import pytest

from tools import handbook


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


def test_no_route_vanished():
    """Addresses once published stay; a route that goes needs a redirect and then leaves docs/routes.txt."""
    known = (handbook.ROOT / "docs" / "routes.txt").read_text().split()
    now = {address for address, _name in handbook.routes()}
    assert [address for address in known if address not in now] == []
