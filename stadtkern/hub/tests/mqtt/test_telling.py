"""What is written is told: to those who listen now, and the newest value to those who come later."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from stadtkern.hub.domain.connection import writing
from stadtkern.hub.domain.readers import EVERYTHING
from stadtkern.hub.domain.recording import record, sample_of
from stadtkern.hub.domain.streams import Streams
from stadtkern.hub.models import Datastream
from stadtkern.hub.tests.cast import IN_DEGREES, NOON, datastream, thing
from stadtkern.hub.tests.mqtt.broker import Broker, Client
from stadtkern.hub.tests.mqtt.door import Door
from stadtkern.hub.words import Flag, Visibility
from tests.operations.conftest import wait_until

pytestmark = pytest.mark.django_db(transaction=True)
Start = Callable[[], Door]
Clients = Callable[..., Client]
MINUTE = timedelta(minutes=1)
ROOT = "https://bochum.example/sta/v1.1"


def write(stream: Datastream, *values: Any, at: Any = NOON, flags: int = 0, **more: Any) -> None:
    """Values a minute apart, in one transaction."""
    with writing() as connection:
        known = Streams().of(connection, EVERYTHING, [stream.pk])[stream.pk]
        samples = [sample_of(known, result=value, start=at + n * MINUTE, **more) for n, value in enumerate(values)]
        for sample in samples:
            sample.flags = flags
        record(connection, samples)


def topic(stream: Datastream, rest: str = "/Observations") -> str:
    return f"v1.1/Datastreams({stream.pk}){rest}"


def told(message: Any) -> Any:
    return json.loads(message.payload)


def results(messages: list[Any]) -> list[Any]:
    return [told(message)["result"] for message in messages]


def test_each_observation_is_told_as_the_standard_writes_it(door: Start, client: Clients) -> None:
    stream = datastream()
    follower = client().subscribe(topic(stream))
    door()
    write(stream, 20.0, flags=Flag.RANGE, parameters={"depth": 2}, result_time=NOON)
    message = follower.next()
    said = told(message)
    id = said.pop("@iot.id")
    assert said == {
        "@iot.selfLink": f"{ROOT}/Observations({id})",
        "phenomenonTime": "2026-05-04T12:00:00Z",
        "resultTime": "2026-05-04T12:00:00Z",
        "result": 20,
        "parameters": {"depth": 2},
        "resultQuality": [{"nameOfMeasure": "range", "pass": False}],
        "Datastream@iot.navigationLink": f"{ROOT}/Observations({id})/Datastream",
        "FeatureOfInterest@iot.navigationLink": f"{ROOT}/Observations({id})/FeatureOfInterest",
    }
    write(stream, 21.5, 22.5, at=NOON + MINUTE)
    assert results([follower.next(), follower.next()]) == [21.5, 22.5]


def test_who_comes_late_gets_the_newest_value_of_every_datastream(door: Start, client: Clients) -> None:
    first, second, empty = datastream(), datastream(), datastream()
    write(first, 1, 2, 3)
    write(second, 4)
    door()
    early = client().subscribe("v1.1/+/Observations")
    wait_until(lambda: early.got.qsize() >= 2)
    late = client().subscribe("v1.1/+/Observations")
    found = {message.topic: told(message)["result"] for message in late.all()}
    assert found == {topic(first): 3, topic(second): 4}
    assert topic(empty) not in found
    write(first, 5, at=NOON + 9 * MINUTE)
    assert results(late.all()) == [5]
    latest = client().subscribe(topic(first)).next()
    assert (told(latest)["result"], latest.retain) == (5, True)


def test_small_messages_and_property_topics(door: Start, client: Clients) -> None:
    stream = datastream()
    small = client().subscribe(topic(stream, "/Observations?$select=phenomenonTime,result"))
    extent = client().subscribe(topic(stream, "/phenomenonTime"))
    door()
    write(stream, 1, 2)
    newest = [told(message) for message in (small.next(), *small.all())][-1]
    assert newest == {"phenomenonTime": "2026-05-04T12:01:00Z", "result": 2}
    assert told(extent.next()) == {"phenomenonTime": "2026-05-04T12:00:00Z/2026-05-04T12:01:00Z"}


def test_a_correction_of_the_newest_value_is_told_and_nothing_twice(door: Start, client: Clients) -> None:
    stream = datastream()
    follower = client().subscribe(topic(stream))
    door()
    write(stream, 1)
    assert results([follower.next()]) == [1]
    write(stream, 1)  # the same again
    assert follower.all() == []
    write(stream, 2)
    assert results([follower.next()]) == [2]
    assert follower.all() == []


@pytest.mark.parametrize("visibility", [Visibility.ORGANISATION, Visibility.NAMED])
def test_what_is_not_public_is_never_told(door: Start, client: Clients, visibility: str) -> None:
    hidden, public = datastream(visibility=visibility), datastream()
    follower, everything = client().subscribe("v1.1/+/Observations"), client().subscribe("#")
    write(hidden, 1)
    door()
    write(hidden, 2, at=NOON + MINUTE)
    hidden.save()
    write(public, 3)
    assert results([follower.next()]) == [3]
    write(hidden, 4, at=NOON + 2 * MINUTE)
    topics = {message.topic for message in everything.all(quiet=2.5)}
    assert topic(public, "") in topics
    assert not [found for found in topics if f"({hidden.pk})" in found]


@pytest.mark.parametrize("how", ["hidden", "deleted"])
def test_what_stops_being_public_is_taken_back(door: Start, client: Clients, how: str) -> None:
    stream, other = datastream(), datastream()
    write(stream, 1)
    write(other, 2)
    running = door()
    early = client().subscribe("v1.1/+/Observations")
    wait_until(lambda: early.got.qsize() >= 2)
    if how == "hidden":
        stream.visibility = Visibility.NAMED
        stream.save()
    else:
        stream.delete()
    wait_until(lambda: any(not message.payload for message in early.all(quiet=0.5)))
    late = client().subscribe("v1.1/#")
    assert {message.topic.partition("?")[0] for message in late.all()} == {topic(other)}
    running.stop()


def test_what_stopped_being_public_while_no_door_was_there_is_taken_back(door: Start, client: Clients) -> None:
    stream = datastream()
    write(stream, 1)
    first = door()
    assert client().subscribe(topic(stream)).next().retain in (True, False)
    first.stop()
    Datastream.objects.filter(pk=stream.pk).update(visibility=Visibility.NAMED)
    door()

    def gone() -> bool:
        late = client().subscribe("v1.1/#")
        return late.all(quiet=0.5) == []

    wait_until(gone)


def test_a_changed_datastream_is_told(door: Start, client: Clients) -> None:
    stream = datastream()
    follower = client().subscribe(topic(stream, ""))
    door()
    follower.all(quiet=3)
    stream.name = "Luft in zwei Metern"
    stream.save()
    said = told(follower.next())
    assert (said["name"], said["@iot.selfLink"]) == ("Luft in zwei Metern", f"{ROOT}/Datastreams({stream.pk})")
    assert said["unitOfMeasurement"] == IN_DEGREES
    assert said["Thing@iot.navigationLink"] == f"{ROOT}/Datastreams({stream.pk})/Thing"
    assert follower.all(quiet=2) == []


def test_several_properties_are_told_on_topics_of_their_own(door: Start, client: Clients) -> None:
    stream = datastream(is_multi=True, multi_types=["a", "b"], unit=[IN_DEGREES, IN_DEGREES])
    follower = client().subscribe("v1.1/+/Observations")
    door()
    write(stream, [1, "x"])
    message = follower.next()
    assert message.topic == f"v1.1/MultiDatastreams({stream.pk})/Observations"
    assert told(message)["result"] == [1, "x"]
    assert "MultiDatastream@iot.navigationLink" in told(message)


def test_what_was_written_while_nobody_told_is_told_then_and_only_that(
    door: Start, client: Clients, broker: Broker
) -> None:
    first, second = datastream(thing()), datastream(thing())
    write(first, 1)
    write(second, 1)
    running = door()
    follower = client("follower").subscribe("v1.1/+/Observations")
    wait_until(lambda: follower.got.qsize() >= 2)
    running.stop()
    follower.all()
    write(first, 2, 3, at=NOON + MINUTE)
    door()
    found = [(message.topic, told(message)["result"]) for message in follower.all(quiet=4)]
    assert found == [(topic(first), 2), (topic(first), 3)]
    broker.stop()  # what it retains is on its disk; the door comes back by itself
    broker.start()
    write(second, 9, at=NOON + MINUTE)
    again = client().subscribe("v1.1/+/Observations")

    def seen() -> bool:
        return (topic(second), 9) in [(message.topic, told(message)["result"]) for message in again.all(quiet=0.5)]

    wait_until(seen)
