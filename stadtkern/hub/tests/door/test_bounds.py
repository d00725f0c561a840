"""What bounds the door: inflation, room, patience, and the watchdog."""

import asyncio
import gzip
import time
from contextlib import suppress

import pytest

from stadtkern.core.problems import BadQuery, OtherMedia, TooLarge, TooSlow, Unavailable
from stadtkern.hub.door.inflating import inflate
from stadtkern.hub.door.patience import Patience
from stadtkern.hub.door.room import Room
from stadtkern.hub.door.watchdog import HUNG, SLOW_AFTER, Watchdog


def test_gzip_is_inflated_also_in_several_members():
    assert inflate(gzip.compress(b"ab", mtime=0) + gzip.compress(b"cd", mtime=0), "gzip", most=4) == b"abcd"
    assert inflate(b"as it is", "identity", most=4) == b"as it is"


def test_inflation_ends_at_the_most():
    bomb = gzip.compress(b"\0" * 50_000_000)
    begun = time.process_time()
    with pytest.raises(TooLarge):
        inflate(bomb, "gzip", most=1_000_000)
    assert time.process_time() - begun < 5


@pytest.mark.parametrize(
    "raw", [b"", b"no gzip", gzip.compress(b"abc", mtime=0)[:-4], gzip.compress(b"abc", mtime=0) + b"rest"]
)
def test_broken_gzip_is_refused(raw):
    with pytest.raises(BadQuery):
        inflate(raw, "gzip", most=100)


def test_thousands_of_empty_members_are_refused():
    with pytest.raises(BadQuery, match="members"):
        inflate(gzip.compress(b"", mtime=0) * 1_000, "gzip", most=100)


def test_other_codings_are_not_read():
    with pytest.raises(OtherMedia):
        inflate(b"x", "br", most=100)


def test_room_refuses_at_once_what_does_not_fit():
    room = Room(most=10, patience=0)
    room.take(8)
    with pytest.raises(Unavailable) as refused:
        room.take(3)
    assert refused.value.retry_after == 1
    room.leave(8)
    room.take(99)  # larger than all, but alone


def test_who_waits_in_line_comes_in_order():
    async def scene() -> list[str]:
        room, order = Room(most=10, patience=5), []

        async def work(name: str, size: int) -> None:
            await room.enter(size)
            order.append(name)
            await asyncio.sleep(0.01)
            room.leave(size)

        await asyncio.gather(work("first", 6), work("large", 50), work("small", 1), work("last", 1))
        assert room.used == 0
        return order

    assert asyncio.run(scene()) == ["first", "large", "small", "last"]


def test_patience_in_the_line_ends():
    async def scene() -> Room:
        room = Room(most=10, patience=0.02)
        await room.enter(10)
        with pytest.raises(Unavailable):
            await room.enter(1)
        room.leave(10)
        return room

    assert asyncio.run(scene()).used == 0


def test_who_leaves_the_line_takes_no_room():
    async def scene() -> int:
        room = Room(most=10, patience=5)
        await room.enter(10)
        waiting = asyncio.create_task(room.enter(5))
        await asyncio.sleep(0)
        room.leave(10)
        waiting.cancel()  # called and cancelled in the same moment
        with suppress(asyncio.CancelledError):
            await waiting
        return room.used

    assert asyncio.run(scene()) == 0


def test_who_gives_up_holds_up_nobody_behind():
    async def scene() -> int:
        room = Room(most=10, patience=5)
        await room.enter(5)
        large, small = (asyncio.create_task(room.enter(size)) for size in (20, 3))
        await asyncio.sleep(0)
        large.cancel()
        await asyncio.wait_for(small, timeout=1)
        return room.used

    assert asyncio.run(scene()) == 8


def test_a_slow_body_ends_and_a_cancelled_one_stays_cancelled():
    async def wait_for_body(patience: Patience) -> None:
        task = patience.begin()
        try:
            await asyncio.sleep(30)
        except asyncio.CancelledError:
            patience.explain(task)
            raise
        finally:
            patience.end(task)

    async def scene() -> None:
        patience = Patience(seconds=0.05)
        watching = asyncio.create_task(patience.watch())
        with pytest.raises(TooSlow):
            await wait_for_body(patience)
        other = asyncio.create_task(wait_for_body(patience))
        await asyncio.sleep(0)
        other.cancel()
        with pytest.raises(asyncio.CancelledError):
            await other
        watching.cancel()

    asyncio.run(scene())


class Busy:
    """A writer that has been writing for so long."""

    busy_seconds = 0.0


def test_the_watchdog_ends_what_hangs(monkeypatch):
    monkeypatch.setattr("stadtkern.hub.door.watchdog.LOOK_EVERY", 0.02)
    ended: list[int] = []

    async def scene(writer: Busy, *, block: bool) -> None:
        dog = Watchdog(writer, end_after=3, end=lambda code: (ended.append(code), dog.stop()))
        dog.start()
        if block:
            time.sleep(0.5)  # the loop hangs
        else:
            await asyncio.sleep(0.3)
        dog.stop()

    asyncio.run(scene(Busy(), block=False))
    assert ended == []
    asyncio.run(scene(Busy(), block=True))
    assert ended == [HUNG]
    hanging = Busy()
    hanging.busy_seconds = SLOW_AFTER + 1
    asyncio.run(scene(hanging, block=False))
    assert ended == [HUNG, HUNG]
