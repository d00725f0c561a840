"""The features of interest that nobody named: the place where a thing stood when a value was measured.

OGC 18-088, clause 8.2.8: an observation without a feature is about the location of its thing. Each place a thing has
been at is one feature (`thing` is set); `default_feature` of its datastreams is the one where it is now. Which
datastreams have, or may have, values about a feature stands in hub_feature_use.
"""

from collections.abc import Iterable

from django.db import connection

from stadtkern.hub.models import Datastream, FeatureOfInterest, Location, Thing
from stadtkern.hub.words import ENCODINGS_OF_PLACES

NOTE = "insert into hub_feature_use (datastream_id, feature_id) select unnest(%s::bigint[]), %s on conflict do nothing"
MEASURED = """
select exists (select from hub_feature_use u join hub_latest l on l.datastream_id = u.datastream_id
               where u.feature_id = %s and l.count > 0)
"""
ORPHANS = """
select f.id from unnest(%s::bigint[]) f (id) where not exists (
    select from hub_feature_use u join hub_datastream d on d.id = u.datastream_id where u.feature_id = f.id)
"""


def settle_feature(thing_id: int) -> None:
    """Have all datastreams of a thing measure where it is now; without a known place they stay as they are."""
    streams = list(Datastream.objects.filter(thing_id=thing_id).values_list("pk", "default_feature_id"))
    place = _place_of(thing_id)
    if not streams or place is None:
        return
    feature = _feature_at(thing_id, place)
    moved = [pk for pk, before in streams if before != feature.pk]
    if moved:
        Datastream.objects.filter(pk__in=moved).update(default_feature=feature)
        with connection.cursor() as cursor:
            cursor.execute(NOTE, [moved, feature.pk])


def renew_features(place: Location) -> None:
    """A location has changed: the features made from it lie where it lies, and are seen by those who see it."""
    for thing_id in place.things.values_list("pk", flat=True):
        settle_feature(thing_id)
        FeatureOfInterest.objects.filter(thing_id=thing_id, feature=place.location).update(
            organisation=place.organisation, visibility=place.visibility
        )


def generated_for(thing_ids: Iterable[int]) -> list[int]:
    """The features made for these things."""
    return list(FeatureOfInterest.objects.filter(thing__in=thing_ids).values_list("pk", flat=True))


def drop_orphans(generated: list[int]) -> int:
    """Remove those generated features that no datastream has values about any more; returns how many."""
    with connection.cursor() as cursor:
        cursor.execute(ORPHANS, [generated])
        gone = [pk for (pk,) in cursor.fetchall()]
    return FeatureOfInterest.objects.filter(pk__in=gone).delete()[0]


def _place_of(thing_id: int) -> Location | None:
    """The first location of a thing that is a geometry."""
    at = Location.objects.filter(things=thing_id, encoding_type__in=ENCODINGS_OF_PLACES, west__isnull=False)
    return at.order_by("pk").first()


def _feature_at(thing_id: int, place: Location) -> FeatureOfInterest:
    """The feature of this place: one known from before, the last one if nothing was measured there, or a new one."""
    mine = FeatureOfInterest.objects.filter(thing_id=thing_id)
    if known := mine.filter(feature=place.location).order_by("pk").first():
        return known
    last = mine.order_by("-pk").first()
    feature = last if last and not _is_measured(last) else FeatureOfInterest(thing_id=thing_id)
    feature.name = place.name
    feature.description = Thing.objects.values_list("name", flat=True).get(pk=thing_id)
    feature.encoding_type, feature.feature = place.encoding_type, place.location
    feature.organisation_id, feature.visibility = place.organisation_id, place.visibility
    feature.west, feature.south, feature.east, feature.north = place.west, place.south, place.east, place.north
    feature.save()
    return feature


def _is_measured(feature: FeatureOfInterest) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(MEASURED, [feature.pk])
        return bool(cursor.fetchall()[0][0])
