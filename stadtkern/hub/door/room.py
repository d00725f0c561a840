"""Memory is bounded: how many bytes of bodies may be here at all, and how many of them are being worked on."""

import asyncio
from collections import deque
from dataclasses import dataclass, field

from stadtkern.core.problems import Unavailable

FULL = "Too much arrives at once."


@dataclass(slots=True)
class Room:
    """So many bytes at once; who does not fit waits in line for a while. One body that is larger than all comes alone.

    For one event loop.
    """

    most: int
    patience: float
    used: int = 0
    _line: "deque[tuple[int, asyncio.Future[None]]]" = field(default_factory=deque)

    def take(self, size: int) -> None:
        """Raises Unavailable when it does not fit now."""
        if self.used and self.used + size > self.most:
            raise Unavailable(FULL, retry_after=1)
        self.used += size

    async def enter(self, size: int) -> None:
        """Wait in line. Raises Unavailable when patience ends."""
        if not self._line and self._fits(size):
            self.used += size
            return
        called: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._line.append((size, called))
        try:
            async with asyncio.timeout(self.patience):
                await called
        except BaseException as error:
            self._give_up(size, called)
            if isinstance(error, TimeoutError):
                raise Unavailable(FULL, retry_after=2) from None
            raise

    def leave(self, size: int) -> None:
        self.used -= size
        self._call()

    def _call(self) -> None:
        while self._line and self._fits(self._line[0][0]):
            waiting, called = self._line.popleft()
            if not called.done():
                self.used += waiting
                called.set_result(None)

    def _fits(self, size: int) -> bool:
        return not self.used or self.used + size <= self.most

    def _give_up(self, size: int, called: "asyncio.Future[None]") -> None:
        if called.done() and not called.cancelled():  # called in the same moment
            self.leave(size)
        elif (size, called) in self._line:  # whoever stands behind may fit
            self._line.remove((size, called))
            self._call()
