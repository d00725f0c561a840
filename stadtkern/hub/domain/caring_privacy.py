"""Personal data of those who water: forgotten after a while, given out to them, taken out with the account."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from stadtkern.core.parts import Eraser, PersonExport, erasers, exports
from stadtkern.hub.models import Watering

KEY = "hub.waterings"


def forget_carers(before: datetime) -> int:
    """Older waterings stay, without anybody; returns how many."""
    return Watering.objects.filter(at__lt=before, contact__isnull=False).update(contact=None)


def export_of(person_id: int) -> Iterator[Mapping[str, Any]]:
    """When a person watered which tree. The adoption itself is a follow, exported by threads."""
    mine = Watering.objects.filter(_of(person_id)).select_related("thing").order_by("pk")
    for watering in mine.iterator():
        yield {"what": "watering", "tree": watering.thing.name, "at": watering.at}


def erase_person(person_id: int) -> int:
    return Watering.objects.filter(_of(person_id)).update(contact=None)


def register() -> None:
    """Called once, when the application starts."""
    exports.add(PersonExport(key=KEY, label=_("Gießen als Patin oder Pate"), rows=export_of))
    erasers.add(Eraser(key=KEY, erase=erase_person))


def _of(person_id: int) -> Q:
    """Also what was done on a device before it became part of the account."""
    return Q(contact__person=person_id) | Q(contact__merged_into__person=person_id)
