"""What a steward sees of the letters and does with them."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from stadtkern.core import audit
from stadtkern.core.models import ApiKey
from stadtkern.hub.domain.letters.delivering import AT_ONCE, read_letters
from stadtkern.hub.domain.readers import Reader
from stadtkern.hub.models import Device, Letter
from stadtkern.people.models import Organisation

STUCK_AFTER = timedelta(minutes=1)
OPEN = (Letter.State.WAITING, Letter.State.FAILED)


def letters_of(reader: Reader) -> "QuerySet[Letter]":
    """Those of the keys whose organisation the reader manages, and of their devices.

    A device alone is not enough: who enters the number of somebody else's device does not read what it sends to them.
    """
    if reader.manages_all:
        return Letter.objects.all()
    houses = Organisation.objects.filter(pk__in=reader.manages)
    device = Device.objects.filter(key=OuterRef("device_key"), organisation__in=houses)
    own = ApiKey.objects.filter(organisation__in=houses.values("key")).values("prefix")
    others = ApiKey.objects.exclude(organisation="").exclude(organisation__in=houses.values("key")).values("prefix")
    return Letter.objects.filter(Q(key_prefix__in=own) | (Exists(device) & ~Q(key_prefix__in=others)))


def waiting_and_failed(reader: Reader) -> "QuerySet[Letter]":
    """What needs a look, the newest first: all that failed, and what waits for longer than a job should need."""
    late = Q(state=Letter.State.WAITING, received_at__lt=timezone.now() - STUCK_AFTER)
    return letters_of(reader).filter(late | Q(state=Letter.State.FAILED)).order_by("-received_at", "-pk")


@transaction.atomic
def replay(letter_ids: Iterable[int], *, reader: Reader, actor: Any = None) -> int:
    """Have failed (or dropped) letters read again; returns how many. The job exists when this is committed."""
    states = (Letter.State.FAILED, Letter.State.DROPPED)
    ids = _held(letter_ids, reader, states)
    Letter.objects.filter(pk__in=ids).update(state=Letter.State.WAITING, error="", done_at=None)
    for start in range(0, len(ids), AT_ONCE):
        read_letters.defer(ids=ids[start : start + AT_ONCE])
    _note("hub.letters_replayed", ids, actor)
    return len(ids)


@transaction.atomic
def drop(letter_ids: Iterable[int], *, reader: Reader, actor: Any = None) -> int:
    """Give letters up; they are deleted some days later. Returns how many."""
    ids = _held(letter_ids, reader, OPEN)
    Letter.objects.filter(pk__in=ids).update(state=Letter.State.DROPPED, done_at=timezone.now())
    _note("hub.letters_dropped", ids, actor)
    return len(ids)


def _held(letter_ids: Iterable[int], reader: Reader, states: Iterable[str]) -> list[int]:
    """The reader's own among them, locked, so that no job works on them meanwhile."""
    mine = letters_of(reader).filter(pk__in=list(letter_ids), state__in=list(states))
    return list(mine.select_for_update(of=("self",)).order_by("pk").values_list("pk", flat=True))


def _note(action: str, ids: list[int], actor: Any) -> None:
    if ids:
        detail = {"count": len(ids), "first": ids[0], "last": ids[-1]}
        audit.record(action, actor=actor, subject=("hub_letter", ids[0]), detail=detail)
