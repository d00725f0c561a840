"""What goes wrong is told in SensorThings' form, never as a 500, and never half an answer as if it were whole."""

import orjson
import psycopg
import pytest
from django.db import OperationalError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stadtkern.hub.api.sta import errors, views
from stadtkern.hub.api.sta.entities import SETS
from stadtkern.hub.api.sta.formats import json
from stadtkern.hub.api.sta.planning.world import World
from stadtkern.hub.tests.sta_read.asking import Sta
from stadtkern.hub.tests.sta_read.town import Town

pytestmark = pytest.mark.django_db


def failing(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def ask(self: World, statement: object) -> None:
        raise error

    monkeypatch.setattr(World, "ask", ask)


@pytest.mark.parametrize(
    ("error", "status", "retry"),
    [
        (psycopg.errors.QueryCanceled(), 503, True),
        (psycopg.OperationalError("gone"), 503, True),
        (OperationalError("gone"), 503, True),
        (psycopg.errors.NumericValueOutOfRange(), 400, False),
        (psycopg.errors.StatementTooComplex(), 400, False),
        (ZeroDivisionError("ours"), 503, True),
    ],
)
def test_each_kind_of_error(
    town: Town, sta: Sta, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int, retry: bool
) -> None:
    failing(monkeypatch, error)
    response = sta.raw("Things")
    told = orjson.loads(response.body)
    assert (response.status_code, told["code"], told["type"]) == (status, status, "error")
    assert ("Retry-After" in response) == retry
    assert "ours" not in told["message"]
    assert "gone" not in told["message"]


def test_an_unexpected_error_is_logged_under_the_number_that_is_told(
    town: Town, sta: Sta, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    failing(monkeypatch, RuntimeError("ours"))
    message = orjson.loads(sta.raw("Things").body)["message"]
    number = message.rstrip(".").split()[-1]
    assert any(number in record.getMessage() for record in caplog.records)


def test_a_statement_that_takes_too_long_is_stopped(town: Town, sta: Sta, settings: object) -> None:
    settings.HUB_SECONDS = 0.05  # type: ignore[attr-defined]
    wide = " or ".join(f"result mod {n} eq -1" for n in range(2, 40))
    from stadtkern.hub.domain.connection import cursor, here

    cursor(here()).execute(
        "insert into hub_observation (datastream_id, phenomenon_start, slot, id, number) "
        "select %s, '2026-05-05'::timestamptz + n * interval '1 second', 0, 743269900000000 + n, n "
        "from generate_series(1, 60000) n",
        [town.streams["tree moisture"].pk],
    )
    response = sta.raw("Observations", filter=wide)
    assert response.status_code == 503
    assert "takes too long" in orjson.loads(response.body)["message"]
    assert sta.raw("Things").status_code == 200


def test_an_answer_that_breaks_off_does_not_look_whole(town: Town, sta: Sta, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "AT_ONCE", 100)
    monkeypatch.setattr(json, "closing", lambda page, renderer: 1 / 0)
    response = sta.client.get("/sta/v1.1/Things")
    assert response.status_code == 200
    with pytest.raises(ZeroDivisionError):
        b"".join(response.streaming_content)


def test_errors_name_the_spot(town: Town, sta: Sta) -> None:
    status, message = sta.problem("Things", filter="name eq")
    assert status == 400
    assert message.startswith("$filter, character 8: expected a value")
    status, message = sta.problem("Things", filter="id gt 1 and nothing eq 1")
    assert "character 13" in message
    assert "they have id, name" in message


words = st.sampled_from(
    [
        *SETS,
        "Thing",
        "Datastream",
        "name",
        "properties",
        "result",
        "$ref",
        "$value",
        "$count",
        "id",
        "(1)",
        "(x)",
        "é",
        "",
        "..",
        "%2F",
        "phenomenonTime",
    ]
)
options = st.sampled_from(
    [
        "$filter",
        "$orderby",
        "$select",
        "$expand",
        "$top",
        "$skip",
        "$count",
        "$apply",
        "$resultFormat",
        "$skiptoken",
        "$nope",
        "x",
    ]
)
texts = st.one_of(
    st.text(max_size=20),
    st.lists(
        st.sampled_from(
            [
                "name",
                "result",
                "eq",
                "gt",
                "and",
                "or",
                "not",
                "1",
                "'x'",
                "(",
                ")",
                ",",
                ";",
                "null",
                "Things",
                "Datastreams",
                "$top=1",
                "=",
                "div",
                "0",
                "1e308",
                "mul",
                "now()",
                "phenomenonTime",
                "2026-01-01T00:00:00Z",
                "duration'P1D'",
                "sub",
                "location",
                "geo.length(location)",
                "st_within(location,geography'POINT(1 1)')",
                "aggregate(mean)",
                "true",
                "csv",
                "desc",
                "length(name)",
                "properties/a",
                "in",
                "distinct:name",
                "id",
            ]
        ),
        max_size=8,
    ).map(" ".join),
)


def test_nothing_that_is_sent_is_an_error_of_ours(town: Town, sta: Sta, monkeypatch: pytest.MonkeyPatch) -> None:
    unexpected: list[object] = []
    monkeypatch.setattr(errors.log, "error", lambda *told, **more: unexpected.append((told, more)))

    @settings(max_examples=400, suppress_health_check=list(HealthCheck))
    @given(st.lists(words, min_size=1, max_size=5), st.dictionaries(options, texts, max_size=3))
    def quiet(path: list[str], given: dict[str, str]) -> None:
        unexpected.clear()
        response = sta.raw("/".join(path), **{name.removeprefix("$"): text for name, text in given.items()})
        assert response.status_code in (200, 204, 400, 404), (path, given, response.body)
        assert not unexpected, (path, given, unexpected)
        if response.status_code >= 400:
            told = orjson.loads(response.body)
            assert told["code"] == response.status_code

    quiet()
