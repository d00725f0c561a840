"""Group commit: many share a transaction, each gets the truth, a wrong one spoils nothing, nothing is done twice."""

import asyncio
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from stadtkern.core import apikeys
from stadtkern.core.problems import BadInput, Conflict, NotFound, Unavailable
from stadtkern.hub.domain.readers import EVERYTHING
from stadtkern.hub.domain.store.port import Appended, Sample
from stadtkern.hub.domain.store.slots import ORDINARY, UNIQUE
from stadtkern.hub.door import lane as lanes
from stadtkern.hub.door.commit import LARGE, GroupCommit
from stadtkern.hub.door.entry import Entry, Token
from stadtkern.hub.door.group import write_group
from stadtkern.hub.door.lane import LIMITS
from stadtkern.hub.models import Datastream
from stadtkern.hub.tests.cast import datastream
from stadtkern.hub.tests.door.conftest import AT_NOON
from stadtkern.hub.words import SameMoment

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
COUNT = "select count(*) from hub_observation where datastream_id = %s"
KEY = {"Idempotency-Key": "0123456789"}


def sample(
    of: Datastream | int, number: float = 1.0, *, minute: int = 0, text: str | None = None, slot: int = ORDINARY
) -> Sample:
    id = of if isinstance(of, int) else of.pk
    value = {"text": text} if text is not None else {"number": number}
    return Sample(datastream_id=id, phenomenon_start=NOON + minute * MINUTE, slot=slot, **value)


def entry(*samples: Sample, token: Token | None = None) -> Entry:
    return Entry(list(samples), token=token)


def token(key: str = "key-0001", fingerprint: str = "a") -> Token:
    return Token("ingest:test", key, fingerprint, {"rejected": []})


@pytest.fixture
def writer(dsn: str) -> Iterator["psycopg.Connection[Any]"]:
    with psycopg.connect(dsn, options=LIMITS) as connection:
        yield connection


def write(connection: "psycopg.Connection[Any]", *entries: Entry) -> list[Any]:
    """The outcomes: (created, corrected), the answer, or the kind of the exception."""
    write_group(connection, entries)
    return [_short(entry.outcome) for entry in entries]


def _short(outcome: Any) -> Any:
    if isinstance(outcome, Appended):
        return outcome.created, outcome.corrected
    return type(outcome) if isinstance(outcome, Exception) else outcome


def test_a_wrong_entry_fails_alone_and_the_others_are_kept(writer, air, rows):
    good = [entry(sample(air, minute=minute)) for minute in range(5)]
    outcomes = write(
        writer, good[0], entry(sample(air, text="nul \0")), *good[1:3], entry(sample(999_999)), *good[3:],
        entry(Sample(datastream_id=air.pk, phenomenon_start=datetime(1960, 1, 1, tzinfo=UTC), number=1.0)),
    )  # fmt: skip
    assert outcomes == [(1, 0), BadInput, (1, 0), (1, 0), NotFound, (1, 0), (1, 0), BadInput]
    assert rows(COUNT, air.pk) == [(5,)]


def test_an_entry_is_written_whole_or_not_at_all(writer, air, rows):
    assert write(writer, entry(sample(air), sample(air, text="nul \0", minute=1))) == [BadInput]
    assert rows(COUNT, air.pk) == [(0,)]


def test_of_two_entries_for_one_moment_the_later_corrects_the_first(writer, air, rows):
    first, second = entry(sample(air, 1.0)), entry(sample(air, 2.0), sample(air, 3.0, minute=1))
    assert write(writer, first, second) == [(1, 0), (1, 1)]
    assert write(writer, entry(sample(air, 4.0))) == [(0, 1)]
    numbers = rows("select number from hub_observation where datastream_id = %s order by phenomenon_start", air.pk)
    assert numbers == [(4.0,), (3.0,)]
    assert first.samples[0].id == second.samples[0].id  # both callers can name it


def test_a_remembered_request_is_answered_and_not_done_again(writer, air, rows):
    answer = {"created": 1, "corrected": 0, "rejected": []}
    assert write(writer, entry(sample(air), token=token())) == [answer]
    again = entry(sample(air), token=token())
    assert write(writer, again, entry(sample(air, minute=1))) == [answer, (1, 0)]
    assert rows(COUNT, air.pk) == [(2,)]
    assert write(writer, entry(sample(air), token=token(fingerprint="b"))) == [Conflict]


def test_a_repetition_inside_a_group_is_none(writer, air, rows):
    keeps = datastream(air.thing, same_moment=SameMoment.KEEP)
    answer = {"created": 1, "corrected": 0, "rejected": []}
    three = [entry(sample(keeps, slot=UNIQUE), token=token()) for _ in range(3)]
    other = entry(sample(keeps, slot=UNIQUE), token=token(fingerprint="b"))
    assert write(writer, *three, other) == [answer, answer, answer, Conflict]
    assert rows("select count(*) from hub_observation where datastream_id = %s", keeps.pk) == [(1,)]


def test_a_request_that_failed_is_not_remembered(writer, air, rows):
    spoiled = entry(sample(air, text="nul \0"), token=token())
    assert write(writer, spoiled, entry(sample(air), token=token())) == [
        BadInput,
        {"created": 1, "corrected": 0, "rejected": []},
    ]
    assert rows("select count(*) from core_rememberedrequest") == [(1,)]


def test_a_datastream_that_is_held_elsewhere_holds_up_nobody_else(writer, air, dsn, rows):
    other = datastream(air.thing)
    with psycopg.connect(dsn) as holder:
        holder.execute("select 1 from hub_latest where datastream_id = %s for update", [air.pk])
        outcomes = write(writer, entry(sample(air)), entry(sample(other)), entry(sample(other, minute=1)))
        holder.rollback()
    assert outcomes == [Unavailable, (1, 0), (1, 0)]
    assert write(writer, entry(sample(air))) == [(1, 0)]


def test_a_month_that_is_being_archived_holds_up_only_who_writes_to_it(writer, air, dsn, rows):
    june = 40 * 24 * 60
    assert write(writer, entry(sample(air)), entry(sample(air, minute=june))) == [(1, 0), (1, 0)]
    with psycopg.connect(dsn) as holder:
        holder.execute("lock table hub_observation_2026_05 in share row exclusive mode")
        outcomes = write(writer, entry(sample(air, minute=1)), entry(sample(air, minute=june + 1)))
        holder.rollback()
    assert outcomes == [Unavailable, (1, 0)]


def test_what_is_held_up_by_nobody_knows_what_is_refused_in_the_end(writer, air, dsn, rows):
    with psycopg.connect(dsn) as holder:
        holder.execute("lock table hub_latest in share mode")
        assert write(writer, entry(sample(air)), entry(sample(air, minute=1))) == [Unavailable, Unavailable]
    assert rows(COUNT, air.pk) == [(0,)]


@pytest.fixture
def dies_at_commit(dsn, rows) -> Iterator[None]:
    """PostgreSQL ends the connection of whoever commits a write: at the last moment nobody knows the outcome."""
    with psycopg.connect(dsn, autocommit=True) as own:
        own.execute(
            "create function die() returns trigger language plpgsql as "
            "$$ begin perform pg_terminate_backend(pg_backend_pid()); return null; end $$"
        )
        own.execute(
            "create constraint trigger die after update on hub_latest deferrable initially deferred "
            "for each row execute function die()"
        )
        yield
        own.execute("drop function if exists die cascade")


def test_when_the_connection_breaks_at_commit_the_answer_is_503_and_is_not_tried_again(door, air, dies_at_commit, rows):
    refused = door.post("/ingest/observations", observation(air))
    assert refused.status_code == 503
    assert int(refused.headers["retry-after"]) > 0
    assert "Send it again" in refused.json()["detail"]
    assert rows(COUNT, air.pk) == [(0,)]
    with psycopg.connect(door.ingest.dsn, autocommit=True) as own:
        own.execute("drop function die cascade")
    assert door.post("/ingest/observations", observation(air)).status_code == 201
    assert rows(COUNT, air.pk) == [(1,)]


def observation(of: Datastream, result: float = 21.5, time: str = AT_NOON) -> dict[str, Any]:
    return {"Datastream": {"@iot.id": of.pk}, "phenomenonTime": time, "result": result}


def test_a_connection_that_was_ended_before_is_replaced_unseen(door, air, rows):
    assert door.post("/ingest/observations", observation(air)).status_code == 201
    rows("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'stadtkern-door-writer'")
    assert door.post("/ingest/observations", observation(air, 2.0)).status_code == 201


def test_an_idempotency_key_over_http(door, air, rows):
    first = door.post("/ingest/observations", observation(air), headers=KEY)
    again = door.post("/ingest/observations", observation(air), headers=KEY)
    other = door.post("/ingest/observations", observation(air, 3.0), headers=KEY)
    assert (first.status_code, first.json()) == (201, {"created": 1, "corrected": 0, "rejected": []})
    assert (again.status_code, again.json()) == (201, first.json())
    assert other.status_code == 409
    assert door.post("/ingest/observations", observation(air), headers={"Idempotency-Key": "short"}).status_code == 422


def test_the_idempotency_keys_of_two_callers_do_not_meet(door, air):
    other = apikeys.issue("other", scopes=["hub.write"])[1]
    door.post("/ingest/observations", observation(air), headers=KEY)
    answer = door.post("/ingest/observations", observation(air, 3.0), headers=KEY, key=other)
    assert answer.json()["corrected"] == 1


def test_rejected_rows_are_remembered_with_the_answer(door, air):
    body = [observation(air), observation(air, time="noon")]
    first = door.post("/ingest/observations?partial=yes", body, headers=KEY)
    assert len(first.json()["rejected"]) == 1
    assert door.post("/ingest/observations?partial=yes", body, headers=KEY).json() == first.json()


def test_many_at_once_share_few_transactions(door, air, rows):
    async def send_all() -> list[Any]:
        streams = await door.ingest.gate.streams(EVERYTHING, {air.pk})
        assert streams[air.pk].open
        return await asyncio.gather(*(door.ingest.gate.write([sample(air, minute=n)]) for n in range(300)))

    before = door.ingest.commit.groups
    done = door.run(send_all())
    assert [(one.created, one.corrected) for one in done] == [(1, 0)] * 300
    assert len({one.samples[0].id for one in done}) == 300
    assert rows(COUNT, air.pk) == [(300,)]
    assert door.ingest.commit.groups - before < 30
    assert door.ingest.commit.held == 0


def test_large_entries_take_two_lanes_but_one_datastream_keeps_to_one(door, air, rows):
    async def send_all() -> list[int]:
        entries = [entry(*(sample(of, minute=n * LARGE + k) for k in range(LARGE))) for n in range(5) for of in streams]
        small = entry(sample(streams[0], 7.0))
        await asyncio.gather(*map(door.ingest.commit.add, [*entries, small]))
        assert small.lane == entries[0].lane
        return [(one.samples[0].datastream_id, one.lane) for one in entries]

    streams = [air.pk, *(datastream(air.thing).pk for _ in range(3))]
    used = set(door.run(send_all()))
    assert len(used) == 4, "each datastream in one lane"
    assert {lane for _stream, lane in used} == {0, 1}
    assert door.ingest.commit._claims == {}
    assert rows(COUNT, air.pk) == [(5 * LARGE,)]


def test_an_idempotency_key_in_both_lanes_at_once_is_done_once(door, air, rows):
    keeps = [datastream(air.thing, same_moment=SameMoment.KEEP).pk for _ in range(2)]

    async def send_both(number: int) -> list[Any]:
        name = token(f"key-{number:04}")
        both = [entry(*(sample(of, minute=k, slot=UNIQUE) for k in range(LARGE)), token=name) for of in keeps]
        return await asyncio.gather(*map(door.ingest.commit.add, both))

    for number in range(5):
        first, second = door.run(send_both(number))
        assert first == second == {"created": LARGE, "corrected": 0, "rejected": []}
    assert rows("select count(*) from hub_observation where datastream_id = any(%s)", keeps) == [(5 * LARGE,)]


def test_who_leaves_while_waiting_harms_nobody(door, air, rows):
    async def send_and_leave() -> Any:
        leaving = asyncio.create_task(door.ingest.gate.write([sample(air)]))
        await asyncio.sleep(0)
        leaving.cancel()
        return await door.ingest.gate.write([sample(air, minute=1)])

    assert door.run(send_and_leave()).created == 1
    assert rows(COUNT, air.pk) == [(2,)]  # nobody was told of the first, and it is there: that is no lie


def test_what_waits_has_a_most(dsn, air):
    async def scene() -> list[Any]:
        full = GroupCommit(dsn, held=3)
        full.start()
        many = (full.add(entry(sample(air, minute=n), sample(air, minute=n + 50))) for n in range(5))
        outcomes = await asyncio.gather(*many, return_exceptions=True)
        await full.stop()
        return [_short(outcome) for outcome in outcomes]

    outcomes = asyncio.run(scene())
    assert outcomes[0] == (2, 0)
    assert outcomes[1:] == [Unavailable] * 4


def test_without_a_database_the_answer_is_503_and_the_thread_lives_on(air, tmp_path, monkeypatch):
    async def scene() -> tuple[Any, bool]:
        lost = GroupCommit(f"postgresql://postgres@/stadtkern?host={tmp_path}")
        lost.start()
        outcomes = [await asyncio.gather(lost.add(entry(sample(air))), return_exceptions=True) for _ in range(2)]
        alive = any(thread.name == "hub-door-writer" for thread in threading.enumerate())
        await lost.stop()
        return [_short(one) for (one,) in outcomes], alive

    outcomes, alive = asyncio.run(scene())
    assert outcomes == [Unavailable, Unavailable]
    assert alive


def test_a_bug_in_the_writing_is_logged_and_answered(dsn, air, monkeypatch, caplog):
    def broken(*_: Any) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr(lanes, "write_group", broken)

    async def scene() -> Any:
        one = GroupCommit(dsn)
        one.start()
        outcome = await asyncio.gather(one.add(entry(sample(air))), return_exceptions=True)
        await one.stop()
        return _short(outcome[0])

    assert asyncio.run(scene()) == Unavailable
    assert "a bug" in caplog.text


def test_a_logger_that_sends_its_last_values_each_time_leaves_no_dead_rows(writer, air, rows):
    now = datetime.now(UTC).replace(microsecond=0)

    def last_ten(minute: int) -> Entry:
        return entry(
            *(
                Sample(datastream_id=air.pk, phenomenon_start=now + (minute - ago) * MINUTE, number=float(minute - ago))
                for ago in range(10)
            )
        )

    assert write(writer, last_ten(0)) == [(10, 0)]
    months = [f"hub_observation_{moment:%Y_%m}" for moment in (now, now + 30 * MINUTE)]
    before = _tuples_inserted(writer, months)
    for minute in range(1, 31):
        assert write(writer, last_ten(minute)) == [(1, 9)]
    assert rows(COUNT, air.pk) == [(40,)]
    assert _tuples_inserted(writer, months) - before == 30


def _tuples_inserted(connection: "psycopg.Connection[Any]", partitions: list[str]) -> int:
    """Count the rows ever inserted, dead ones too; a month to come may have no partition yet."""
    connection.execute("select pg_stat_force_next_flush()")
    connection.commit()
    query = "select sum(n_tup_ins) from pg_stat_user_tables where relname = any(%s)"
    row = connection.execute(query, [partitions]).fetchone()
    assert row is not None
    connection.commit()
    return int(row[0])
