"""The settings of the house, plus one job that takes its time (for the test that kills a worker in it)."""

from stadtkern.config.settings import *  # noqa: F403

PROCRASTINATE_IMPORT_PATHS = ["stadtkern.core.jobs", "tests.operations.slow_job"]
