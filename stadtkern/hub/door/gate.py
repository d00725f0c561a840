"""The gate: the one way for values into the store, for HTTP, MQTT and webhooks alike.

streams = await gate.streams(writer, {7})
done = await gate.add([sample_of(streams[7], result=21.5, start=moment)], writer)  # returns after COMMIT
"""

from collections.abc import Collection, Sequence
from typing import Any

from stadtkern.core.problems import NotFound
from stadtkern.hub.domain.connection import cursor, here
from stadtkern.hub.domain.readers import Reader
from stadtkern.hub.domain.store.port import Appended, Sample
from stadtkern.hub.domain.streams import Stream, Streams, read_streams
from stadtkern.hub.door.commit import GroupCommit
from stadtkern.hub.door.entry import Entry, Token
from stadtkern.hub.door.lately import Lately
from stadtkern.hub.door.reading import Reading

SERIES = "select source_key, id from hub_datastream where source = 'lines' and source_key = any(%s)"
FEATURES = "select f.id, f.id from hub_featureofinterest f where f.id = any(%(ids)s) and {sees}"


class Gate:
    """Datastreams as a writer sees them, and the queue to the writing thread. Lives on one event loop."""

    def __init__(self, commit: GroupCommit, reading: Reading) -> None:
        self._commit, self._reading = commit, reading
        self._streams = Streams()
        self._series: Lately[str] = Lately()
        self._features: dict[Reader, Lately[int]] = {}

    async def streams(self, writer: Reader, ids: Collection[int]) -> dict[int, Stream]:
        """The datastreams among `ids` that this writer may add values to. Raises Unavailable."""
        found, missing = self._streams.held(writer, ids)
        if missing:
            fresh = await self._reading.ask(lambda: read_streams(here(), writer, missing))
            self._streams.keep(writer, fresh)
            found |= fresh
        return {id: stream for id, stream in found.items() if stream.open}

    async def series(self, keys: Collection[str]) -> dict[str, int]:
        """The datastreams that lines with these source keys go to. Raises Unavailable."""
        found, missing = self._series.held(keys)
        if missing:
            fresh = await self._reading.ask(lambda: dict(cursor(here()).execute(SERIES, [list(missing)]).fetchall()))
            self._series.keep(fresh)
            found |= fresh
        return found

    async def features(self, writer: Reader, ids: Collection[int]) -> set[int]:
        """Those features of interest among `ids` that the writer sees. Raises Unavailable."""
        kept = self._features.setdefault(writer, Lately())
        found, missing = kept.held(ids)
        if missing:
            statement = FEATURES.format(sees=writer.sees_owned("f"))
            values = {"ids": list(missing), **writer.parameters}
            fresh = await self._reading.ask(lambda: dict(cursor(here()).execute(statement, values).fetchall()))
            kept.keep(fresh)
            found |= fresh
        return set(found)

    async def add(self, samples: Sequence[Sample], writer: Reader) -> Appended:
        """Write, and return when it is committed: this caller's samples with their ids, how many were new.

        Nothing of it was written when it raises: NotFound (a datastream that is not there or not open to the writer),
        BadInput (PostgreSQL or the store refuses a value), Unavailable (too much waits, or no database; with
        `retry_after`). After Unavailable the outcome may be unknown, because the connection broke while committing:
        send it again, the same moment is a correction.
        """
        wanted = {sample.datastream_id for sample in samples}
        if strange := wanted - (await self.streams(writer, wanted)).keys():
            raise NotFound(f"There is no datastream {min(strange)} that this key may write to.")
        return await self.write(samples)

    async def write(self, samples: Sequence[Sample]) -> Appended:
        """As `add`, for samples that were just made from what `streams` gave."""
        done: Appended = await self._commit.add(Entry(samples))
        return done

    async def write_once(self, samples: Sequence[Sample], token: Token) -> dict[str, Any]:
        """As `write`, and remember the answer in the same transaction: created, corrected and what the token adds.

        The same token again returns that answer. Raises Conflict when it was used for something else.
        """
        answer: dict[str, Any] = await self._commit.add(Entry(samples, token=token))
        return answer

    def forget(self) -> None:
        """A datastream or a contract has changed."""
        self._streams.forget()
        self._series.forget()
        self._features.clear()
