"""What comes from the broker becomes observations, or letters; nothing is acknowledged before it is committed."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from stadtkern.core.models import ApiKey
from stadtkern.hub.door.mqtt import subscribing, taking
from stadtkern.hub.models import Datastream, Device, Latest, Letter
from stadtkern.hub.tests.cast import NOON, datastream
from stadtkern.hub.tests.mqtt.broker import Client
from stadtkern.hub.tests.mqtt.door import Door
from stadtkern.people.models import Organisation
from tests.operations.conftest import wait_until

pytestmark = pytest.mark.django_db(transaction=True)
Start = Callable[[], Door]
Clients = Callable[..., Client]


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subscribing, "LOOK_EVERY", 0.3)
    monkeypatch.setattr(taking, "NO_KEY_PAUSE", 0.3)
    monkeypatch.setattr(taking, "FRESH_SECONDS", 0.2)


def observation(stream: Datastream | None = None, *, at: str = NOON.isoformat(), **more: Any) -> str:
    given: dict[str, Any] = {"result": 21.5, "phenomenonTime": at} | more
    if stream:
        given["Datastream"] = {"@iot.id": stream.pk}
    return json.dumps({name: value for name, value in given.items() if value is not None})


def count(stream: Datastream) -> int:
    return Latest.objects.get(pk=stream.pk).count


def rows(stream: Datastream) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select phenomenon_start, number from hub_observation where datastream_id = %s order by 1", [stream.pk]
        )
        return cursor.fetchall()


def test_observations_are_created_on_the_topics_of_the_standard(door: Start, client: Clients) -> None:
    stream, other = datastream(), datastream()
    sender = client()
    door()
    wait_subscribed(sender, stream)
    sender.publish("v1.1/Observations", observation(stream, at="2026-05-04T12:01:00Z", result=1))
    sender.publish(f"v1.1/Datastreams({stream.pk})/Observations", observation(at="2026-05-04T12:02:00Z", result=2))
    sender.publish(
        f"v1.1/Datastreams({stream.pk})/Observations", observation(stream, at="2026-05-04T12:02:00Z", result=3)
    )
    sender.publish(f"v1.1/Datastreams({other.pk})/Observations", observation(at="2026-05-04T12:02:00+02:00", result=4))
    wait_until(lambda: count(stream) == 3 and count(other) == 1)
    assert [value for _at, value in rows(stream)] == [21.5, 1, 3]
    assert not Letter.objects.exists()


def wait_subscribed(sender: Client, stream: Datastream) -> None:
    """The door is there when what is sent again and again arrives (the same moment: one value)."""

    def arrived() -> bool:
        sender.publish("v1.1/Observations", observation(stream))
        return count(stream) > 0

    wait_until(arrived, what="the door at the broker")


@pytest.mark.parametrize("how", ["json", "number", "bytes"])
def test_messages_of_devices_are_letters_and_then_observations(
    door: Start, client: Clients, run_jobs: Callable[..., int], how: str
) -> None:
    from stadtkern.hub.tests.letters import cast

    stream, ready = datastream(), datastream()
    topic, body, field, decoder = {
        "json": ("park/bench/1", '{"air": {"t": 21.5}, "at": "2026-05-04T12:00:00Z"}', "air.t", None),
        "number": ("park/bench/2", "21.5", "value", None),
        "bytes": ("park/bench/3", b"\xff\x00\xd7", "t", {"name": "t", "at": 1, "length": 2, "factor": 0.1}),
    }[how]
    made = cast.layout(fields=[decoder]) if decoder else None
    Device.objects.create(
        key=topic, network=Device.Network.MQTT, fields={field: stream.pk}, decoder=made,
        time_field="at" if how == "json" else "",
    )  # fmt: skip
    sender = client()
    door()
    wait_subscribed(sender, ready)
    before = timezone.now()
    sender.publish(topic, body)
    wait_until(lambda: Letter.objects.filter(source="mqtt").exists())
    run_jobs()
    letter = Letter.objects.get()
    assert (letter.state, letter.error, letter.device_key) == (Letter.State.DONE, "", topic)
    ((at, value),) = rows(stream)
    assert value == 21.5
    assert at == NOON if how == "json" else before <= at <= timezone.now()


def test_topics_of_new_devices_are_subscribed_and_old_ones_given_up(door: Start, client: Clients) -> None:
    ready = datastream()
    sender = client()
    door()
    wait_subscribed(sender, ready)
    device = Device.objects.create(key="new/topic", network=Device.Network.MQTT)
    Device.objects.create(key="too/#", network=Device.Network.MQTT)  # no wildcards: whose would the messages be?

    def heard() -> bool:
        sender.publish("new/topic", "1")
        return Letter.objects.filter(device_key="new/topic").exists()

    wait_until(heard)
    Device.objects.filter(pk=device.pk).update(is_active=False)

    def deaf() -> bool:
        Letter.objects.all().delete()
        sender.publish("new/topic", "2")
        return sender.nothing(within=0.5) and not Letter.objects.exists()

    wait_until(deaf)


def test_an_observation_without_a_time_has_the_time_of_its_arrival(
    door: Start, client: Clients, run_jobs: Callable[..., int]
) -> None:
    stream = datastream()
    sender = client()
    door()
    wait_subscribed(sender, stream)
    before = timezone.now()
    sender.publish(f"v1.1/Datastreams({stream.pk})/Observations", '{"result": 7}')
    wait_until(lambda: Letter.objects.filter(source="sensorthings").exists())
    run_jobs()
    assert Letter.objects.get().state == Letter.State.DONE
    at, value = rows(stream)[-1]
    assert value == 7
    assert before <= at <= timezone.now()


@pytest.mark.parametrize(
    ("topic", "body", "says"),
    [
        ("v1.1/Observations", "{", "no JSON"),
        ("v1.1/Observations", "[1]", "one Observation"),
        ("v1.1/Observations", observation(), "Datastream is missing"),
        ("v1.1/Observations", observation(Datastream(pk=999_999)), "no such datastream"),
        ("v1.1/Datastreams(999999)/Observations", observation(), "no such datastream"),
        ("v1.1/Datastreams(1)/Observations", observation(Datastream(pk=2)), "name different entities"),
        ("v1.1/Observations", observation(Datastream(pk=999_999), at="yesterday"), "no such datastream"),
        ("v1.1/Observations", observation(Datastream(pk=999_999), result=None), "result"),
    ],
)
def test_what_cannot_be_written_waits_for_a_person(
    door: Start, client: Clients, topic: str, body: str, says: str
) -> None:
    ready = datastream()
    sender = client()
    door()
    wait_subscribed(sender, ready)
    sender.publish(topic, body)
    letter = wait_until(lambda: Letter.objects.filter(source="sensorthings").first())
    assert letter.state == Letter.State.FAILED
    assert says in letter.error
    assert letter.payload == {"topic": topic, "text": body}


def test_the_broker_writes_as_far_as_its_key_goes(door: Start, client: Clients, key: str) -> None:
    mine = datastream(organisation=Organisation.objects.get(key="tiefbauamt"))
    theirs = datastream(organisation=Organisation.objects.get(key="usb"))
    ApiKey.objects.filter(prefix=key).update(organisation="tiefbauamt")
    sender = client()
    door()
    wait_subscribed(sender, mine)
    sender.publish("v1.1/Observations", observation(theirs))
    wait_until(lambda: Letter.objects.filter(error__contains="no such datastream").exists())
    assert count(theirs) == 0


def test_without_a_living_key_everything_stays_with_the_broker(door: Start, client: Clients, key: str) -> None:
    stream = datastream()
    sender = client()
    first = door()
    wait_subscribed(sender, stream)
    ApiKey.objects.filter(prefix=key).update(revoked_at=timezone.now())
    sender.nothing(within=0.5)
    for minute in range(1, 6):
        sender.publish("v1.1/Observations", observation(stream, at=f"2026-05-04T13:0{minute}:00Z"))
    sender.nothing(within=1.5)
    assert count(stream) <= 2  # one may have been taken just before
    first.stop()
    ApiKey.objects.filter(prefix=key).update(revoked_at=None)
    door()
    wait_until(lambda: count(stream) == 6)


def test_our_own_words_are_not_taken_for_observations(door: Start, client: Clients) -> None:
    """What is told goes to the topics that are subscribed; it must not come back as new."""
    stream = datastream()
    sender, follower = client(), client().subscribe("v1.1/+/Observations")
    door()
    wait_subscribed(sender, stream)
    sender.publish("v1.1/Observations", observation(stream, at="2026-05-04T12:30:00Z"))
    wait_until(lambda: count(stream) == 2)
    follower.all()
    assert not Letter.objects.exists()
    assert count(stream) == 2
