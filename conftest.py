"""Fixtures for every test of the project (see stadtkern/core/testing/)."""

pytest_plugins = [
    "stadtkern.config.testing.fixtures",
    "stadtkern.config.testing.browser",
    "stadtkern.config.testing.skips",
]
