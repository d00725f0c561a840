"""The threads of an Ingest that a test has made: their connections must not outlive it."""

import asyncio
import threading

from django.db import connections

from stadtkern.hub.door.ingest import Ingest

THREADS = 2


async def close_threads(ingest: Ingest) -> None:
    """Each thread closes its own connection; the barrier sees to it that each one does."""
    both = threading.Barrier(THREADS, timeout=10)

    def close() -> None:
        both.wait()
        connections.close_all()

    await asyncio.gather(*[ingest.reading.ask(close) for _ in range(THREADS)])
    ingest.reading.stop()
