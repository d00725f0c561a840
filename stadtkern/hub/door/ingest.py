"""Ingest: the ASGI application under /ingest/, and what it shares: the gate, the keys, the threads that read.

No framework: a handler gets a Request and returns an Answer or raises a Problem (routes.py).
"""

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from stadtkern.core.problems import Problem
from stadtkern.hub.door.commit import GroupCommit
from stadtkern.hub.door.gate import Gate
from stadtkern.hub.door.keys import Keys
from stadtkern.hub.door.listening import listen
from stadtkern.hub.door.messages import Answer, ClientGone, Message, Receive, Request, Send, answer_of, send_answer
from stadtkern.hub.door.patience import PATIENCE
from stadtkern.hub.door.reading import Reading
from stadtkern.hub.door.room import Room
from stadtkern.hub.door.routes import ROUTES, TASKS, Task
from stadtkern.hub.door.watchdog import Watchdog

CHANGED = "hub_changed"
LONGEST_PAUSE = 30.0
log = logging.getLogger("stadtkern.door")


class Ingest:
    """Everything of the hub in the door's process."""

    def __init__(self, dsn: str) -> None:
        self.dsn = dsn
        self.reading = Reading()
        self.keys = Keys(self.reading)
        self.commit = GroupCommit(dsn)
        self.gate = Gate(self.commit, self.reading)
        self.watchdog = Watchdog(self.commit)
        self.in_work = Room(most=2_000_000, patience=10.0)
        self.workshop = ThreadPoolExecutor(1, thread_name_prefix="hub-door-bodies")
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Begin to write, to listen, and the tasks of routes.TASKS; on the loop that will serve."""
        self.commit.start()
        self.watchdog.start()
        told = {CHANGED: lambda _: self.gate.forget()}
        self._tasks.append(asyncio.create_task(listen(self.dsn, told, missed=self.gate.forget)))
        self._tasks.append(asyncio.create_task(PATIENCE.watch()))
        self._tasks += [asyncio.create_task(self._keep(task)) for task in TASKS]

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self.watchdog.stop()
        await self.commit.stop()
        self.reading.stop()
        self.workshop.shutdown(wait=False, cancel_futures=True)

    def health(self) -> tuple[bool, dict[str, Any]]:
        """Whether values can be written, and what /door/health says of it."""
        slow = self.watchdog.is_slow
        facts = {"writer": "hangs" if slow else "ok", "held": self.commit.held, "groups": self.commit.groups}
        return not slow, facts

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        try:
            await send_answer(send, await self._answer(request))
        except ClientGone:
            return
        finally:
            request.release()

    async def _answer(self, request: Request) -> Answer:
        try:
            return await ROUTES.handler_for(request)(self, request)
        except Problem as problem:
            return answer_of(problem)
        except ClientGone:
            raise
        except Exception:
            log.exception("door: unexpected", extra={"path": request.path[:100]})
            return answer_of(Problem())

    async def _keep(self, task: Task) -> None:
        pause = 1.0
        while True:
            try:
                await task(self)
                return
            except Exception:
                log.exception("door: a task broke and begins anew", extra={"task": task.__qualname__})
            await asyncio.sleep(pause)
            pause = min(LONGEST_PAUSE, pause * 2)
