"""Ingest from the request to the tables: what is written, what is answered, who may."""

import gzip
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from stadtkern.core import apikeys
from stadtkern.hub.models import Contract, Datastream, FeatureOfInterest, Latest
from stadtkern.hub.tests.cast import datastream, thing
from stadtkern.hub.tests.door.conftest import AT_NOON

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
VALUES = "select phenomenon_start, number from hub_observation where datastream_id = %s order by 1, 2"


def observation(of: Datastream, result: object = 21.5, **more: object) -> dict[str, object]:
    return {"Datastream": {"@iot.id": of.pk}, "phenomenonTime": AT_NOON, "result": result} | more


def array(of: Datastream, *data: list[object]) -> dict[str, object]:
    return {"Datastream": {"@iot.id": of.pk}, "components": ["phenomenonTime", "result"], "dataArray": list(data)}


def counts(answer) -> tuple[int, int]:
    assert answer.status_code == 201, answer.text
    assert answer.json()["rejected"] == []
    return answer.json()["created"], answer.json()["corrected"]


def test_an_observation_is_there_when_it_is_answered(door, air, rows):
    assert counts(door.post("/ingest/observations", observation(air))) == (1, 0)
    assert rows(VALUES, air.pk) == [(NOON, 21.5)]
    assert Latest.objects.get(pk=air.pk).number == 21.5


def test_the_same_moment_again_is_a_correction(door, air, rows):
    door.post("/ingest/observations", observation(air))
    assert counts(door.post("/ingest/observations", [observation(air, 22.5)])) == (0, 1)
    assert rows(VALUES, air.pk) == [(NOON, 22.5)]


def test_a_moment_twice_in_a_body_is_created_once_and_corrected_once(door, air, rows):
    assert counts(door.post("/ingest/data-array", [array(air, [AT_NOON, 1.0], [AT_NOON, 2.0])])) == (1, 1)
    assert rows(VALUES, air.pk) == [(NOON, 2.0)]


def test_a_data_array_for_several_datastreams(door, air, rows):
    other = datastream(air.thing)
    parts = [array(air, [AT_NOON, 1.0], ["2026-05-04T14:00:00+01:00", 2.0]), array(other, [AT_NOON, 3])]
    assert counts(door.post("/ingest/data-array", parts)) == (3, 0)
    assert rows(VALUES, air.pk) == [(NOON, 1.0), (NOON + timedelta(hours=1), 2.0)]
    assert rows(VALUES, other.pk) == [(NOON, 3.0)]


def test_plain_json_for_one_datastream(door, air, rows):
    assert counts(door.post(f"/ingest/datastreams/{air.pk}", [[AT_NOON, 1.5]])) == (1, 0)
    late = [{"time": 1_777_896_060_000, "value": 2.5}]
    assert counts(door.post(f"/ingest/datastreams/{air.pk}?precision=ms", late)) == (1, 0)
    assert rows(VALUES, air.pk) == [(NOON, 1.5), (NOON + timedelta(minutes=1), 2.5)]


def test_lines_find_their_datastreams(door, air, rows):
    named = datastream(air.thing, source="lines", source_key="weather,station=7 temp")
    body = f"weather,station=7 temp=20.5 1777896000\nweather,datastream={air.pk} v=1i 1777896000"
    assert counts(door.post("/ingest/lines?precision=s", body)) == (2, 0)
    assert rows(VALUES, named.pk) == [(NOON, 20.5)]
    assert rows(VALUES, air.pk) == [(NOON, 1.0)]


def test_gzip_is_read_everywhere(door, air):
    body = gzip.compress(f"w,datastream={air.pk} v=1".encode())
    assert counts(door.post("/ingest/lines", body, headers={"Content-Encoding": "gzip"})) == (1, 0)
    answer = door.post("/ingest/lines", body[:-3], headers={"Content-Encoding": "gzip"})
    assert (answer.status_code, answer.json()["detail"]) == (400, "The gzip body ends too early.")


def test_a_feature_of_interest_that_is_seen_may_be_named(door, air, rows):
    lake = FeatureOfInterest.objects.create(name="Teich", feature={"type": "Point", "coordinates": [7.2, 51.4]})
    hidden = FeatureOfInterest.objects.create(name="Keller", feature={}, visibility="named")
    assert counts(door.post("/ingest/observations", observation(air, FeatureOfInterest={"@iot.id": lake.pk}))) == (1, 0)
    assert rows("select feature_id from hub_observation") == [(lake.pk,)]
    refused = door.post("/ingest/observations", observation(air, FeatureOfInterest={"@iot.id": hidden.pk}))
    assert refused.status_code == 422
    assert "no feature of interest" in refused.json()["rejected"][0]["reason"]


def test_all_or_nothing_unless_partial_is_wanted(door, air, rows):
    parts = [array(air, [AT_NOON, 1.0], ["noon", 2.0])]
    refused = door.post("/ingest/data-array", parts)
    assert refused.status_code == 422
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.json()["rejected"] == [
        {"index": 1, "at": "/0/dataArray/1", "reason": "'noon' is no time of ISO 8601"}
    ]
    assert rows(VALUES, air.pk) == []
    kept = door.post("/ingest/data-array?partial=yes", parts)
    assert (kept.status_code, kept.json()["created"], len(kept.json()["rejected"])) == (201, 1, 1)
    assert rows(VALUES, air.pk) == [(NOON, 1.0)]


def test_partial_with_nothing_good_is_refused(door, air):
    assert door.post("/ingest/observations?partial=yes", observation(air, "warm")).status_code == 422
    assert door.post("/ingest/observations?partial=maybe", observation(air)).status_code == 400


def test_what_only_postgresql_can_refuse_is_refused_alone(door, air, rows):
    text = datastream(
        air.thing, observation_type="http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_Observation"
    )
    refused = door.post("/ingest/observations", [observation(air), observation(text, "nul \0 sign")])
    assert refused.status_code == 422
    assert "The database refuses a value" in refused.json()["detail"]
    assert rows("select count(*) from hub_observation") == [(0,)]
    assert counts(door.post("/ingest/observations", observation(air))) == (1, 0)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/ingest/nothing", 404),
        ("GET", "/ingest/observations", 405),
        ("POST", "/ingest/datastreams/x", 400),
        ("POST", "/ingest/datastreams/999999", 404),
        ("POST", "/ingest/lines?precision=fortnight", 400),
        ("GET", "/ingest/", 200),
    ],
)
def test_addresses(door, method, path, status):
    answer = door.ask(method, path, content=f'[["{AT_NOON}", 1]]' if method == "POST" else b"")
    assert answer.status_code == status
    assert answer.headers.get("allow") == ("POST" if status == 405 else None)


def test_an_address_with_too_many_parameters_is_refused(door):
    asked = "&".join(f"p{number}=1" for number in range(21))
    assert door.post(f"/ingest/lines?{asked}", "w v=1").status_code == 400


def test_the_help_names_every_route(door):
    paths = {route["path"] for route in door.ask("GET", "/ingest/", key="").json()["routes"]}
    wanted = {"/ingest/observations", "/ingest/data-array", "/ingest/lines", "/ingest/datastreams/{id}"}
    assert wanted <= paths


def test_a_body_that_is_too_large_is_refused(door):
    assert door.post("/ingest/lines", b"#" * 10_000_001).status_code == 413
    bomb = gzip.compress(b"#" * 10_000_001)
    assert door.post("/ingest/lines", bomb, headers={"Content-Encoding": "gzip"}).status_code == 413
    assert door.post("/ingest/lines", b"x", headers={"Content-Encoding": "br"}).status_code == 415


def test_a_large_body_is_written_whole(door, air, rows):
    times = [(NOON + timedelta(seconds=second)).isoformat() for second in range(20_000)]
    assert counts(door.post("/ingest/data-array", [array(air, *[[time, 1.5] for time in times])])) == (20_000, 0)
    assert rows("select count(*) from hub_observation") == [(20_000,)]


@pytest.mark.parametrize("key", ["", "sk_", "sk_abc_def", "nonsense", "sk_" + "x" * 300])
def test_without_a_key_nothing_is_written(door, air, key):
    answer = door.post("/ingest/observations", observation(air), key=key)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")


def test_a_key_comes_as_bearer_too(door, air):
    headers = {"Authorization": f"Bearer {door.key}"}
    assert counts(door.post("/ingest/observations", observation(air), key="", headers=headers)) == (1, 0)


def test_a_key_without_the_scope_is_not_enough(door, air):
    reads_only = apikeys.issue("reader", scopes=["hub.read"])[1]
    assert door.post("/ingest/observations", observation(air), key=reads_only).status_code == 403


def test_a_key_that_has_expired_is_none(door, air):
    gone = apikeys.issue("old", scopes=["hub.write"], expires_at=timezone.now() - timedelta(seconds=1))[1]
    assert door.post("/ingest/observations", observation(air), key=gone).status_code == 401


def test_a_key_that_expires_while_it_is_believed_ends_at_once(door, air):
    soon = apikeys.issue("soon", scopes=["hub.write"], expires_at=timezone.now() + timedelta(seconds=1))[1]
    assert door.post("/ingest/observations", observation(air), key=soon).status_code == 201
    door.run(_sleep(1.1))
    assert door.post("/ingest/observations", observation(air), key=soon).status_code == 401


def test_a_key_that_is_revoked_ends_within_moments(door, air, monkeypatch):
    monkeypatch.setattr("stadtkern.hub.door.keys.FRESH_SECONDS", 0.2)
    key, text = apikeys.issue("stolen", scopes=["hub.write"])
    assert door.post("/ingest/observations", observation(air), key=text).status_code == 201
    apikeys.revoke(key.prefix)
    door.run(_sleep(0.3))
    assert door.post("/ingest/observations", observation(air), key=text).status_code == 401


async def _sleep(seconds: float) -> None:
    import asyncio

    await asyncio.sleep(seconds)


def test_guessing_keys_holds_up_nobody_who_has_one(door, air, monkeypatch):
    monkeypatch.setattr("stadtkern.hub.door.keys.MOST_STRANGERS", 0)
    assert door.post("/ingest/observations", observation(air)).status_code == 503  # a stranger too, until now
    monkeypatch.setattr("stadtkern.hub.door.keys.MOST_STRANGERS", 1)
    assert door.post("/ingest/observations", observation(air)).status_code == 201
    monkeypatch.setattr("stadtkern.hub.door.keys.MOST_STRANGERS", 0)
    monkeypatch.setattr("stadtkern.hub.door.keys.FRESH_SECONDS", 0.0)
    assert [door.post("/ingest/observations", observation(air)).status_code for _ in range(2)] == [201, 201]
    assert door.post("/ingest/observations", observation(air), key="sk_guess_1").status_code == 503


def test_a_key_has_its_requests_a_minute(door, air, rows):
    text = apikeys.issue("busy", scopes=["hub.write"], per_minute=3)[1]
    statuses = [door.post("/ingest/observations", observation(air), key=text).status_code for _ in range(5)]
    assert statuses.count(201) in (3, 4)  # 4: a minute ended in between
    assert statuses[-1] == 429
    answer = door.post("/ingest/observations", observation(air), key=text)
    assert 1 <= int(answer.headers["retry-after"]) <= 61


def test_doors_count_a_keys_requests_together(door, air, rows, monkeypatch):
    monkeypatch.setattr("stadtkern.hub.door.keys.FRESH_SECONDS", 0.0)
    key, text = apikeys.issue("busy", scopes=["hub.write"], per_minute=1_000)
    for _ in range(3):
        door.post("/ingest/observations", observation(air), key=text)
    assert rows("select sum(count) from core_spent where bucket = %s", f"door:{key.prefix}")[0][0] == 2


def test_a_key_of_an_organisation_writes_to_what_is_its_own(door, house, rows):
    own, public = datastream(thing(organisation=house)), datastream()
    text = apikeys.issue("gardens", scopes=["hub.write"], organisation="gardens")[1]
    assert counts(door.post("/ingest/observations", observation(own), key=text)) == (1, 0)
    refused = door.post("/ingest/observations", observation(public), key=text)
    assert refused.status_code == 404  # that it exists is nobody's business
    assert door.post("/ingest/observations", [observation(own, 1), observation(public)], key=text).status_code == 404
    assert rows(VALUES, own.pk) == [(NOON, 21.5)]


def test_a_contract_opens_a_datastream_and_closing_it_is_heard_at_once(door, house, air):
    key, text = apikeys.issue("guest", scopes=["hub.write"], organisation="gardens")
    assert door.post("/ingest/observations", observation(air), key=text).status_code == 404
    contract = Contract.objects.create(datastream=air, key_prefix=key.prefix, may_write=True, purpose="loan")
    _until(lambda: door.post("/ingest/observations", observation(air), key=text).status_code == 201)
    contract.delete()
    _until(lambda: door.post("/ingest/observations", observation(air), key=text).status_code == 404, seconds=2)


def test_a_new_datastream_of_lines_is_found_at_once(door, air):
    body = "weather,station=8 temp=20.5 1777896000"
    assert door.post("/ingest/lines?precision=s", body).status_code == 404
    datastream(air.thing, source="lines", source_key="weather,station=8 temp")
    assert door.post("/ingest/lines?precision=s", body).status_code == 201


def test_a_datastream_that_is_deleted_is_not_written_to(door, air):
    door.post("/ingest/observations", observation(air))
    Latest.objects.filter(pk=air.pk).delete()  # as the deletion of a datastream begins: nobody was told yet
    answer = door.post("/ingest/observations", observation(air, 1.0))
    assert (answer.status_code, answer.json()["detail"]) == (404, "The datastream is not there any more.")


def _until(true, *, seconds: float = 5.0) -> None:
    import time

    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until
        time.sleep(0.05)
