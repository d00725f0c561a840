"""Tests of the store that commit leave nothing behind."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from stadtkern.hub.domain.store import months

TABLES = "hub_observation, hub_hourly, hub_daily, hub_dirty_hour, hub_archived_span, hub_feature_use, "
TABLES += "hub_property_day, hub_property_stale"


@pytest.fixture
def committed(transactional_db: None, city: Any, settings: Any, tmp_path: Path) -> Iterator[None]:
    """A city whose tables are emptied afterwards, those of the store too; its archive is the test's own."""
    settings.HUB_ARCHIVE = tmp_path / "archive"
    yield
    months.forget()
    with connection.cursor() as cursor:
        cursor.execute(f"truncate {TABLES}")
