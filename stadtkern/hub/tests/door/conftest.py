"""The whole ingest application in this process, on an event loop of its own; the tables are the test's."""

import asyncio
import json
import threading
from collections.abc import Callable, Coroutine, Iterator
from typing import Any
from urllib.parse import quote

import httpx
import psycopg
import pytest
from django.db import connection

from stadtkern.core import apikeys
from stadtkern.hub.door import handlers  # noqa: F401  its routes are added by the import
from stadtkern.hub.door.ingest import Ingest
from stadtkern.hub.models import Datastream
from stadtkern.hub.tests.cast import datastream
from stadtkern.people.models import Organisation

AT_NOON = "2026-05-04T12:00:00Z"


class LocalDoor:
    """Sends requests to an Ingest that runs in a thread."""

    def __init__(self, ingest: Ingest) -> None:
        self.ingest, self.key = ingest, ""
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._client = httpx.AsyncClient(transport=httpx.ASGITransport(app=ingest), base_url="http://door")
        self.run(ingest.start())

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(30)

    def ask(self, method: str, path: str, *, key: str | None = None, **more: Any) -> httpx.Response:
        headers = {"X-Api-Key": self.key if key is None else key} | more.pop("headers", {})
        return self.run(self._client.request(method, path, headers=headers, **more))

    def post(self, path: str, content: Any, **more: Any) -> httpx.Response:
        body = content if isinstance(content, bytes | str) else json.dumps(content)
        return self.ask("POST", path, content=body, **more)

    def close(self) -> None:
        self.run(self.ingest.stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)


@pytest.fixture
def dsn(transactional_db: None) -> str:
    given = connection.settings_dict
    secret = f":{quote(given['PASSWORD'])}" if given["PASSWORD"] else ""
    port = f"&port={given['PORT']}" if given["PORT"] else ""
    return f"postgresql://{given['USER']}{secret}@/{given['NAME']}?host={quote(given['HOST'], safe='')}{port}"


@pytest.fixture
def door(dsn: str) -> Iterator[LocalDoor]:
    """Its key may write everything."""
    made = LocalDoor(Ingest(dsn))
    made.key = apikeys.issue("logger", scopes=["hub.write"])[1]
    yield made
    made.close()


@pytest.fixture
def air(transactional_db: None) -> Datastream:
    return datastream()


@pytest.fixture
def rows(dsn: str) -> Iterator[Callable[..., list[tuple[Any, ...]]]]:
    """Ask the tables on a connection of its own."""
    with psycopg.connect(dsn, autocommit=True) as own:
        yield lambda query, *values: own.execute(query, values).fetchall()


@pytest.fixture
def house(transactional_db: None) -> Organisation:
    return Organisation.objects.create(key="gardens", name="Gardens", short="G", kind="department")
