"""The store on PostgreSQL's tables, closed months in the archive, by this thread's connection: what the port asks."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime

from stadtkern.hub.domain.connection import writing as transaction
from stadtkern.hub.domain.readers import Reader
from stadtkern.hub.domain.store import aggregating, reading, removing, writing
from stadtkern.hub.domain.store.port import Appended, Bucket, Row, Sample


class PostgresStore:
    """Every method in a transaction: the caller's, else one of its own (`remove`: several)."""

    def append(self, samples: Iterable[Sample]) -> Appended:
        with transaction() as connection:
            return writing.append(connection, samples)

    def read(self, datastream_id: int, *, since: datetime, until: datetime, reader: Reader) -> Iterator[Sample]:
        with transaction() as connection:
            yield from reading.read(connection, datastream_id, since=since, until=until, reader=reader)

    def remove(self, datastream_id: int, *, since: datetime, until: datetime) -> int:
        return removing.remove(datastream_id, since=since, until=until)

    def latest(self, datastream_ids: Sequence[int] | None, *, reader: Reader) -> Iterator[Sample]:
        with transaction() as connection:
            yield from reading.latest(connection, datastream_ids, reader=reader)

    def hourly(
        self, datastream_ids: Sequence[int] | None, *, since: datetime, until: datetime, reader: Reader
    ) -> Iterator[tuple[int, Bucket]]:
        with transaction() as connection:
            yield from reading.hourly(connection, datastream_ids, since=since, until=until, reader=reader)

    def daily(
        self, datastream_ids: Sequence[int] | None, *, since: date, until: date, reader: Reader
    ) -> Iterator[tuple[int, Bucket]]:
        with transaction() as connection:
            yield from reading.daily(connection, datastream_ids, since=since, until=until, reader=reader)

    def aggregate(
        self,
        datastream_ids: Sequence[int] | None,
        *,
        since: datetime,
        until: datetime,
        interval: aggregating.Interval,
        functions: Sequence[str],
        reader: Reader,
        apart: bool = True,
        property_ids: Sequence[int] | None = None,
    ) -> Iterator[Row]:
        with transaction() as connection:
            found = aggregating.in_blocks(
                connection, datastream_ids, since=since, until=until, interval=interval, functions=functions,
                reader=reader, apart=apart, property_ids=property_ids,
            )  # fmt: skip
            yield from aggregating.as_rows(found)
