"""Things move: where they are now, where they were when, and what their datastreams measure from then on."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from stadtkern.core.events import emit
from stadtkern.hub.domain.features import settle_feature
from stadtkern.hub.events import ThingMoved
from stadtkern.hub.models import HistoricalLocation, Location, Thing


@transaction.atomic
def move_thing(thing_id: int, *, locations: Collection[Location], at: datetime | None = None) -> HistoricalLocation:
    """The thing is at these locations since `at` (now); several are descriptions of one place (OGC 18-088, 8.2.2).

    A moment before the last move adds to the history only: the thing stays where it is. From the move on values are
    about the new place; values recorded before keep theirs. Raises Thing.DoesNotExist.
    """
    thing = Thing.objects.select_for_update().get(pk=thing_id)
    moment = at or timezone.now()
    is_past = thing.historical_locations.filter(time__gt=moment).exists()
    entry = HistoricalLocation.objects.create(thing=thing, time=moment)
    entry.locations.set(locations)
    if not is_past:
        thing.locations.set(locations)
        settle_feature(thing_id)
        emit(ThingMoved(thing_id=thing_id, historical_location_id=entry.pk))
    return entry
