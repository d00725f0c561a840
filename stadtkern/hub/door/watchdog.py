"""Ends the process when its writer or its event loop hangs: whoever started it (granian, the family) begins anew.

Nothing is lost by that: what was answered with 201 is committed, what was not is sent again.
"""

import asyncio
import logging
import os
import threading
import time
from collections.abc import Callable

from stadtkern.hub.door.commit import GroupCommit

LOOK_EVERY = 1.0
SLOW_AFTER = 10.0  # seconds in one group; health says so
END_AFTER = 60  # looks in a row; counted, not timed, so that a process that was stopped as a whole goes on
HUNG = 70  # exit code
log = logging.getLogger("stadtkern.door")


class Watchdog:
    """A thread of its own looks; `end` is what it does at last."""

    def __init__(
        self, commit: GroupCommit, *, end_after: int = END_AFTER, end: Callable[[int], object] = os._exit
    ) -> None:
        self._commit, self._end_after, self._end = commit, end_after, end
        self._beats = self._silent = self._busy = 0
        self._stopped = threading.Event()

    @property
    def is_slow(self) -> bool:
        """The writer hangs, or nearly."""
        return self._commit.busy_seconds > SLOW_AFTER

    def start(self) -> None:
        """Begin; call it on the event loop."""
        self._loop = asyncio.get_running_loop()
        threading.Thread(target=self._watch, name="hub-door-watchdog", daemon=True).start()

    def stop(self) -> None:
        self._stopped.set()

    def _watch(self) -> None:
        while not self._stopped.wait(LOOK_EVERY):
            self._look()
            if max(self._silent, self._busy) >= self._end_after:
                what = "writer" if self._busy >= self._silent else "event loop"
                log.critical("door: the %s hangs; ending to begin anew", what)
                self._end(HUNG)

    def _look(self) -> None:
        before = self._beats
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._beat)
            time.sleep(min(LOOK_EVERY / 4, 0.25))
        self._silent = self._silent + 1 if self._beats == before else 0
        self._busy = self._busy + 1 if self.is_slow else 0

    def _beat(self) -> None:
        self._beats += 1
