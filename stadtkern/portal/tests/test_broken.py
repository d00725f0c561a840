"""When the database is down a reader still gets a whole page, in their language, and a machine its JSON."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connections

from stadtkern.core.testing.visitor import Visitor


@pytest.fixture
def database_down(django_db_blocker: Any) -> Iterator[None]:
    """A connection to a server that is not there."""
    real = connections["default"]
    broken = real.copy()
    broken.settings_dict |= {"HOST": "/nowhere", "PORT": "1"}
    connections["default"] = broken
    with django_db_blocker.unblock():
        yield
    connections["default"] = real


@pytest.fixture
def reader() -> Visitor:
    """Somebody with a session, which cannot be read now."""
    reader = Visitor(raise_request_exception=False)
    reader.cookies["sessionid"] = "a" * 32
    return reader


@pytest.mark.usefixtures("database_down")
@pytest.mark.parametrize("path", ["/", "/meldungen/", "/desk/meldungen/", "/konto/", "/gibt-es-nicht/"])
def test_a_page_is_shown_with_the_database_down(reader, path):
    answer = reader.get(path)
    page = answer.content.decode()
    assert (answer.status_code, "Das liegt an uns" in page) == (500, True)
    assert f'href="{path}"' in page
    assert answer.headers["Cache-Control"] == "private, no-store"


@pytest.mark.usefixtures("database_down")
@pytest.mark.parametrize(("language", "direction"), [("ar", "rtl"), ("tr", "ltr"), ("de-simple", "ltr")])
def test_it_speaks_the_readers_language(reader, language, direction):
    reader.cookies["language"] = language
    assert f'<html lang="{language}" dir="{direction}">' in reader.get("/").content.decode()


@pytest.mark.usefixtures("database_down")
def test_a_machine_gets_a_problem(reader):
    answer = reader.get("/konto/", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.headers["Content-Type"]) == (500, "application/problem+json")
    assert answer.json()["status"] == 500
