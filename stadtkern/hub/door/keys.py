"""Who sends: the API key of a request, asked for once and then believed for a few seconds.

A key that is revoked, changed or expired ends within FRESH_SECONDS. `per_minute` counts requests by minute in this
process and tells the shared table (core.limits) whenever the key is read again, so several doors count together but
may let through what comes in between.
"""

import asyncio
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from stadtkern.core import apikeys, quick
from stadtkern.core.problems import NotAllowed, NotAuthenticated, TooMany, Unavailable
from stadtkern.hub.domain.readers import Reader, reader_with_key
from stadtkern.hub.door.messages import Request
from stadtkern.hub.door.reading import Reading
from stadtkern.hub.rights import WRITE_SCOPE

FRESH_SECONDS = 4.0
MOST_KEPT = 5_000
MOST_STRANGERS = 50
NOBODY = (None, 0.0)
REFUSED = "This API key is unknown, revoked or has expired."
LONGEST = 200
MINUTE = 60
BEARER = b"bearer "
COUNT = """
insert into core_spent (bucket, "window", count) values (%s, %s, %s)
on conflict (bucket, "window") do update set count = core_spent.count + excluded.count returning count
"""


@dataclass(frozen=True, slots=True)
class Caller:
    """A machine with a living key."""

    prefix: str
    reader: Reader
    scopes: frozenset[str]
    expires_at: datetime | None
    per_minute: int | None


@dataclass(slots=True)
class Spending:
    """The requests of one key in one minute: here since the table was told, and everywhere by then."""

    minute: int = 0
    here: int = 0
    told: int = 0


@dataclass(slots=True)
class Keys:
    """Keys as they were a moment ago; those that are none are kept apart, so that guessing displaces no good one."""

    reading: Reading
    _good: dict[bytes, tuple[Caller, float]] = field(default_factory=dict)
    _bad: dict[bytes, float] = field(default_factory=dict)
    _asked: dict[bytes, "asyncio.Task[Caller]"] = field(default_factory=dict)
    _spent: dict[str, Spending] = field(default_factory=dict)

    async def caller(self, request: Request, *, scope: str = WRITE_SCOPE) -> Caller:
        """Raises NotAuthenticated, NotAllowed (the key lives without this scope), TooMany, Unavailable."""
        text = _text_of(request)
        caller, until = self._good.get(text, NOBODY)
        if caller is None or until < time.monotonic():
            caller = await self._read_again(text)
        if caller.expires_at and caller.expires_at <= datetime.now(UTC):
            raise NotAuthenticated(REFUSED)
        if scope not in caller.scopes:
            raise NotAllowed(f"This API key lacks the scope {scope}.")
        if caller.per_minute is not None:
            self._count(caller.prefix, caller.per_minute)
        return caller

    async def _read_again(self, text: bytes) -> Caller:
        """Of many that ask for the same key at once one goes; only so many strangers go at once."""
        if self._bad.get(text, 0.0) > time.monotonic():
            raise NotAuthenticated(REFUSED)
        asked = self._asked.get(text)
        if asked is None:
            if text not in self._good and len(self._asked) >= MOST_STRANGERS:
                raise Unavailable("Too many unknown API keys at once.", retry_after=2)
            asked = self._asked[text] = asyncio.create_task(self._read(text))
            asked.add_done_callback(lambda _: self._asked.pop(text, None))
        return await asyncio.shield(asked)

    async def _read(self, given: bytes) -> Caller:
        text = given.decode("latin-1")
        spent = self._spent.get(_prefix_of(text), Spending())
        news, minute = spent.here, spent.minute
        caller, total = await self.reading.ask(lambda: _look_up(text, minute, news))
        if total is not None and spent.minute == minute:
            spent.told, spent.here = total, spent.here - news
        self._keep(given, caller)
        if caller is None:
            raise NotAuthenticated(REFUSED)
        return caller

    def _keep(self, text: bytes, caller: Caller | None) -> None:
        until = time.monotonic() + FRESH_SECONDS
        if caller is not None:
            self._good[text] = caller, until
            return
        self._good.pop(text, None)
        if len(self._bad) >= MOST_KEPT:
            self._bad.clear()
        self._bad[text] = until

    def _count(self, prefix: str, most: int) -> None:
        spent = self._spent.setdefault(prefix, Spending())
        now = time.time()
        if spent.minute != int(now) // MINUTE:
            spent.minute, spent.here, spent.told = int(now) // MINUTE, 0, 0
        if spent.here + spent.told >= most:
            raise TooMany(f"This key may send {most} requests a minute.", retry_after=int(MINUTE - now % MINUTE) + 1)
        spent.here += 1


def _text_of(request: Request) -> bytes:
    text = request.headers.get(b"authorization", b"")
    text = text[len(BEARER) :] if text[: len(BEARER)].lower() == BEARER else request.headers.get(b"x-api-key", b"")
    if not text.startswith(b"sk_") or len(text) > LONGEST:
        raise NotAuthenticated("This needs an API key.")
    return text


def _prefix_of(text: str) -> str:
    return text.split("_")[1][:12]


def _look_up(text: str, minute: int, news: int) -> tuple[Caller | None, int | None]:
    """The key as it is now, and how many requests of its minute the shared table knows (none: it was not told)."""
    key = apikeys.living_key(text)
    if key is None:
        return None, None
    total: Any = None
    if key.per_minute is not None and minute:
        window = datetime.fromtimestamp(minute * MINUTE, UTC)
        total = quick.rows(COUNT, [f"door:{key.prefix}", window, news])[0][0]
    caller = Caller(key.prefix, reader_with_key(key), frozenset(key.scopes), key.expires_at, key.per_minute)
    return caller, total


assert timedelta(seconds=FRESH_SECONDS) < timedelta(minutes=1)  # noqa: S101 (a minute is told while it lasts)
