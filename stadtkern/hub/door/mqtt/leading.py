"""Of several doors one leads: a lock of the database that ends with the connection that holds it."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress

import psycopg

LOCK = 7_031_985
LOOK_EVERY = 3.0
PAUSE = 2.0
log = logging.getLogger("stadtkern.door")


async def lead(dsn: str, work: Callable[[], Awaitable[None]]) -> None:
    """Run `work()` while this process leads, for ever; what it raises is raised."""
    while True:
        try:
            async with await _connected(dsn) as connection:
                while not await _is_leader(connection):
                    await asyncio.sleep(LOOK_EVERY)
                await _work_while_connected(connection, work)
        except (psycopg.Error, OSError) as error:
            log.warning("mqtt: cannot ask who leads", extra={"error": type(error).__name__})
        await asyncio.sleep(PAUSE)


async def _connected(dsn: str) -> "psycopg.AsyncConnection[tuple[bool]]":
    network = {"connect_timeout": 5, "keepalives_idle": 10, "keepalives_interval": 5, "tcp_user_timeout": 20_000}
    connect = psycopg.AsyncConnection.connect
    return await connect(dsn, autocommit=True, application_name="stadtkern-door-leader", **network)  # type: ignore


async def _is_leader(connection: "psycopg.AsyncConnection[tuple[bool]]") -> bool:
    row = await (await connection.execute("select pg_try_advisory_lock(%s)", [LOCK])).fetchone()
    return bool(row and row[0])


async def _work_while_connected(
    connection: "psycopg.AsyncConnection[tuple[bool]]", work: Callable[[], Awaitable[None]]
) -> None:
    working = asyncio.ensure_future(work())
    try:
        while not working.done():
            await asyncio.wait({working}, timeout=LOOK_EVERY)
            await connection.execute("select 1")
    finally:
        working.cancel()
        with suppress(asyncio.CancelledError):
            await working
