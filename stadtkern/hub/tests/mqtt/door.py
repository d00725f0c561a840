"""The door's part at the broker, in a thread with a loop of its own: as in the door, but in the process of the test."""

import asyncio
import threading
from contextlib import suppress

from stadtkern.hub.door.ingest import Ingest
from stadtkern.hub.door.mqtt import task
from stadtkern.hub.tests.door_threads import close_threads


class Door:
    """Begins at once; `stop` ends it in order, without a word to the broker beyond the connection's end."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._loop = asyncio.new_event_loop()
        self._end = asyncio.Event()
        self._failed: BaseException | None = None
        self._thread = threading.Thread(target=self._live, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._end.set)
        self._thread.join(30)
        assert not self._thread.is_alive()
        if self._failed:
            raise self._failed

    def _live(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._serve())

    async def _serve(self) -> None:
        ingest = Ingest(self._dsn)
        ingest.commit.start()
        staying = asyncio.create_task(task.stay_at_broker(ingest))
        ending = asyncio.create_task(self._end.wait())
        await asyncio.wait({staying, ending}, return_when=asyncio.FIRST_COMPLETED)
        if staying.done() and not staying.cancelled():
            self._failed = staying.exception()
        staying.cancel()
        with suppress(asyncio.CancelledError, Exception):
            await staying
        await ingest.commit.stop()
        await close_threads(ingest)
