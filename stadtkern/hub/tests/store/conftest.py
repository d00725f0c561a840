"""Tests of the store that commit leave nothing behind; and all of them can be run on distributed tables."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from stadtkern.hub.domain.store import distributing, months


@pytest.fixture
def committed(transactional_db: None, city: Any, settings: Any, tmp_path: Path) -> Iterator[None]:
    """A city whose tables are emptied afterwards; its archive is the test's own."""
    settings.HUB_ARCHIVE = tmp_path / "archive"
    yield
    months.forget()


@pytest.fixture(scope="session", autouse=True)
def _distributed(request: pytest.FixtureRequest) -> None:
    """STADTKERN_TEST_DISTRIBUTED (test_distributing.py sets it): the test database's tables become Citus tables."""
    if not os.environ.get("STADTKERN_TEST_DISTRIBUTED"):
        return
    request.getfixturevalue("django_db_setup")
    with request.getfixturevalue("django_db_blocker").unblock():
        with connection.cursor() as cursor:
            cursor.execute("create extension if not exists citus")
            port = int(connection.settings_dict["PORT"] or 5432)
            cursor.execute("select citus_set_coordinator_host('localhost', %s)", [port])
            cursor.execute("select citus_set_node_property('localhost', %s, 'shouldhaveshards', true)", [port])
        distributing.distribute()
