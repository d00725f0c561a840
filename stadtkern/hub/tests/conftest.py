"""What every test of the hub needs."""

import pytest

from stadtkern.hub.domain.store import months


@pytest.fixture(autouse=True)
def _forget_partitions() -> None:
    """A partition that an earlier test has made went with its transaction."""
    months.forget()
