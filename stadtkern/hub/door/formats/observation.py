"""SensorThings: one Observation as clause 8.2.7 of OGC 18-088 has it, or an array of them."""

from typing import Any

from stadtkern.core.problems import BadQuery
from stadtkern.hub.door.formats.json_body import entity_id, parsed
from stadtkern.hub.door.formats.rows import FEATURE, Content, Group, check_columns, check_size

STREAMS = ("Datastream", "MultiDatastream")


def read(body: bytes) -> Content:
    """One group per observation. Raises BadQuery, TooLarge."""
    given = parsed(body)
    if isinstance(given, dict):
        return Content([_group(given, 0, "")])
    if not isinstance(given, list) or not given:
        raise BadQuery("The body is an observation, or a list of them.")
    check_size(len(given))
    return Content([_group(one, number, f"/{number}") for number, one in enumerate(given)])


def _group(observation: Any, number: int, at: str) -> Group:
    if not isinstance(observation, dict):
        raise BadQuery(f"{at or 'The body'} is no observation.")
    stream, names, values = None, [], []
    for name, value in observation.items():
        if name in STREAMS:
            stream = entity_id(value, f"{at}/{name}")
        elif name == "FeatureOfInterest":
            names.append(FEATURE)
            values.append(entity_id(value, f"{at}/{name}"))
        elif not name.startswith("@iot."):
            names.append(name)
            values.append(value)
    if stream is None:
        raise BadQuery(f'{at}/Datastream is missing: {{"@iot.id": number}}.')
    return Group(stream, check_columns(tuple(names)), [values], lambda _: (number, at))
