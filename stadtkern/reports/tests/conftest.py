"""Fixtures of the reports' tests."""

import pytest


@pytest.fixture(autouse=True)
def _in_a_city(request: pytest.FixtureRequest) -> None:
    """Reports need categories and houses: a test that uses the tables finds the pack in them."""
    if request.node.get_closest_marker("django_db"):
        request.getfixturevalue("city")
