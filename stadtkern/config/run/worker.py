"""The worker: does the jobs of the queue, and takes over those of a worker that died in one."""

import asyncio
import logging
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.db import close_old_connections
from procrastinate import App

from stadtkern.config.run import tether

DEAD_AFTER = settings.WORKER_TIMEOUT
BEAT = DEAD_AFTER / 4
LOOK_EVERY = DEAD_AFTER / 2
LOOKS_PER_HOUR = 3600 / LOOK_EVERY
DONE_JOBS_KEPT = 72  # hours; failed jobs stay until an operator decides
log = logging.getLogger("stadtkern.worker")


def work(*, concurrency: int = 4, once: bool = False) -> None:
    """Do jobs until told to end (SIGTERM, SIGINT); with `once`, until the queue is empty.

    Django must be set up. A running job gets 10 seconds to finish; one that was cut off is done again.
    """
    from procrastinate.contrib.django import app

    tether.outlive_head_by(12)
    connector = app.connector.get_worker_connector()  # type: ignore[attr-defined]
    with app.replace_connector(connector) as ready:
        asyncio.run(_work(ready, concurrency=concurrency, once=once))


async def _work(app: App, *, concurrency: int, once: bool) -> None:
    async with app.open_async():
        await app.job_manager.prune_stalled_workers(DEAD_AFTER)
        await rescue(app)
        helper = asyncio.create_task(_keep_rescuing(app))
        try:
            await app.run_worker_async(
                concurrency=concurrency,
                wait=not once,
                shutdown_graceful_timeout=10,
                update_heartbeat_interval=BEAT,
                stalled_worker_timeout=DEAD_AFTER,
                task_middleware=[fresh_connections],
                delete_jobs="successful",  # what is done keeps no address or code behind
            )
        finally:
            helper.cancel()


def fresh_connections(call_next: Any, context: Any, worker: Any) -> Any:
    """A job never inherits a database connection that has gone away, and leaves none open for long."""
    close_old_connections()
    try:
        return call_next()
    finally:
        close_old_connections()


async def _keep_rescuing(app: App) -> None:
    rounds = 0
    while True:
        await asyncio.sleep(LOOK_EVERY)
        try:
            await rescue(app)
            if rounds % LOOKS_PER_HOUR < 1:
                await app.job_manager.delete_old_jobs(nb_hours=DONE_JOBS_KEPT)
        except Exception:
            log.exception("could not look for jobs of dead workers; trying again")
        rounds += 1


async def rescue(app: App) -> int:
    """Put jobs of workers without a heartbeat back into the queue; returns how many."""
    stalled = list(await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=DEAD_AFTER))
    for job in stalled:
        log.warning("a worker died in a job, it is done again", extra={"job": job.id, "task": job.task_name})
        await app.job_manager.retry_job(job, retry_at=datetime.now(UTC))
    return len(stalled)
