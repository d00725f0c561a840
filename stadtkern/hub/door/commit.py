"""Many small writes, one COMMIT, an honest answer to each.

Two lanes write (lane.py): while the database is busy with one's rows, the other makes its own ready. Small entries keep
to the first, so that many of them share a transaction; large ones go where less waits. What waits is bounded by rows;
beyond, the answer is 503 at once.
"""

import asyncio
from collections.abc import Sequence
from typing import Any

from stadtkern.core.problems import Unavailable
from stadtkern.hub.door.entry import Entry
from stadtkern.hub.door.lane import Lane

MOST_IN_A_GROUP = 5_000
MOST_HELD = 60_000  # about 25 MB
LARGE = 200  # rows of an entry
FULL = "Too many values wait to be written."


class GroupCommit:
    """The lanes and what is in them. All of it belongs to one event loop."""

    def __init__(self, dsn: str, *, most: int = MOST_IN_A_GROUP, held: int = MOST_HELD, lanes: int = 2) -> None:
        self._lanes = [Lane(dsn, most=most, done=self._tell_later) for _ in range(lanes)]
        self._held = [0] * lanes
        self._most_held = held
        self._claims: dict[int, tuple[int, int]] = {}

    @property
    def held(self) -> int:
        """Values that wait or are being written, and one for each entry."""
        return sum(self._held)

    @property
    def groups(self) -> int:
        """Transactions so far, more or less: a group with a wrong entry takes several."""
        return sum(lane.groups for lane in self._lanes)

    @property
    def busy_seconds(self) -> float:
        """How long the slowest lane has been writing what it is writing now."""
        return max(lane.busy_seconds for lane in self._lanes)

    def start(self) -> None:
        """Begin; call it on the event loop."""
        self._loop = asyncio.get_running_loop()
        for lane in self._lanes:
            lane.start()

    async def stop(self, seconds: float = 5.0) -> None:
        """Write what waits, then end."""
        for lane in self._lanes:
            lane.end()
        for lane in self._lanes:
            await asyncio.to_thread(lane.join, seconds)

    async def add(self, entry: Entry) -> Any:
        """Wait until the entry is committed. Raises Unavailable when too much waits, or the entry's own error."""
        size = len(entry.samples) + 1
        held = self.held
        if held and held + size > self._most_held:
            raise Unavailable(FULL, retry_after=1)
        entry.told = self._loop.create_future()
        entry.lane = self._choose(entry)
        self._held[entry.lane] += size
        self._lanes[entry.lane].put(entry)
        return await entry.told

    def _choose(self, entry: Entry) -> int:
        """The lane that already has something large for one of the datastreams: two would wait for each other."""
        large = len(entry.samples) >= LARGE
        if not large and not self._claims:
            return 0
        streams = {sample.datastream_id for sample in entry.samples}
        claimed = [self._claims[id][0] for id in streams if id in self._claims]
        lane = claimed[0] if claimed else self._held.index(min(self._held)) if large else 0
        if large:
            entry.streams = streams
            for id in streams:
                self._claims[id] = (lane, self._claims.get(id, (lane, 0))[1] + 1)
        return lane

    def _tell_later(self, group: Sequence[Entry]) -> None:
        """Called in a lane's thread."""
        self._loop.call_soon_threadsafe(self._tell, group)

    def _tell(self, group: Sequence[Entry]) -> None:
        for entry in group:
            self._held[entry.lane] -= len(entry.samples) + 1
            self._release(entry)
            if entry.told is None or entry.told.done():  # the caller has left
                continue
            if isinstance(entry.outcome, Exception):
                entry.told.set_exception(entry.outcome)
            else:
                entry.told.set_result(entry.outcome)

    def _release(self, entry: Entry) -> None:
        for id in entry.streams:
            lane, count = self._claims[id]
            if count > 1:
                self._claims[id] = (lane, count - 1)
            else:
                del self._claims[id]
