"""The town as plain dictionaries that hang together, for the oracle."""

from datetime import datetime
from typing import Any

from django.db import connection

from stadtkern.hub.models import Datastream, Location, ObservedProperty, Thing
from stadtkern.hub.tests.sta_read.oracle import Entity, Period


def _described(one: Any) -> Entity:
    names = {"id": one.pk, "name": one.name, "description": one.description, "properties": one.properties}
    return names | {"@iot.id": one.pk}


def model() -> dict[str, list[Entity]]:
    """Things, Locations, Datastreams (without the several-valued), ObservedProperties and Observations."""
    locations = {one.pk: _described(one) | {"location": one.location, "Things": []} for one in Location.objects.all()}
    properties = {one.pk: _described(one) | {"Datastreams": []} for one in ObservedProperty.objects.all()}
    things = {one.pk: _described(one) | {"Datastreams": [], "Locations": []} for one in Thing.objects.all()}
    for thing in Thing.objects.prefetch_related("locations"):
        for place in thing.locations.all():
            things[thing.pk]["Locations"].append(locations[place.pk])
            locations[place.pk]["Things"].append(things[thing.pk])
    streams = {}
    for one in Datastream.objects.filter(is_multi=False):
        made = _described(one) | {"unitOfMeasurement": one.unit, "Observations": []}
        made |= {"Thing": things[one.thing_id], "ObservedProperty": properties[one.observed_property_id]}
        made["Thing"]["Datastreams"].append(made)
        made["ObservedProperty"]["Datastreams"].append(made)
        streams[one.pk] = made
    return {
        "Things": list(things.values()),
        "Locations": list(locations.values()),
        "Datastreams": list(streams.values()),
        "ObservedProperties": list(properties.values()),
        "Observations": _observations(streams),
    }


def _observations(streams: dict[int, Entity]) -> list[Entity]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select id, datastream_id, phenomenon_start, phenomenon_end, result_time, number, text, json::text,"
            " parameters::text from hub_observation"
        )
        return [_observation(row, streams) for row in cursor.fetchall()]


def _observation(row: tuple[Any, ...], streams: dict[int, Entity]) -> Entity:
    import orjson

    id, stream, start, end, result_time, number, text, json, parameters = row
    kept: list[Any] = [number, text, orjson.loads(json) if json else None]
    made = {
        "id": id,
        "phenomenonTime": _period(start, end),
        "resultTime": result_time,
        "result": next((one for one in kept if one is not None), None),
        "parameters": orjson.loads(parameters) if parameters else None,
        "Datastream": streams.get(stream),
    }
    if stream in streams:
        streams[stream]["Observations"].append(made)
    return made


def _period(start: datetime, end: datetime | None) -> Period:
    return Period(start, end or start)
