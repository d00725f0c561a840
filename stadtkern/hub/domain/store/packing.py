"""Rows of hub_observation in the binary format of COPY (PostgreSQL manual, "COPY: Binary Format"), packed at once.

Nearly all observations are a plain number: one pattern of bytes with seven places to fill. psycopg would choose a
dumper for each of fifteen columns of each row, which costs a writer more than the database's work.
"""

import struct
from collections.abc import Iterable
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any

import orjson

from stadtkern.hub.domain.store.port import Sample

EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
SIGNATURE, TRAILER = b"PGCOPY\n\xff\r\n\0" + bytes(8), b"\xff\xff"
NONE = b"\xff\xff\xff\xff"
COLUMNS = 15
# Columns as in columns.COLUMNS: each is its length and its bytes, -1 for null.
PLAIN = struct.Struct(">h iq iq iq iq i i id iq ii i i i i i i")
BARE = struct.Struct(">h iq iq iq iq i i id i ii i i i i i i")  # without a feature
LONG, INT, FLOAT = struct.Struct(">iq"), struct.Struct(">ii"), struct.Struct(">id")
REST = attrgetter(
    *("phenomenon_end", "result_time", "valid_start", "valid_end", "text", "json", "quality", "parameters"),
)
NOTHING = (None,) * 8
NULLS = (-1, -1, -1, -1, -1, -1)


def packed(samples: Iterable[Sample]) -> bytes:
    """The rows, without signature and trailer. Raises UnicodeEncodeError, and struct.error for numbers of no column."""
    moments: dict[datetime, int] = {}
    return b"".join(
        [
            _plain(sample, moments) if sample.number is not None and REST(sample) == NOTHING else _any(sample)
            for sample in samples
        ]
    )


def tail(feature_id: int | None, flags: int) -> bytes:
    """What follows the number of a plain row."""
    return _long(feature_id) + INT.pack(4, flags) + NONE * 6


def microseconds(moment: datetime) -> int:
    """As PostgreSQL counts, since the year 2000."""
    span = moment - EPOCH
    return (span.days * 86_400 + span.seconds) * 1_000_000 + span.microseconds


def _plain(sample: Sample, moments: dict[datetime, int]) -> bytes:
    start = sample.phenomenon_start
    moment = moments.get(start)
    if moment is None:
        moment = moments[start] = microseconds(start)
    feature = sample.feature_id
    if feature is None:
        return BARE.pack(
            COLUMNS, 8, sample.datastream_id, 8, moment, 8, sample.slot, 8, sample.id, -1, -1, 8, sample.number, -1,
            4, sample.flags, *NULLS,
        )  # fmt: skip
    return PLAIN.pack(
        COLUMNS, 8, sample.datastream_id, 8, moment, 8, sample.slot, 8, sample.id, -1, -1, 8, sample.number, 8, feature,
        4, sample.flags, *NULLS,
    )  # fmt: skip


def _any(sample: Sample) -> bytes:
    parts = [
        _long(sample.datastream_id),
        _moment(sample.phenomenon_start),
        _long(sample.slot),
        _long(sample.id),
        _moment(sample.phenomenon_end),
        _moment(sample.result_time),
        NONE if sample.number is None else FLOAT.pack(8, sample.number),
        _long(sample.feature_id),
        INT.pack(4, sample.flags),
        _moment(sample.valid_start),
        _moment(sample.valid_end),
        NONE if sample.text is None else _bytes(sample.text.encode()),
        _json(sample.json),
        _json(sample.quality),
        _json(sample.parameters),
    ]
    return struct.pack(">h", len(parts)) + b"".join(parts)


def _long(value: int | None) -> bytes:
    return NONE if value is None else LONG.pack(8, value)


def _moment(moment: datetime | None) -> bytes:
    return NONE if moment is None else LONG.pack(8, microseconds(moment))


def _json(value: Any) -> bytes:
    """jsonb: its version, then the text."""
    return NONE if value is None else _bytes(b"\x01" + orjson.dumps(value))


def _bytes(value: bytes) -> bytes:
    return struct.pack(">i", len(value)) + value
