"""The wall clock jumps by an hour while the door is open: as after a bad battery, a wrong time server, a moved machine.

What is believed for moments goes by a clock that does not jump; numbers come from a sequence.
"""

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import transaction

from stadtkern.core import apikeys
from stadtkern.hub.models import Datastream, Latest
from stadtkern.hub.tests.cast import datastream
from stadtkern.hub.tests.door.conftest import LocalDoor
from stadtkern.hub.words import SameMoment
from tests.operations.conftest import wait_until

HOUR = timedelta(hours=1)
JUMPS = [HOUR, -HOUR, -HOUR, 3 * HOUR, -2 * HOUR]
ONCE = "select count(*), count(distinct id) from hub_observation where datastream_id = any(%s)"
Rows = Callable[..., list[tuple[Any, ...]]]


@pytest.fixture
def wall(door: LocalDoor) -> Iterator[time_machine.Traveller]:
    """The clock of this process; it stands still in the middle of a minute until a test moves it."""
    middle = datetime.now(UTC).replace(second=30, microsecond=0)
    with time_machine.travel(middle, tick=False) as made:
        yield made


def observation(of: Datastream, result: float = 1.0, **more: Any) -> dict[str, Any]:
    return {"Datastream": {"@iot.id": of.pk}, "result": result, **more}


@pytest.mark.parametrize("same", [SameMoment.CORRECT, SameMoment.KEEP])
def test_no_number_is_given_twice_and_no_value_is_lost(
    door: LocalDoor, air: Datastream, wall: time_machine.Traveller, rows: Rows, same: SameMoment
) -> None:
    streams = [datastream(air.thing, same_moment=same) for _ in range(3)]
    for jump in [timedelta(0), *JUMPS]:
        wall.shift(jump + timedelta(seconds=1))
        body = [observation(stream) for stream in streams]
        assert door.post("/ingest/observations", body).json() == {"created": 3, "corrected": 0, "rejected": []}
    ids = [stream.pk for stream in streams]
    assert rows(ONCE, ids) == [(18, 18)]
    assert set(Latest.objects.filter(pk__in=ids).values_list("count", flat=True)) == {6}


def test_the_newest_value_is_the_one_with_the_latest_moment(
    door: LocalDoor, air: Datastream, wall: time_machine.Traveller, rows: Rows
) -> None:
    """Values without a time of their own take the door's; while the clock is behind they are late ones."""
    moments = []
    for result, jump in enumerate([timedelta(0), -HOUR, timedelta(minutes=30), timedelta(minutes=31)]):
        wall.shift(jump)
        moments.append(datetime.now(UTC))
        assert door.post("/ingest/observations", observation(air, result)).status_code == 201
    told = rows("select number, phenomenon_start from hub_observation where datastream_id = %s order by 2", air.pk)
    assert told == [(1, moments[1]), (2, moments[2]), (0, moments[0]), (3, moments[3])]
    latest = Latest.objects.get(pk=air.pk)
    assert (latest.number, latest.count, latest.first_start) == (3, 4, moments[1])


def test_a_value_sent_again_after_a_jump_is_the_same_value(
    door: LocalDoor, air: Datastream, wall: time_machine.Traveller, rows: Rows
) -> None:
    keeps = datastream(air.thing, same_moment=SameMoment.KEEP)
    sent = [observation(air, phenomenonTime="2026-05-04T12:00:00Z"), observation(keeps)]
    first = door.post("/ingest/observations", sent, headers={"Idempotency-Key": "0123456789"})
    for jump in JUMPS:
        wall.shift(jump)
        again = door.post("/ingest/observations", sent, headers={"Idempotency-Key": "0123456789"})
        assert (again.status_code, again.json()) == (201, first.json())
        assert door.post("/ingest/observations", sent[0]).json()["corrected"] == 1
    assert rows(ONCE, [air.pk, keeps.pk]) == [(2, 2)]


def test_a_key_has_its_requests_in_every_minute_that_the_clock_shows(
    door: LocalDoor, air: Datastream, wall: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A jump may give a key its minute anew, and never shuts it out until the clock has caught up."""
    monkeypatch.setattr("stadtkern.hub.door.keys.FRESH_SECONDS", 60.0)
    text = apikeys.issue("busy", scopes=["hub.write"], per_minute=3)[1]
    for jump in [timedelta(0), *JUMPS]:
        wall.shift(jump)
        answers = [door.post("/ingest/observations", observation(air), key=text) for _ in range(4)]
        assert [answer.status_code for answer in answers] == [201, 201, 201, 429]
        assert int(answers[-1].headers["retry-after"]) == 31


def test_minutes_are_told_to_other_doors_as_the_clock_shows_them(
    door: LocalDoor, air: Datastream, wall: time_machine.Traveller, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stadtkern.hub.door.keys.FRESH_SECONDS", 0.0)
    key, text = apikeys.issue("busy", scopes=["hub.write"], per_minute=5)
    for jump in [timedelta(0), -HOUR, HOUR]:
        wall.shift(jump)
        for _ in range(2):
            assert door.post("/ingest/observations", observation(air), key=text).status_code == 201
    told = rows('select count from core_spent where bucket = %s order by "window"', f"door:{key.prefix}")
    assert told == [(2,), (3,)], "all but the last one, each in its minute"


@pytest.mark.parametrize("fresh_seconds", [0.0, 60.0], ids=["asked again", "believed"])
def test_a_key_ends_when_the_clock_says_so(
    door: LocalDoor, air: Datastream, wall: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch,
    fresh_seconds: float,
) -> None:  # fmt: skip
    monkeypatch.setattr("stadtkern.hub.door.keys.FRESH_SECONDS", fresh_seconds)
    until = datetime.now(UTC) + HOUR / 2
    text = apikeys.issue("guest", scopes=["hub.write"], expires_at=until)[1]
    statuses = []
    for jump in [timedelta(0), HOUR, -HOUR, -HOUR, 2 * HOUR]:
        wall.shift(jump)
        statuses.append(door.post("/ingest/observations", observation(air), key=text).status_code)
    assert statuses == [201, 401, 201, 201, 401]


def test_a_revoked_key_does_not_live_longer_when_the_clock_goes_back(
    door: LocalDoor, air: Datastream, wall: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stadtkern.hub.door.keys.FRESH_SECONDS", 0.2)
    key, text = apikeys.issue("stolen", scopes=["hub.write"])
    assert door.post("/ingest/observations", observation(air), key=text).status_code == 201
    apikeys.revoke(key.prefix)
    wall.shift(-HOUR)
    door.run(asyncio.sleep(0.3))
    assert door.post("/ingest/observations", observation(air), key=text).status_code == 401


def test_a_jump_while_a_group_waits_is_no_writer_that_hangs(
    door: LocalDoor, air: Datastream, wall: time_machine.Traveller
) -> None:
    with ThreadPoolExecutor(1) as beside:
        with transaction.atomic():
            Latest.objects.select_for_update().get(pk=air.pk)
            waiting = beside.submit(door.post, "/ingest/observations", observation(air))
            wait_until(lambda: door.ingest.commit.busy_seconds > 0)
            wall.shift(5 * HOUR)
            assert door.ingest.health()[0]
            assert door.ingest.commit.busy_seconds < 60
        assert waiting.result(30).status_code in (201, 503)  # 503: it has waited longer than a second
