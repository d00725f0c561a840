"""Remove things and what depends on them: the cascades of OGC 18-088, table 25.

A removed datastream takes its row of hub_latest first: a writer in the middle of a write is waited for, the next one
finds no datastream. Its values, seen by nobody any more, are deleted by a job in bounded steps (`clearing.py`).
"""

from collections.abc import Collection

from django.db import connection, transaction

from stadtkern.core.events import emit
from stadtkern.hub.domain.clearing import clear_datastreams
from stadtkern.hub.domain.connection import cursor, writing
from stadtkern.hub.domain.correcting import remove_observations
from stadtkern.hub.domain.features import drop_orphans, generated_for, settle_feature
from stadtkern.hub.domain.store import thawing
from stadtkern.hub.events import DatastreamRemoved, ThingRemoved
from stadtkern.hub.models import (
    Datastream,
    FeatureOfInterest,
    HistoricalLocation,
    Location,
    ObservedProperty,
    Sensor,
    Thing,
)

STEP = 20_000  # observations removed in one transaction
END_LATEST = """
delete from hub_latest where datastream_id in (
    select datastream_id from hub_latest where datastream_id = any(%s) order by datastream_id for update)
"""
ABOUT = """
select o.id from hub_observation o join hub_latest l on l.datastream_id = o.datastream_id
where o.feature_id = %(feature)s
  and o.datastream_id in (select datastream_id from hub_feature_use where feature_id = %(feature)s)
limit %(step)s
"""
NO_USE = "delete from hub_feature_use where feature_id = %s"


@transaction.atomic
def remove_thing(thing_id: int) -> None:
    """With its datastreams, its history, and the features made for it. Raises Thing.DoesNotExist."""
    thing = Thing.objects.select_for_update().get(pk=thing_id)
    generated = generated_for([thing_id])
    remove_datastreams(list(thing.datastreams.values_list("pk", flat=True)))
    thing.delete()
    drop_orphans(generated)
    emit(ThingRemoved(thing_id=thing_id))


@transaction.atomic
def remove_datastreams(datastream_ids: Collection[int]) -> int:
    """With all their observations; returns how many datastreams there were."""
    with connection.cursor() as rows:
        rows.execute(END_LATEST, [sorted(datastream_ids)])
    streams = Datastream.objects.filter(pk__in=datastream_ids)
    gone = dict(streams.order_by("pk").values_list("pk", "thing_id"))
    if not gone:
        return 0
    generated = generated_for(set(gone.values()))
    streams.delete()
    drop_orphans(generated)
    clear_datastreams.defer(datastream_ids=list(gone))
    for datastream_id, thing_id in gone.items():
        emit(DatastreamRemoved(datastream_id=datastream_id, thing_id=thing_id))
    return len(gone)


@transaction.atomic
def remove_location(location_id: int) -> None:
    """With the entries of history that name it; its things have one location less. Raises Location.DoesNotExist."""
    place = Location.objects.select_for_update().get(pk=location_id)
    HistoricalLocation.objects.filter(locations=place).delete()
    place.delete()


def remove_history(history_id: int) -> None:
    """One entry; the thing stays where it is. Raises HistoricalLocation.DoesNotExist."""
    HistoricalLocation.objects.get(pk=history_id).delete()


@transaction.atomic
def remove_sensor(sensor_id: int) -> None:
    """With its datastreams. Raises Sensor.DoesNotExist."""
    sensor = Sensor.objects.select_for_update().get(pk=sensor_id)
    remove_datastreams(list(sensor.datastreams.values_list("pk", flat=True)))
    sensor.delete()


@transaction.atomic
def remove_property(property_id: int) -> None:
    """With its datastreams, also those that observe others beside it. Raises ObservedProperty.DoesNotExist."""
    prop = ObservedProperty.objects.select_for_update().get(pk=property_id)
    alone = prop.datastreams.values_list("pk", flat=True)
    remove_datastreams([*alone, *prop.multi_datastreams.values_list("pk", flat=True)])
    prop.delete()


def remove_feature(feature_id: int) -> int:
    """With the observations about it, in steps of one transaction each; returns how many there were.

    Broken off, it leaves a feature with fewer observations: ask again. Datastreams that measured there by default
    get a new feature of their thing's place. Raises FeatureOfInterest.DoesNotExist.
    """
    feature = FeatureOfInterest.objects.get(pk=feature_id)
    with writing() as here:
        thawing.thaw_about(here, feature_id)
    count = 0
    while removed := _remove_step(feature_id):
        count += removed
    with writing() as here:
        things = list(feature.default_of.order_by().values_list("thing_id", flat=True).distinct())
        cursor(here).execute(NO_USE, [feature_id])
        feature.delete()
        for thing_id in things:
            settle_feature(thing_id)
    return count


def _remove_step(feature_id: int) -> int:
    with writing() as here:
        rows = cursor(here).execute(ABOUT, {"feature": feature_id, "step": STEP}).fetchall()
        return remove_observations(here, [id for (id,) in rows]) if rows else 0
