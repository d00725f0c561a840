"""Try again as long as the house is in the way: the broker keeps what waits meanwhile."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from stadtkern.core.problems import Unavailable

T = TypeVar("T")
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 15.0


async def again(attempt: Callable[[], Awaitable[T]]) -> T:
    """What `attempt()` brings; it is made again after each Unavailable."""
    pause = FIRST_PAUSE
    while True:
        try:
            return await attempt()
        except Unavailable:
            await asyncio.sleep(pause)
            pause = min(LONGEST_PAUSE, pause * 2)
