"""What a writer must know of a datastream, kept for moments: most writes go to the same few thousand."""

import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import psycopg

from stadtkern.hub.domain.connection import cursor
from stadtkern.hub.domain.readers import Reader

FRESH_SECONDS = 5.0  # a change that nobody told us of (see `forget`) is seen after this
MOST_KEPT, MOST_WRITERS = 200_000, 1_000

READ = """
select d.id, d.thing_id, d.organisation_id, d.observation_type, d.is_multi, d.multi_types,
       d.default_feature_id, d.same_moment, {writes}
from hub_datastream d where d.id = any(%(ids)s)
"""


@dataclass(frozen=True, slots=True)
class Stream:
    """A datastream as a writer sees it. `open`: this writer may add values."""

    id: int
    thing_id: int
    organisation_id: int | None
    observation_type: str
    is_multi: bool
    multi_types: list[str]
    default_feature_id: int | None
    same_moment: str
    open: bool


class Streams:
    """Datastreams by writer and number. Not for several threads at once; one each costs little."""

    def __init__(self) -> None:
        self._kept: dict[Reader, tuple[float, dict[int, Stream]]] = {}

    def of(self, connection: "psycopg.Connection[Any]", writer: Reader, ids: Collection[int]) -> dict[int, Stream]:
        """Those that exist; one that is not `open` may not be written (say no more than that it is not found)."""
        found, missing = self.held(writer, ids)
        if missing:
            fresh = read_streams(connection, writer, missing)
            self.keep(writer, fresh)
            found |= fresh
        return found

    def held(self, writer: Reader, ids: Collection[int]) -> tuple[dict[int, Stream], set[int]]:
        """Those that are kept and fresh, and the numbers that have to be read."""
        kept = self._fresh(writer)
        found = {id: kept[id] for id in ids if id in kept}
        return found, {id for id in ids if id not in kept} if len(found) < len(ids) else set()

    def keep(self, writer: Reader, found: Mapping[int, Stream]) -> None:
        self._fresh(writer).update(found)

    def forget(self) -> None:
        """Somebody told that a datastream or a contract has changed."""
        self._kept.clear()

    def _fresh(self, writer: Reader) -> dict[int, Stream]:
        since, kept = self._kept.get(writer, (0.0, {}))
        if time.monotonic() - since > FRESH_SECONDS or len(kept) > MOST_KEPT:
            kept = {}
            if len(self._kept) > MOST_WRITERS:
                self._kept.clear()
            self._kept[writer] = (time.monotonic(), kept)
        return kept


def read_streams(connection: "psycopg.Connection[Any]", writer: Reader, ids: set[int]) -> dict[int, Stream]:
    """Datastreams as this writer sees them, as they are now."""
    statement = READ.format(writes=writer.writes_datastream("d"))
    rows = cursor(connection).execute(statement, {"ids": sorted(ids), **writer.parameters}).fetchall()
    return {row[0]: Stream(*row) for row in rows}
