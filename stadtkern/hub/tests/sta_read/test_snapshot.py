"""One request reads one state of the tables and changes nothing; seen from real connections."""

from typing import Any

import orjson
import psycopg
import pytest

from stadtkern.hub.api.sta import answering
from stadtkern.hub.api.sta.planning.world import World
from stadtkern.hub.models import ObservedProperty
from stadtkern.hub.tests.sta_read.asking import Sta

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def some(transactional_db: None) -> None:
    ObservedProperty.objects.bulk_create(ObservedProperty(name=f"p{n}") for n in range(3))


def noting(monkeypatch: pytest.MonkeyPatch, work: Any) -> None:
    ask = World.ask

    def first(self: World, statement: Any) -> Any:
        rows = ask(self, statement)
        work(self)
        return rows

    monkeypatch.setattr(World, "ask", first)


def test_the_transaction_is_a_snapshot_that_only_reads(some: None, sta: Sta, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[Any] = []

    def look(world: World) -> None:
        names = ["transaction_isolation", "transaction_read_only", "statement_timeout"]
        asked = "select array(select current_setting(name) from unnest(%s::text[]) name)"
        told.extend(psycopg.Cursor(world.connection).execute(asked, [names]).fetchall())

    noting(monkeypatch, look)
    sta("ObservedProperties")
    assert told[0] == (["repeatable read", "on", "10s"],)


def test_levels_fit_together_while_others_write(some: None, sta: Sta, monkeypatch: pytest.MonkeyPatch) -> None:
    from concurrent.futures import ThreadPoolExecutor

    from django.db import connection

    def elsewhere() -> None:
        ObservedProperty.objects.create(name="later")
        connection.close()

    done: list[int] = []

    def write_once(world: World) -> None:
        if not done:
            done.append(1)
            with ThreadPoolExecutor(1) as pool:
                pool.submit(elsewhere).result()

    noting(monkeypatch, write_once)
    found = sta("ObservedProperties", count="true")  # the count is asked first, then the page
    assert (found["@iot.count"], len(found["value"])) == (3, 3)
    assert len(sta.names("ObservedProperties")) == 4


def test_the_connection_is_free_again_when_a_client_goes_away(
    some: None, sta: Sta, monkeypatch: pytest.MonkeyPatch
) -> None:
    from stadtkern.hub.api.sta import views
    from stadtkern.hub.domain.connection import here

    monkeypatch.setattr(views, "AT_ONCE", 10)
    monkeypatch.setattr(answering, "note_access", lambda *a, **b: None)
    response = sta.client.get("/sta/v1.1/ObservedProperties")
    assert response.streaming
    assert here().info.transaction_status == psycopg.pq.TransactionStatus.INTRANS
    next(iter(response.streaming_content))
    response.close()
    assert here().info.transaction_status == psycopg.pq.TransactionStatus.IDLE
    assert orjson.loads(sta.raw("ObservedProperties/$count").body) == 3
