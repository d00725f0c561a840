"""What comes in: observations on the topics of SensorThings (18-088, 8.4.1), everything else is a device's.

An observation with a time is written at once. One without, or one that cannot be written, is kept as a letter: the
first so that its time is that of its arrival however often the broker repeats it, the second for a person to look at.
"""

import re
from typing import Any

import orjson

from stadtkern.core.problems import Problem
from stadtkern.hub.domain.connection import cursor, here
from stadtkern.hub.domain.letters.networks import broker
from stadtkern.hub.domain.letters.sources import add_source
from stadtkern.hub.domain.letters.uplink import Undeliverable
from stadtkern.hub.domain.readers import Reader
from stadtkern.hub.domain.recording import record
from stadtkern.hub.domain.store.port import BeyondTime, UnknownDatastream
from stadtkern.hub.domain.streams import Stream, read_streams
from stadtkern.hub.door.formats import observation
from stadtkern.hub.door.formats.json_body import is_too_deep
from stadtkern.hub.door.formats.rows import TIME, Content
from stadtkern.hub.door.formats.samples import draft_of
from stadtkern.hub.door.gate import FEATURES
from stadtkern.hub.models import Letter

SOURCE = "sensorthings"
ROOT = "v1.1"
SUBSCRIBED = (f"{ROOT}/Observations", f"{ROOT}/+/Observations")
NAMES = {
    "Datastreams": "Datastream",
    "MultiDatastreams": "MultiDatastream",
    "FeaturesOfInterest": "FeatureOfInterest",
}
TOPIC = re.compile(rf"{ROOT}/(?:({'|'.join(NAMES)})\((\d{{1,18}})\)/)?Observations")


class BadCreation(ValueError):
    """No observation can be made of the message; the text says why."""


def is_ours(topic: str) -> bool:
    """Does the topic belong to SensorThings?"""
    return topic.startswith(f"{ROOT}/")


def is_a_place_to_create(topic: str) -> bool:
    return TOPIC.fullmatch(topic) is not None


def observation_of(topic: str, body: bytes) -> dict[str, Any]:
    """The observation, with what the topic says about it. Raises BadCreation."""
    try:
        given = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise BadCreation(f"the message is no JSON: {error}") from None
    if not isinstance(given, dict) or is_too_deep(given):
        raise BadCreation("the message is one Observation, a JSON object")
    found = TOPIC.fullmatch(topic)
    if found and found[1]:
        name, named = NAMES[found[1]], {"@iot.id": int(found[2])}
        if given.setdefault(name, named) != named:
            raise BadCreation(f"the topic and {name} name different entities")
    return given


def content_of(given: dict[str, Any]) -> Content:
    """Raises BadCreation."""
    try:
        return observation.read(orjson.dumps(given))
    except (Problem, TypeError) as problem:
        raise BadCreation(str(problem)) from problem


def has_time(given: dict[str, Any]) -> bool:
    return given.get(TIME) is not None


def read_letter(letter: Letter, writer: Reader) -> None:
    """The observation of a letter, in the caller's transaction; without a time of its own, when it arrived."""
    try:
        given = observation_of(letter.payload["topic"], broker.body_of(letter.payload))
        if not has_time(given):
            given[TIME] = letter.received_at.isoformat()
        content = content_of(given)
    except BadCreation as error:
        raise Undeliverable(str(error)) from error
    found = read_streams(here(), writer, content.ids)
    streams: dict[int | str, Stream] = {id: stream for id, stream in found.items() if stream.open}
    draft = draft_of(content, streams, _features(content, writer))
    if draft.rejected:
        raise Undeliverable(draft.rejected[0].reason)
    try:
        record(here(), draft.samples)
    except (UnknownDatastream, BeyondTime) as error:
        raise Undeliverable(str(error)) from error


def _features(content: Content, writer: Reader) -> set[int]:
    statement = FEATURES.format(sees=writer.sees_owned("f"))
    values = {"ids": list(content.features), **writer.parameters}
    return {id for id, _ in cursor(here()).execute(statement, values).fetchall()} if content.features else set()


add_source(SOURCE, read_letter)
