"""Who sees a thing: decided by its steward, for the thing, where it stands and the datastreams that are chosen.

Nobody else has to be told: triggers tell the doors (hub_changed) and spoil the city-wide days, the door at the broker
takes back what it retains of datastreams that are not public any more.
"""

from collections.abc import Collection

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from stadtkern.core import audit
from stadtkern.core.problems import BadInput, NotFound
from stadtkern.hub.models import Datastream, FeatureOfInterest, Location, Thing
from stadtkern.hub.rights import MANAGE
from stadtkern.hub.words import Visibility
from stadtkern.people.models import Person
from stadtkern.people.rights import reach, require


@transaction.atomic
def show_thing_to(thing_id: int, *, visibility: str, datastream_ids: Collection[int] | None = None, by: Person) -> int:
    """The thing is seen as `visibility` says, and so are these datastreams of it (None: all that `by` may change).

    Returns how many entities are seen otherwise than before: thing, datastreams, places, features. Datastreams that
    are not named stay as they are. Raises BadInput (visibility, datastreams), NotAllowed, NotFound.
    """
    thing = Thing.objects.select_for_update().filter(pk=thing_id).first()
    if thing is None:
        raise NotFound
    require(by, MANAGE, thing.organisation_id or 0)
    if visibility not in Visibility.values:
        raise BadInput(fields={"visibility": _("Das steht nicht zur Wahl.")})
    streams = _chosen(thing, datastream_ids, by)
    before = thing.visibility
    parts: list[QuerySet[Thing] | QuerySet[Datastream] | QuerySet[Location] | QuerySet[FeatureOfInterest]]
    parts = [Thing.objects.filter(pk=thing.pk), streams, _places_of(thing), _features_of(thing)]
    changed = [_see(part, visibility) for part in parts]
    if any(changed):
        detail = {
            "before": before,
            "visibility": visibility,
            "datastreams": sorted(streams.values_list("pk", flat=True)),
        }
        audit.record("hub.visibility_changed", actor=by, subject=("thing", thing.pk), detail=detail)
    return sum(changed)


def _see(
    rows: "QuerySet[Thing] | QuerySet[Datastream] | QuerySet[Location] | QuerySet[FeatureOfInterest]", as_: str
) -> int:
    """One statement for all, so that everybody who listens is told once."""
    return rows.exclude(visibility=as_).update(visibility=as_, changed_at=timezone.now())


def _chosen(thing: Thing, ids: Collection[int] | None, by: Person) -> "QuerySet[Datastream]":
    """Datastreams of the thing that `by` may change. Raises BadInput for any other number."""
    mine = Datastream.objects.filter(reach(by, MANAGE).q("organisation"), thing=thing)
    if ids is None:
        return mine
    chosen = mine.filter(pk__in=ids)
    if chosen.count() < len(set(ids)):
        raise BadInput(fields={"datastreams": _("Eine dieser Messreihen gehört nicht zu dieser Station.")})
    return chosen


def _places_of(thing: Thing) -> "QuerySet[Location]":
    """Where it stands or stood, as far as nothing else does: a place of several stays as it is."""
    others = Thing.objects.exclude(pk=thing.pk)
    shared = others.filter(Q(locations=OuterRef("pk")) | Q(historical_locations__locations=OuterRef("pk")))
    mine = Q(pk__in=thing.locations.values("pk")) | Q(historical_locations__thing=thing)
    alone = Location.objects.filter(mine, ~Exists(shared), organisation=thing.organisation_id)
    return Location.objects.filter(pk__in=alone.values("pk"))


def _features_of(thing: Thing) -> "QuerySet[FeatureOfInterest]":
    """Those made from its places: they bear its name."""
    return FeatureOfInterest.objects.filter(thing=thing, organisation=thing.organisation_id)
