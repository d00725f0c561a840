"""Webhooks over ASGI, with a real key and real tables: committed before it is answered, once however often it comes."""

import asyncio
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import orjson
import pytest

from stadtkern.core import apikeys
from stadtkern.hub.door import webhooks
from stadtkern.hub.door.ingest import Ingest
from stadtkern.hub.door.routes import ROUTES
from stadtkern.hub.models import Device, Latest, Letter
from stadtkern.hub.rights import READ_SCOPE
from stadtkern.hub.tests.cast import datastream
from stadtkern.hub.tests.door_threads import close_threads
from stadtkern.hub.tests.letters import cast

pytestmark = pytest.mark.django_db(transaction=True)
TTN, CHIRPSTACK = "/ingest/lorawan/ttn", "/ingest/lorawan/chirpstack"
Post = Callable[..., tuple[int, Any]]


@pytest.fixture
def post(transactional_db: None, city: Any) -> Post:
    """Send JSON (or bytes) with a key that may write everywhere; returns status and answer."""
    _, text = cast.key()

    def send(address: str, body: Any, *, key: str = text, **headers: str) -> tuple[int, Any]:
        given = {"authorization": f"Bearer {key}"} | {name.replace("_", "-"): value for name, value in headers.items()}
        raw = body if isinstance(body, bytes) else orjson.dumps(body)
        return asyncio.run(_exchange(address, raw, given))

    return send


async def _exchange(address: str, body: bytes, headers: dict[str, str]) -> tuple[int, Any]:
    parts = urlsplit(address)
    scope = {
        "type": "http",
        "method": "POST",
        "path": parts.path,
        "query_string": parts.query.encode(),
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    ingest = Ingest("")  # nothing is written by its own connection here
    try:
        await ingest(scope, receive, send)
    finally:
        await close_threads(ingest)
    answer = sent[1]["body"]
    return sent[0]["status"], orjson.loads(answer) if answer else None


def test_an_uplink_is_kept_answered_and_read(post: Post, run_jobs: Callable[..., int]) -> None:
    stream = datastream()
    cast.device(stream)
    assert post(TTN, cast.TTN) == (202, {"kept": 1, "repeats": 0})
    assert Letter.objects.get().state == Letter.State.WAITING
    assert post(TTN, cast.TTN) == (202, {"kept": 0, "repeats": 1})
    run_jobs()
    assert (Letter.objects.get().state, Latest.objects.get(pk=stream.pk).number) == (Letter.State.DONE, 27.2)


def test_chirpstack_brings_uplinks(post: Post) -> None:
    assert post(f"{CHIRPSTACK}?event=up", cast.CHIRPSTACK) == (202, {"kept": 1, "repeats": 0})
    letter = Letter.objects.get()
    assert (letter.source, letter.device_key, letter.payload) == ("chirpstack", cast.EUI, cast.CHIRPSTACK)


def test_several_messages_at_once_and_events_between_them(post: Post) -> None:
    join = {"end_device_ids": {"dev_eui": cast.EUI}, "join_accept": {"session_key_id": "x"}}
    assert post(TTN, [cast.by_ttn(), join, cast.by_ttn(f_cnt=43)]) == (202, {"kept": 2, "repeats": 0})


@pytest.mark.parametrize(
    "body",
    [
        {"end_device_ids": {"dev_eui": cast.EUI}, "join_accept": {"session_key_id": "x"}},
        {"end_device_ids": {"dev_eui": cast.EUI}, "downlink_ack": {"f_port": 1}},
        {"name": "as.up.data.forward", "time": "2026-05-04T12:00:00Z", "data": {}},
        [],
    ],
)
def test_other_events_of_the_things_stack_bring_nothing(post: Post, body: Any) -> None:
    assert post(TTN, body) == (204, None)
    assert not Letter.objects.exists()


def test_signs_of_life_of_chirpstack_stay_with_the_device(post: Post) -> None:
    device = cast.device()
    info = {"deviceInfo": {"devEui": cast.EUI.lower()}}
    assert post(f"{CHIRPSTACK}?event=join", info | {"devAddr": "00189440"}) == (204, None)
    device.refresh_from_db()
    assert (device.seen_at is not None, device.battery) == (True, None)
    assert post(f"{CHIRPSTACK}?event=status", info | {"margin": 7, "batteryLevel": 62.5}) == (204, None)
    assert post(f"{CHIRPSTACK}?event=status", info | {"batteryLevelUnavailable": True}) == (204, None)
    assert Device.objects.get(pk=device.pk).battery == 62.5
    assert post(f"{CHIRPSTACK}?event=txack", {"anything": 1}) == (204, None)
    assert post(f"{CHIRPSTACK}?event=status", {"deviceInfo": {"devEui": "0" * 16}}) == (204, None)


@pytest.mark.parametrize(
    ("address", "body", "status", "says"),
    [
        (TTN, b"{", 400, "no JSON"),
        (TTN, "text", 422, "a message is an object"),
        (TTN, {"uplink_message": {"f_cnt": 1}}, 422, "end_device_ids.dev_eui is no EUI"),
        (TTN, cast.by_ttn(f_cnt=-1), 422, "f_cnt is no whole number"),
        (TTN, cast.by_ttn(frm_payload="not base64!"), 422, "frm_payload is no base64"),
        (TTN, [cast.by_ttn(), cast.by_ttn(f_port=True)], 422, "Message 1"),
        (TTN, [{}] * 501, 413, "500 messages"),
        (TTN, b"[" * 900 + b"]" * 900, 400, "too deep"),
        (TTN, {"x": "y" * 1_000_001}, 413, "1000000 bytes"),
        (CHIRPSTACK, cast.CHIRPSTACK, 400, "event is missing"),
        (f"{CHIRPSTACK}?event=up", {"deviceInfo": {}}, 422, "deviceInfo.devEui"),
        (f"{CHIRPSTACK}?event=join", {"deviceInfo": {"devEui": 7}}, 422, "deviceInfo.devEui"),
    ],
)
def test_what_is_no_message_is_refused_with_a_reason(
    post: Post, address: str, body: Any, status: int, says: str
) -> None:
    got, problem = post(address, body)
    assert got == status
    assert says in problem["detail"]
    assert not Letter.objects.exists()


def test_protobuf_is_refused_with_advice(post: Post) -> None:
    status, problem = post(f"{CHIRPSTACK}?event=up", b"\x0a\x24", content_type="application/octet-stream")
    assert (status, "Choose JSON" in problem["detail"]) == (400, True)


def test_a_key_with_the_scope_is_needed(post: Post) -> None:
    assert post(TTN, cast.TTN, key="sk_none_none")[0] == 401
    _, reading = apikeys.issue("reader", scopes=[READ_SCOPE])
    assert post(TTN, cast.TTN, key=reading)[0] == 403
    assert not Letter.objects.exists()


def test_the_key_may_stand_in_its_own_header(post: Post) -> None:
    _, text = cast.key()
    assert post(TTN, cast.TTN, authorization="", x_api_key=text)[0] == 202


def test_both_addresses_are_offered() -> None:
    assert {webhooks.take_ttn, webhooks.take_chirpstack} <= {route.handler for route in ROUTES.routes}
