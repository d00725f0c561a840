"""Background work on procrastinate: a job deferred in a transaction exists exactly when the change does."""

from collections.abc import Callable
from typing import Any

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.tasks import Task


def job(
    name: str, *, retry: int = 5, queue: str = "default", wait: int = 4
) -> Callable[[Callable[..., None]], Task[..., None, ...]]:
    """Make a function a job: call `.defer(**plain_values)` to have it done later.

    A failed run is tried again after wait**n seconds (4, 16, 64 ...), `retry` times; then an operator sees it.
    """
    again = RetryStrategy(max_attempts=retry, exponential_wait=wait) if retry else False

    def wrap(function: Callable[..., None]) -> Any:
        return app.task(name=name, queue=queue, retry=again)(function)

    return wrap


def every(cron: str, name: str) -> Callable[[Callable[[], None]], Any]:
    """Run a function by the clock (UTC); two workers never run the same turn."""

    def wrap(function: Callable[[], None]) -> Any:
        def turn(timestamp: int) -> None:
            function()

        task = app.task(name=name, queue="schedule", queueing_lock=name, pass_context=False)(turn)
        return app.periodic(cron=cron, periodic_id=name)(task)

    return wrap


def nightly(name: str) -> Callable[[Callable[[], None]], Any]:
    """Run a function once a night, at 02:10 UTC."""
    return every("10 2 * * *", name)
