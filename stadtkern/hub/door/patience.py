"""How long a body may take to arrive: one look a second at all that are arriving, instead of a timer for each."""

import asyncio
import time
from dataclasses import dataclass, field
from typing import Any

from stadtkern.core.problems import TooSlow

SECONDS = 30.0


@dataclass(slots=True)
class Patience:
    """Tasks that wait for a body, and since when. For one event loop."""

    seconds: float = SECONDS
    _since: "dict[asyncio.Task[Any], float]" = field(default_factory=dict)
    _ended: "set[asyncio.Task[Any]]" = field(default_factory=set)

    def begin(self) -> "asyncio.Task[Any]":
        """A body is waited for from now on; returns what the other two ask for."""
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 (a handler runs in a task)
        self._since[task] = time.monotonic()
        return task

    def explain(self, task: "asyncio.Task[Any]") -> None:
        """Raises TooSlow when it was cancelled because of that."""
        if task in self._ended and task.uncancel() == 0:
            raise TooSlow(f"It was not complete within {self.seconds:.0f} seconds.") from None

    def end(self, task: "asyncio.Task[Any]") -> None:
        self._since.pop(task, None)
        self._ended.discard(task)

    async def watch(self) -> None:
        """End those that take too long; runs until it is cancelled."""
        while True:
            await asyncio.sleep(min(1.0, self.seconds / 4))
            before = time.monotonic() - self.seconds
            for task in [task for task, since in self._since.items() if since < before]:
                self._ended.add(task)
                task.cancel()


PATIENCE = Patience()
