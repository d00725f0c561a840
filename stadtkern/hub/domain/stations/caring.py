"""The things of a steward: which there are, how they are, what hangs at them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max, Q, QuerySet
from django.utils.translation import gettext as _

from stadtkern.core.paging import Page, keyset
from stadtkern.core.problems import NotFound
from stadtkern.hub.models import Datastream, Thing
from stadtkern.hub.rights import MANAGE
from stadtkern.people.models import Person
from stadtkern.people.rights import reach

ORDER, PER_PAGE = ("name", "pk"), 50


@dataclass(frozen=True, slots=True)
class Pulse:
    """How many datastreams a thing has, how many of them are public, when the last value was received."""

    streams: int = 0
    public: int = 0
    received_at: datetime | None = None


def things_of(person: Person) -> "QuerySet[Thing]":
    """The things of the organisations this person cares for."""
    return Thing.objects.filter(reach(person, MANAGE).q("organisation")).select_related("organisation")


def thing_for(person: Person, thing_id: int) -> Thing:
    """Raises NotFound, also for what is somebody else's."""
    found = things_of(person).filter(pk=thing_id).first()
    if found is None:
        raise NotFound(_("Diese Station gibt es nicht, oder sie gehört einer anderen Stelle."))
    return found


def desk_list(person: Person, *, text: str = "", visibility: str = "", after: str | None = None) -> Page[Thing]:
    """A page of them by name; three statements with the places."""
    found = things_of(person).prefetch_related("locations")
    if text:
        found = found.filter(Q(name__icontains=text) | Q(description__icontains=text))
    if visibility:
        found = found.filter(visibility=visibility)
    return keyset(found, order=ORDER, after=after, limit=PER_PAGE)


def pulses(things: Collection[Thing]) -> dict[int, Pulse]:
    """By number of the thing, one statement."""
    streams = Datastream.objects.filter(thing__in=[thing.pk for thing in things]).order_by()
    rows = streams.values_list("thing").annotate(
        all=Count("pk"), public=Count("pk", filter=Q(visibility="public")), newest=Max("latest__received_at")
    )
    return {thing_id: Pulse(*row) for thing_id, *row in rows}


def streams_of(thing: Thing) -> "QuerySet[Datastream]":
    """All its datastreams with their newest value."""
    return thing.datastreams.select_related("observed_property", "latest").order_by("name", "pk")
