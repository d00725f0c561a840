"""The disk is full: PostgreSQL refuses (53100) in the middle of a group; the door goes on when there is room again."""

import asyncio
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from stadtkern.core import apikeys
from stadtkern.core.problems import Unavailable
from stadtkern.hub.door.commit import LARGE
from stadtkern.hub.models import Datastream, Latest
from stadtkern.hub.tests.cast import datastream
from stadtkern.hub.tests.door.conftest import LocalDoor
from stadtkern.hub.tests.door.test_commit import entry, sample

MAY = "hub_observation_2026_05"
NO_ROOM = f"""
create function no_room() returns trigger language plpgsql as $$ begin
    raise exception 'could not extend file "base/16384/1": No space left on device' using errcode = '53100';
end $$;
create {{constraint}} trigger no_room {{moment}} insert on {MAY} {{deferred}}
for each row when (new.number >= 7) execute function no_room()
"""
WRITING = {"constraint": "", "moment": "before", "deferred": ""}
COMMITTING = {"constraint": "constraint", "moment": "after", "deferred": "deferrable initially deferred"}
STORED = "select number from hub_observation where datastream_id = %s order by number"
Rows = Callable[..., list[tuple[Any, ...]]]


NO_ROOM_TO_COUNT = """
create function no_room() returns trigger language plpgsql as $$ begin
    raise exception 'could not extend file "base/16384/2": No space left on device' using errcode = '53100';
end $$;
create trigger no_room before insert or update on core_spent for each row execute function no_room()
"""


class Disk:
    """Of the partition of May: full from the value 7 on, until there is room."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn

    def fill(self, how: dict[str, str]) -> None:
        self._run(NO_ROOM.format(**how))

    def fill_elsewhere(self) -> None:
        """What keys have spent cannot be noted any more."""
        self._run(NO_ROOM_TO_COUNT)

    def make_room(self) -> None:
        self._run("drop function if exists no_room cascade")

    def _run(self, statement: str) -> None:
        with psycopg.connect(self._dsn, autocommit=True) as own:
            own.execute(statement)


@pytest.fixture
def disk(dsn: str, door: LocalDoor, air: Datastream) -> Iterator[Disk]:
    """A value of May is there already, acknowledged."""
    assert door.post("/ingest/observations", observation(air, 0)).status_code == 201
    made = Disk(dsn)
    yield made
    made.make_room()


def observation(of: Datastream, number: int, *, month: int = 5) -> dict[str, Any]:
    moment = datetime(2026, month, 4, 12, tzinfo=UTC) + timedelta(minutes=number)
    return {"Datastream": {"@iot.id": of.pk}, "phenomenonTime": moment.isoformat(), "result": number}


@pytest.mark.parametrize("how", [WRITING, COMMITTING], ids=["writing", "committing"])
def test_who_finds_no_room_is_told_to_come_again_and_others_are_served(
    door: LocalDoor, air: Datastream, disk: Disk, rows: Rows, how: dict[str, str]
) -> None:
    disk.fill(how)
    refused = door.post("/ingest/observations", [observation(air, number) for number in range(5, 9)])
    assert refused.status_code == 503
    assert int(refused.headers["retry-after"]) > 0
    assert "end it again" in refused.json()["detail"]
    assert rows(STORED, air.pk) == [(0,)]
    assert door.post("/ingest/observations", observation(air, 1)).status_code == 201
    assert door.post("/ingest/observations", observation(air, 9, month=6)).status_code == 201
    disk.make_room()
    again = door.post("/ingest/observations", [observation(air, number) for number in range(5, 9)])
    assert again.json() == {"created": 4, "corrected": 0, "rejected": []}
    assert rows(STORED, air.pk) == [(0,), (1,), (5,), (6,), (7,), (8,), (9,)]
    assert Latest.objects.get(pk=air.pk).count == 7


@pytest.mark.parametrize("how", [WRITING, COMMITTING], ids=["writing", "committing"])
@pytest.mark.parametrize("size", [1, LARGE], ids=["small", "large"])
def test_of_many_at_once_exactly_those_are_there_that_were_acknowledged(
    door: LocalDoor, air: Datastream, disk: Disk, rows: Rows, how: dict[str, str], size: int
) -> None:
    """Small ones share a transaction, so some without blame are refused with it; large ones use both lanes."""
    streams = [air.pk, *(datastream(air.thing).pk for _ in range(3))]
    numbers = [9.0 if place % 5 == 2 else 1.0 for place in range(20)]
    disk.fill(how)

    def entries() -> list[Any]:
        return [
            entry(*(sample(streams[place % 4], number, minute=1 + place * size + n) for n in range(size)))
            for place, number in enumerate(numbers)
        ]

    async def send(some: list[Any]) -> list[Any]:
        return await asyncio.gather(*map(door.ingest.commit.add, some), return_exceptions=True)

    first = entries()
    outcomes = door.run(send(first))
    assert all(isinstance(one, Unavailable) and one.retry_after for one in outcomes if isinstance(one, Exception))
    refused = {place for place, one in enumerate(outcomes) if isinstance(one, Exception)}
    assert {place for place, number in enumerate(numbers) if number >= 7} <= refused
    assert _stored(rows, streams) == 1 + size * (20 - len(refused))
    assert door.ingest.commit.held == 0
    disk.make_room()
    second = door.run(send([one for place, one in enumerate(entries()) if place in refused]))
    assert [(one.created, one.corrected) for one in second] == [(size, 0)] * len(refused)
    assert _stored(rows, streams) == 1 + size * 20
    assert sum(Latest.objects.filter(pk__in=streams).values_list("count", flat=True)) == 1 + size * 20


def _stored(rows: Rows, streams: list[int]) -> int:
    [(count, moments)] = rows(
        "select count(*), count(distinct (datastream_id, phenomenon_start)) from hub_observation "
        "where datastream_id = any(%s)",
        streams,
    )
    assert count == moments
    return int(count)


@pytest.mark.parametrize("how", [WRITING, COMMITTING], ids=["writing", "committing"])
def test_a_key_of_a_request_that_found_no_room_is_free_again(
    door: LocalDoor, air: Datastream, disk: Disk, rows: Rows, how: dict[str, str]
) -> None:
    key = {"Idempotency-Key": "0123456789"}
    disk.fill(how)
    assert door.post("/ingest/observations", observation(air, 8), headers=key).status_code == 503
    assert rows("select count(*) from core_rememberedrequest") == [(0,)]
    disk.make_room()
    answers = [door.post("/ingest/observations", observation(air, 8), headers=key) for _ in range(2)]
    assert [(one.status_code, one.json()["created"]) for one in answers] == [(201, 1), (201, 1)]
    assert rows(STORED, air.pk) == [(0,), (8,)]


def test_a_key_whose_requests_cannot_be_counted_comes_again_later(
    door: LocalDoor, air: Datastream, disk: Disk, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stadtkern.hub.door.keys.FRESH_SECONDS", 0.0)
    key = apikeys.issue("counted", scopes=["hub.write"], per_minute=1_000)[1]
    assert door.post("/ingest/observations", observation(air, 1), key=key).status_code == 201
    disk.fill_elsewhere()
    refused = door.post("/ingest/observations", observation(air, 2), key=key)
    assert (refused.status_code, int(refused.headers["retry-after"]) > 0) == (503, True)
    disk.make_room()
    assert door.post("/ingest/observations", observation(air, 2), key=key).status_code == 201
    assert rows(STORED, air.pk) == [(0,), (1,), (2,)]
