"""Gießpatenschaft: people adopt a tree, are told when it is dry, say that they have watered.

An adoption is a follow of `threads`: it belongs to a contact (an account, a confirmed address or only a device), can
be ended by one tap, and goes with the contact. Only trees with a sensor can be adopted: only they can call.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Count, Max, Q, QuerySet
from django.utils.translation import gettext as _

from stadtkern.core import clock
from stadtkern.core.problems import BadInput, NotAllowed, TooMany
from stadtkern.hub.domain.advice.book import Line, advice
from stadtkern.hub.domain.stations.listing import Station
from stadtkern.hub.models import Thing, Watering
from stadtkern.threads.domain.following import follow, is_following, unfollow
from stadtkern.threads.models import Contact, Follow

TREE = "tree"  # the topic of the follow; its value is the thing's id
BETWEEN = timedelta(hours=6)
MOST_SHOWN = 100
NUMBER = re.compile("[1-9][0-9]{0,17}")  # as we write it: the form for wishes takes any text


@dataclass(frozen=True, slots=True)
class Care:
    """How a tree is cared for. `carers`: how many have adopted it; `watered_at`: when somebody last watered."""

    carers: int = 0
    watered_at: datetime | None = None


def line_of_care(station: Station) -> Line | None:
    """The advice that says when this station is thirsty; None when it cannot be adopted."""
    if station.kind is None or not station.kind.is_cared_for:
        return None
    lines = advice().lines.get(station.kind.key, [])
    return next((line for line in lines if line.dry is not None and station.of(line.quantity)), None)


def adopt(contact: Contact, station: Station) -> None:
    """The contact is told from now on when the tree is dry. Raises BadInput when nothing measures there."""
    if line_of_care(station) is None:
        raise BadInput(
            _("Paten suchen wir nur für Bäume mit einem Fühler: Nur sie können sagen, wann sie Durst haben.")
        )
    follow(contact, TREE, value=str(station.id), label=_("Baum: %(name)s") % {"name": station.name})


def give_up(contact: Contact, thing_id: int) -> bool:
    """End the adoption; False when there was none."""
    return unfollow(contact, TREE, value=str(thing_id))


def is_carer(contact: Contact | None, thing_id: int) -> bool:
    return contact is not None and is_following(contact, TREE, str(thing_id))


def adopted_by(contact: Contact | None) -> list[int]:
    """The trees a contact cares for, the newest first."""
    if contact is None:
        return []
    mine = contact.follows.filter(topic=TREE).order_by("-created_at", "-pk").values_list("value", flat=True)
    return _things_in(mine[:MOST_SHOWN])


@transaction.atomic
def water(contact: Contact | None, thing_id: int, *, now: datetime | None = None) -> Watering:
    """A carer has watered. Raises NotAllowed for others, TooMany within six hours of the last time."""
    moment = now or clock.now()
    if contact is None or not is_carer(contact, thing_id):
        raise NotAllowed(_("Das können nur Patinnen und Paten dieses Baums sagen."))
    Thing.objects.select_for_update().get(pk=thing_id)  # two taps at once are one watering
    last = Watering.objects.filter(thing_id=thing_id, contact=contact).aggregate(last=Max("at"))["last"]
    if last is not None and moment - last < BETWEEN:
        raise TooMany(
            _("Danke, Ihr Gießen ist schon notiert."), retry_after=int((last + BETWEEN - moment).total_seconds())
        )
    return Watering.objects.create(thing_id=thing_id, contact=contact, at=moment)


def care_of(thing_ids: Iterable[int]) -> Mapping[int, Care]:
    """How each of these is cared for; two statements. Addresses nobody has confirmed do not count."""
    ids = list(thing_ids)
    counted = _carers().filter(value__in=[str(id) for id in ids]).values_list("value").annotate(Count("contact"))
    carers = {int(value): count for value, count in counted}
    watered = Watering.objects.filter(thing__in=ids).values_list("thing").annotate(Max("at"))
    last = dict(watered)
    return {id: Care(carers.get(id, 0), last.get(id)) for id in ids}


def cared_for() -> list[int]:
    """Every thing that somebody has adopted."""
    values = Follow.objects.filter(topic=TREE).values_list("value", flat=True).distinct()
    return sorted(_things_in(values))


def waterings_of(thing_id: int, *, since: datetime) -> Sequence[datetime]:
    """When somebody watered, oldest first; nobody's name."""
    found = Watering.objects.filter(thing_id=thing_id, at__gte=since).order_by("at").values_list("at", flat=True)
    return list(found[:MOST_SHOWN])


def _things_in(values: Iterable[str]) -> list[int]:
    return [int(value) for value in values if NUMBER.fullmatch(value)]


def _carers() -> QuerySet[Follow]:
    confirmed = Q(contact__person__isnull=False) | Q(contact__email="") | Q(contact__confirmed_at__isnull=False)
    return Follow.objects.filter(confirmed, topic=TREE, contact__merged_into=None)
