"""The gate: the one way for values into the store, for HTTP, MQTT and webhooks alike.

streams = await gate.streams(writer, {7})
done = await gate.add([sample_of(streams[7], result=21.5, start=moment)], writer)  # returns after COMMIT
"""

from collections.abc import Collection, Sequence
from typing import Any

from stadtkern.core.problems import BadInput, NotFound
from stadtkern.hub.domain.connection import here
from stadtkern.hub.domain.readers import Reader
from stadtkern.hub.domain.store import months
from stadtkern.hub.domain.store.ids import month_of
from stadtkern.hub.domain.store.port import Appended, BeyondTime, Sample
from stadtkern.hub.domain.streams import Stream, Streams, read_streams
from stadtkern.hub.door.commit import GroupCommit
from stadtkern.hub.door.entry import Entry, Token
from stadtkern.hub.door.reading import Reading


class Gate:
    """Datastreams as a writer sees them, and the queue to the writing thread. Lives on one event loop."""

    def __init__(self, commit: GroupCommit, reading: Reading) -> None:
        self._commit, self._reading = commit, reading
        self._streams = Streams()

    async def streams(self, writer: Reader, ids: Collection[int]) -> dict[int, Stream]:
        """The datastreams among `ids` that this writer may add values to. Raises Unavailable."""
        found, missing = self._streams.held(writer, ids)
        if missing:
            fresh = await self._reading.ask(lambda: read_streams(here(), writer, missing))
            self._streams.keep(writer, fresh)
            found |= fresh
        return {id: stream for id, stream in found.items() if stream.open}

    async def add(self, samples: Sequence[Sample], writer: Reader) -> Appended:
        """Write, and return when it is committed: this caller's samples with their ids, how many were new.

        Nothing of it was written when it raises: NotFound (a datastream that is not there or not open to the writer),
        BadInput (PostgreSQL or the store refuses a value), Unavailable (too much waits, or no database; with
        `retry_after`). After Unavailable the outcome may be unknown, because the connection broke while committing:
        send it again, the same moment is a correction.
        """
        await self._check(samples, writer)
        done: Appended = await self._commit.add(Entry(samples))
        return done

    async def add_once(self, samples: Sequence[Sample], writer: Reader, token: Token) -> dict[str, Any]:
        """As `add`, and remember the answer in the same transaction: created, corrected and what the token adds.

        The same token again returns that answer. Raises Conflict when it was used for something else.
        """
        await self._check(samples, writer)
        answer: dict[str, Any] = await self._commit.add(Entry(samples, token=token))
        return answer

    async def _check(self, samples: Sequence[Sample], writer: Reader) -> None:
        wanted = {sample.datastream_id for sample in samples}
        if strange := wanted - (await self.streams(writer, wanted)).keys():
            raise NotFound(f"There is no datastream {min(strange)} that this key may write to.")
        try:
            months.check({month_of(sample.phenomenon_start) for sample in samples})
        except (BeyondTime, OverflowError) as error:
            raise BadInput(str(error)) from error

    def forget(self) -> None:
        """A datastream or a contract has changed."""
        self._streams.forget()
