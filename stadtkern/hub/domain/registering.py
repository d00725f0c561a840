"""Register what is measured, where, by what. The API, connectors, the ingest door and the desk all come through here.

Every verb is idempotent when `source` and `source_key` are given: it finds what it made before and changes what
differs. All take `organisation_id`, `visibility`, `source`, `source_key` (found_again.Belonging).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, Unpack

from django.db import transaction

from stadtkern.core.events import emit
from stadtkern.hub.domain import units as ucum
from stadtkern.hub.domain.features import renew_features, settle_feature
from stadtkern.hub.domain.found_again import Belonging, found_or_made
from stadtkern.hub.domain.geometry import box_of, geometry_of
from stadtkern.hub.domain.moving import move_thing
from stadtkern.hub.events import DatastreamRegistered, ThingRegistered
from stadtkern.hub.models import (
    Datastream,
    DatastreamProperty,
    FeatureOfInterest,
    Location,
    ObservedProperty,
    Sensor,
    Thing,
)
from stadtkern.hub.words import GEOJSON, NO_UNIT, ObservationType, SameMoment, Visibility


class Unfit(ValueError):
    """The parts do not make an entity. The text says why and may be shown to the caller."""


@transaction.atomic
def register_thing(
    *,
    name: str,
    description: str = "",
    properties: Mapping[str, Any] | None = None,
    locations: Collection[Location] | None = None,
    at: datetime | None = None,
    begins_as: str = Visibility.PUBLIC,
    **belonging: Unpack[Belonging],
) -> Thing:
    """A thing, at these locations since `at` (now). A known thing at other locations moves; None: it stays.

    `begins_as`: who sees it when it is new; a known one is seen as before, unless `visibility` is given.
    """
    values = {**_described(name, description, properties), **belonging}
    thing, is_new = found_or_made(Thing, values, when_new={"visibility": begins_as})
    if is_new:
        emit(ThingRegistered(thing_id=thing.pk, visibility=thing.visibility))
    if locations and (is_new or _ids(locations) != set(thing.locations.values_list("pk", flat=True))):
        move_thing(thing.pk, locations=locations, at=at)
    return thing


@transaction.atomic
def register_location(
    *,
    name: str,
    location: Any,
    description: str = "",
    encoding_type: str = GEOJSON,
    properties: Mapping[str, Any] | None = None,
    **belonging: Unpack[Belonging],
) -> Location:
    """A place; GeoJSON in degrees unless the encoding says otherwise. Raises BadGeometry.

    When a known place gets other coordinates, the generated features of its things follow.
    """
    values = _described(name, description, properties) | belonging
    values |= {"encoding_type": encoding_type, "location": location} | asdict(box_of(location, encoding_type))
    place, is_new = found_or_made(Location, values)
    if not is_new:
        renew_features(place)
    return place


def register_sensor(
    *,
    name: str,
    metadata: Any = "",
    description: str = "",
    encoding_type: str = "text/plain",
    properties: Mapping[str, Any] | None = None,
    **belonging: Unpack[Belonging],
) -> Sensor:
    """An instrument or a procedure."""
    values = _described(name, description, properties) | belonging
    return found_or_made(Sensor, values | {"metadata": metadata, "encoding_type": encoding_type})[0]


def register_property(
    *,
    name: str,
    definition: str,
    description: str = "",
    properties: Mapping[str, Any] | None = None,
    source: str = "",
    source_key: str = "",
) -> ObservedProperty:
    """What can be observed; it belongs to nobody, everybody sees it. `definition` is a URI."""
    values = _described(name, description, properties)
    return found_or_made(
        ObservedProperty, values | {"definition": definition, "source": source, "source_key": source_key}
    )[0]


def register_feature(
    *,
    name: str,
    feature: Any,
    description: str = "",
    encoding_type: str = GEOJSON,
    properties: Mapping[str, Any] | None = None,
    **belonging: Unpack[Belonging],
) -> FeatureOfInterest:
    """What observations are about, when that is not the place of the thing. Raises BadGeometry."""
    values = _described(name, description, properties) | belonging
    values |= {"encoding_type": encoding_type, "feature": feature} | asdict(box_of(feature, encoding_type))
    return found_or_made(FeatureOfInterest, values)[0]


@transaction.atomic
def register_datastream(
    *,
    name: str,
    thing: Thing,
    sensor: Sensor,
    observed_property: ObservedProperty,
    description: str = "",
    unit: Mapping[str, Any] | None = None,
    observation_type: str = ObservationType.MEASUREMENT,
    observed_area: Any = None,
    interval_seconds: int | None = None,
    keep_days: int | None = None,
    same_moment: str = SameMoment.CORRECT,
    properties: Mapping[str, Any] | None = None,
    **belonging: Unpack[Belonging],
) -> Datastream:
    """Observations of one property by one sensor at one thing. Raises BadGeometry.

    Organisation and visibility of a new one are the thing's unless given. `unit`: {name, symbol, definition}, symbol
    in UCUM; `interval_seconds`: how often a value should come; `keep_days`: how long values are kept (None: for ever).
    `keep_days`, `same_moment` and `observed_area` are for a new one; found again, it keeps its own.
    """
    values = {**_described(name, description, properties), **belonging}
    values |= {"thing_id": thing.pk, "sensor_id": sensor.pk, "observed_property_id": observed_property.pk}
    values |= {"unit": dict(unit or NO_UNIT), "observation_type": observation_type}
    values |= {"interval_seconds": interval_seconds}
    choices = {"keep_days": keep_days, "same_moment": same_moment, "observed_area": _area(observed_area)}
    return _begin_datastream(values, choices, thing)


@transaction.atomic
def register_multi_datastream(
    *,
    name: str,
    thing: Thing,
    sensor: Sensor,
    observed_properties: Sequence[ObservedProperty],
    units: Sequence[Mapping[str, Any]],
    types: Sequence[str],
    description: str = "",
    observed_area: Any = None,
    interval_seconds: int | None = None,
    keep_days: int | None = None,
    same_moment: str = SameMoment.CORRECT,
    properties: Mapping[str, Any] | None = None,
    **belonging: Unpack[Belonging],
) -> Datastream:
    """A datastream whose every result is a list: one value for each property, in their order.

    Raises Unfit when properties, units and types are not equally many; BadGeometry.
    """
    check_several(len(observed_properties), len(units), len(types))
    values = {**_described(name, description, properties), **belonging}
    values |= {"thing_id": thing.pk, "sensor_id": sensor.pk, "is_multi": True}
    values |= {"unit": [dict(unit) for unit in units], "multi_types": list(types)}
    values |= {"observation_type": ObservationType.COMPLEX, "interval_seconds": interval_seconds}
    choices = {"keep_days": keep_days, "same_moment": same_moment, "observed_area": _area(observed_area)}
    stream = _begin_datastream(values, choices, thing)
    order_properties(stream, observed_properties)
    return stream


def check_several(properties: int, units: int, types: int) -> None:
    """Raises Unfit unless a datastream of several properties has as many units and types."""
    if not properties == units == types or not properties:
        raise Unfit(
            f"a datastream of several properties has one unit and one type for each; "
            f"here are {properties} properties, {units} units, {types} types"
        )


def order_properties(stream: Datastream, wanted: Sequence[ObservedProperty]) -> None:
    """These properties in this order, for a datastream of several."""
    places = DatastreamProperty.objects.filter(datastream=stream)
    new = [(one.pk, place) for place, one in enumerate(wanted)]
    if list(places.values_list("observed_property_id", "position")) == new:
        return
    places.delete()
    DatastreamProperty.objects.bulk_create(
        [DatastreamProperty(datastream=stream, observed_property_id=pk, position=place) for pk, place in new]
    )


def _begin_datastream(values: dict[str, Any], choices: Mapping[str, Any], thing: Thing) -> Datastream:
    """`choices`: the caller's for a new one; of one that is there the steward decides."""
    inherited: dict[str, Any] = {"organisation_id": thing.organisation_id, "visibility": thing.visibility}
    stream, is_new = found_or_made(Datastream, values, when_new={**inherited, **choices})
    settle_feature(stream.thing_id)
    stream.refresh_from_db(fields=["default_feature"])
    if is_new:
        ucum.warn_of(stream.unit, datastream_id=stream.pk)
        emit(DatastreamRegistered(datastream_id=stream.pk, thing_id=stream.thing_id, visibility=stream.visibility))
    return stream


def _described(name: str, description: str, properties: Mapping[str, Any] | None) -> dict[str, Any]:
    return {"name": name, "description": description, "properties": dict(properties or {})}


def _area(observed_area: Any) -> Any:
    if observed_area is not None:
        geometry_of(observed_area)
    return observed_area


def _ids(locations: Collection[Location]) -> set[int]:
    return {place.pk for place in locations}
