"""Rows packed for COPY are read by PostgreSQL as they were meant, whatever stands in them."""

import json
import math
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from stadtkern.hub.domain.connection import cursor, writing
from stadtkern.hub.domain.store.packing import SIGNATURE, TRAILER, microseconds, packed
from stadtkern.hub.domain.store.port import Sample
from stadtkern.hub.domain.store.writing import COLUMNS

LONGS = st.integers(min_value=-(2**63), max_value=2**63 - 1)
MOMENTS = st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(2200, 1, 1), timezones=st.just(UTC))
TEXTS = st.text(st.characters(blacklist_characters="\x00", blacklist_categories=["Cs"]), max_size=50)
WHOLE = st.integers(min_value=-(2**53), max_value=2**53)
JSON = st.recursive(st.booleans() | WHOLE | TEXTS, lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner))
SAMPLES = st.builds(
    Sample,
    datastream_id=LONGS,
    phenomenon_start=MOMENTS,
    number=st.none() | st.floats(allow_nan=False),
    text=st.none() | TEXTS,
    json=st.none() | JSON,
    phenomenon_end=st.none() | MOMENTS,
    result_time=st.none() | MOMENTS,
    valid_start=st.none() | MOMENTS,
    valid_end=st.none() | MOMENTS,
    quality=st.none() | JSON,
    parameters=st.none() | st.dictionaries(TEXTS, JSON, max_size=3),
    feature_id=st.none() | LONGS,
    slot=LONGS,
    flags=st.integers(min_value=0, max_value=2**31 - 1),
    id=LONGS,
)


def stored(samples: list[Sample]) -> list[tuple[Any, ...]]:
    with writing() as connection:
        connection.execute("drop table if exists packing")
        connection.execute("create temporary table packing (like hub_observation, place serial)")
        with cursor(connection) as own, own.copy(f"copy packing ({COLUMNS}) from stdin (format binary)") as copy:
            copy.write(SIGNATURE + packed(samples) + TRAILER)
        names = ", ".join(f"{name}::text" if name in JSONS else name for name in COLUMNS.split(", "))
        return cursor(connection).execute(f"select {names} from packing order by place").fetchall()


JSONS = {"json", "quality", "parameters"}


class TestPacking(TestCase):
    @given(st.lists(SAMPLES, max_size=5))
    def test_every_row_comes_back(self, samples: list[Sample]) -> None:
        for sample, row in zip(samples, stored(samples), strict=True):
            told = dict(zip(COLUMNS.split(", "), row, strict=True))
            for name, value in told.items():
                wanted = getattr(sample, name)
                found = json.loads(value) if name in JSONS and value is not None else value
                assert found == wanted, name


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2000, 1, 1, tzinfo=UTC),
        datetime(1970, 1, 1, 0, 0, 0, 1, tzinfo=UTC),
        datetime(2026, 3, 29, 3, 30, tzinfo=timezone(timedelta(hours=2))),
    ],
)
def test_microseconds_are_those_of_postgresql(moment: datetime) -> None:
    assert microseconds(moment) == math.floor((moment.timestamp() - 946_684_800) * 1_000_000 + 0.5)
