"""Fixtures of threads' tests."""

from collections.abc import Iterator

import pytest
from django.db import connection


@pytest.fixture
def own_queue(transactional_db: None) -> Iterator[None]:
    """For tests that commit: no job of theirs is left to others (Django does not empty procrastinate's tables)."""
    _empty()
    yield
    _empty()


def _empty() -> None:
    with connection.cursor() as cursor:
        cursor.execute("truncate procrastinate_jobs, procrastinate_events, procrastinate_periodic_defers")
