"""SensorThings: the data array extension (OGC 18-088, clause 12), several datastreams in one body."""

from collections.abc import Callable
from typing import Any

from stadtkern.core.problems import BadQuery
from stadtkern.hub.door.formats.json_body import entity_id, parsed
from stadtkern.hub.door.formats.observation import STREAMS
from stadtkern.hub.door.formats.rows import Content, Group, check_columns, check_size

KNOWN = {*STREAMS, "components", "dataArray", "dataArray@iot.count"}


def read(body: bytes) -> Content:
    """One group per datastream of the body. Raises BadQuery, TooLarge."""
    given = parsed(body)
    parts = [given] if isinstance(given, dict) else given
    if not isinstance(parts, list) or not parts:
        raise BadQuery("The body is a list of objects with Datastream, components and dataArray.")
    groups: list[Group] = []
    count = 0
    for number, part in enumerate(parts):
        groups.append(_group(part, number, count))
        count += len(groups[-1].rows)
        check_size(count)
    return Content(groups)


def _group(part: Any, number: int, first: int) -> Group:
    at = f"/{number}"
    if not isinstance(part, dict):
        raise BadQuery(f"{at} is no object.")
    if strange := part.keys() - KNOWN:
        raise BadQuery(f"{at}: unknown: {min(strange)[:60]!r}.")
    streams = [name for name in STREAMS if name in part]
    if len(streams) != 1:
        raise BadQuery(f'{at}/Datastream is missing: {{"@iot.id": number}}.')
    stream = entity_id(part[streams[0]], f"{at}/{streams[0]}")
    rows, components = part.get("dataArray"), part.get("components")
    if not isinstance(rows, list):
        raise BadQuery(f"{at}/dataArray is no list.")
    if not isinstance(components, list):
        raise BadQuery(f"{at}/components is no list.")
    if part.get("dataArray@iot.count", len(rows)) != len(rows):
        raise BadQuery(f"{at}/dataArray has {len(rows)} rows, not as many as dataArray@iot.count says.")
    columns = check_columns(tuple(map(str, components)))
    return Group(stream, columns, rows, _place(at, first))


def _place(at: str, first: int) -> Callable[[int], tuple[int, str]]:
    return lambda number: (first + number, f"{at}/dataArray/{number}")
