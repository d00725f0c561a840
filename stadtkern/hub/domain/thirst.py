"""Trees that are dry call their carers: judged by the clock, told once, with a distance between dry and well again.

A tree is dry below the pack's `dry` and well again at `enough` (hysteresis), in the months the pack names, by a value
that is fresh and not bad. People are told by day only, and again after some days when nobody has watered.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Max
from django.urls import reverse
from django.utils.translation import gettext as _

from stadtkern.core import clock
from stadtkern.core.jobs import every
from stadtkern.hub.domain.advice.book import Line
from stadtkern.hub.domain.advice.saying import Voice, say
from stadtkern.hub.domain.caring import TREE, cared_for, line_of_care
from stadtkern.hub.domain.readers import ANYBODY
from stadtkern.hub.domain.stations.listing import Station, stations_by_id
from stadtkern.hub.models import Thirst, Watering
from stadtkern.threads.domain.notifying import notify

NOTICE = "hub.tree"  # the topic under which people choose channels
FIRST_HOUR, LAST_HOUR = 7, 20  # local; nobody waters at night
AGAIN_AFTER = timedelta(days=4)
AT_ONCE = 200


@every("*/10 * * * *", "hub.thirst")
def look_after_trees() -> None:
    """Every ten minutes: trees that have carers."""
    judge_all()


def judge_all(*, now: datetime | None = None) -> int:
    """Judge every adopted tree that everybody may see; returns how many notices went out."""
    moment = now or clock.now()
    ids = cared_for()
    told = 0
    for start in range(0, len(ids), AT_ONCE):
        stations = stations_by_id(ids[start : start + AT_ONCE], reader=ANYBODY)
        told += sum(judge(station, now=moment) for station in stations.values())
    return told


@transaction.atomic
def judge(station: Station, *, now: datetime) -> bool:
    """One tree; True when its carers were told. Two workers at once tell once."""
    line = line_of_care(station)
    if line is None:
        return False
    Thirst.objects.get_or_create(thing_id=station.id)
    state = Thirst.objects.select_for_update().get(pk=station.id)
    since = _dry_since(station, line, state.since, now)
    if since != state.since:
        state.since, state.told_at = since, None if since is None else state.told_at
        state.save(update_fields=["since", "told_at"])
    if since is None or not _is_time(state, now):
        return False
    _tell(station, line, state, now)
    state.told_at = now
    state.save(update_fields=["told_at"])
    return True


def thirsty_since(thing_ids: list[int]) -> Mapping[int, datetime]:
    """Since when those of these that are dry have been so."""
    dry = Thirst.objects.filter(pk__in=thing_ids, since__isnull=False).values_list("pk", "since")
    return {pk: since for pk, since in dry if since is not None}


def _dry_since(station: Station, line: Line, since: datetime | None, now: datetime) -> datetime | None:
    """The new state: as before when the value says nothing (too old, bad, between the limits)."""
    said = next((one for one in say(station, now=now) if one.line.quantity == line.quantity), None)
    if said is None or said.voice in {Voice.OLD, Voice.BAD, Voice.EMPTY}:
        return since
    number = said.series.number
    if said.voice is Voice.RESTING or number is None or line.dry is None or line.enough is None:
        return None
    if number < line.dry:
        return since or now
    return None if number >= line.enough else since


def _is_time(state: Thirst, now: datetime) -> bool:
    if not FIRST_HOUR <= clock.local(now).hour <= LAST_HOUR:
        return False
    if state.told_at is None:
        return True
    last = Watering.objects.filter(thing_id=state.pk).aggregate(last=Max("at"))["last"]
    return now - max(state.told_at, last or state.told_at) >= AGAIN_AFTER


def _tell(station: Station, line: Line, state: Thirst, now: datetime) -> None:
    series = station.of(line.quantity)
    value = 0 if series is None or series.number is None else round(series.number)

    def title(language: str) -> str:
        return _("%(name)s hat Durst") % {"name": station.name}

    def body(language: str) -> str:
        return _(
            "Der Fühler meldet %(value)s %% Feuchte. Am besten gießen Sie früh oder abends, langsam und viel: "
            "60 bis 100 Liter. Danach tippen Sie bitte auf „Ich habe gegossen“."
        ) % {"value": value}

    notify(
        topic=NOTICE,
        happening=f"hub-tree-dry:{station.id}:{now.timestamp():.0f}",
        title=title,
        body=body,
        url=reverse("hub:on-site-station", args=[station.id]),
        values={TREE: [str(station.id)]},
    )
