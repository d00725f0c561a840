"""Loaded by pytest before the settings: the embedded PostgreSQL, unless DATABASE_URL names another one."""

import os
from pathlib import Path

import hypothesis

ROOT = Path(__file__).resolve().parents[3]

os.environ.setdefault("STADTKERN_SECRET_KEY", "only-for-tests-never-for-a-city-change-me-0123456789")
DATA = Path(os.environ.setdefault("STADTKERN_DATA", str(ROOT / ".data" / "tests")))
# What processes of one installation tell each other by files, runs side by side must not hear.
os.environ["STADTKERN_DATA"] = str(DATA / os.environ.get("PYTEST_XDIST_WORKER", ""))
if not os.environ.get("DATABASE_URL"):
    from stadtkern.config.run import postgres

    os.environ["DATABASE_URL"] = postgres.ensure(ROOT / ".data" / "test-postgres", durable=False)
# Every run has a database of its own, so runs side by side do not meet.
os.environ.setdefault("STADTKERN_TEST_DATABASE", f"test_stadtkern_{os.getpid()}")

# A test's time says something of the machine, not of the code: speed belongs into the bench.
hypothesis.settings.register_profile("house", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("house")
