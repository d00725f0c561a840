"""One LISTEN connection for what the hub's tables tell (hub_changed, hub_recorded)."""

import asyncio
import logging
from collections.abc import Callable, Mapping

import psycopg
from psycopg import sql

LONGEST_PAUSE = 15.0
QUIET = 30.0  # seconds without a notice after which the connection is tried
Heard = Callable[[str], None]
log = logging.getLogger("stadtkern.door")


async def listen(dsn: str, channels: Mapping[str, Heard], *, missed: Callable[[], None]) -> None:
    """Call `channels[channel](payload)` for every notice, for ever; `missed()` whenever some may have been lost.

    Runs until it is cancelled. When the database goes away it comes back with growing pauses.
    """
    pause = 0.5
    while True:
        try:
            async for channel, payload in _notices(dsn, channels, missed):
                pause = 0.5
                channels[channel](payload)
        except (psycopg.Error, OSError) as error:
            log.warning("door: not listening", extra={"error": type(error).__name__})
        await asyncio.sleep(pause)
        pause = min(LONGEST_PAUSE, pause * 2)


async def _notices(dsn: str, channels: Mapping[str, Heard], missed: Callable[[], None]):  # type: ignore[no-untyped-def]
    connection = await psycopg.AsyncConnection.connect(
        dsn, autocommit=True, connect_timeout=5, application_name="stadtkern-door-listener"
    )
    async with connection:
        for channel in channels:
            await connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(channel)))
        missed()
        while True:
            async for notice in connection.notifies(timeout=QUIET):
                yield notice.channel, notice.payload
            await connection.execute("SELECT 1")  # a connection that died silently is noticed here
