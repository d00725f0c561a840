"""Devices in the hands of stewards: add one by hand, say what its values are, change it, switch it off."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import (
    Count,
    DateTimeField,
    DurationField,
    ExpressionWrapper,
    F,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.functions import Coalesce, Greatest
from django.utils.translation import gettext as _

from stadtkern.core import audit, clock
from stadtkern.core.paging import Page, keyset
from stadtkern.core.problems import BadInput, NotAllowed, NotFound
from stadtkern.hub.domain.letters import mapping
from stadtkern.hub.domain.letters.uplink import BadEnvelope, eui_of
from stadtkern.hub.models import Datastream, Decoder, Device, Letter, Thing
from stadtkern.hub.rights import MANAGE
from stadtkern.people.models import Organisation, Person
from stadtkern.people.rights import reach, require

ORDER, PER_PAGE = ("name", "pk"), 50
DAY, HOUR, MISSED = 86_400, 3_600, 3  # seconds, and how many messages may be missed
MOST_FIELDS = 100


def devices_of(person: Person) -> "QuerySet[Device]":
    """The devices this person looks after, each with `patience`: after how many seconds without a word it is silent.

    Three times the shortest interval at its thing, an hour at least; a day when no interval is known.
    """
    at_its_thing = Datastream.objects.filter(thing=OuterRef("thing")).order_by().values("thing")
    shortest = Subquery(at_its_thing.annotate(shortest=Min("interval_seconds")).values("shortest"))
    mine = Device.objects.filter(reach(person, MANAGE).q("organisation"))
    found = mine.select_related("decoder", "thing", "organisation")
    return found.annotate(patience=Greatest(Coalesce(shortest * MISSED, DAY), HOUR))


def device_for(person: Person, device_id: int) -> Device:
    """Raises NotFound, also for what is somebody else's."""
    found = devices_of(person).filter(pk=device_id).first()
    if found is None:
        raise NotFound(_("Dieses Gerät gibt es nicht, oder es gehört einer anderen Stelle."))
    return found


def desk_list(person: Person, *, text: str = "", state: str = "", after: str | None = None) -> Page[Device]:
    """A page of them by name; `state`: silent, new (never heard), off, or all."""
    found = devices_of(person)
    if text:
        found = found.filter(Q(name__icontains=text) | Q(key__icontains=text) | Q(thing__name__icontains=text))
    if state == "off":
        found = found.filter(is_active=False)
    elif state == "new":
        found = found.filter(is_active=True, seen_at=None)
    elif state == "silent":
        found = found.filter(is_active=True, seen_at__lt=_latest_word())
    return keyset(found, order=ORDER, after=after, limit=PER_PAGE)


def is_silent(device: Any) -> bool:
    """`device` comes from `devices_of`. One that is new or switched off is not silent."""
    if not device.is_active or device.seen_at is None:
        return False
    return bool(device.seen_at < clock.now() - timedelta(seconds=device.patience))


def failed_counts(devices: Collection[Device]) -> dict[str, int]:
    """By key of the device: messages that nobody could read."""
    failed = Letter.objects.filter(state=Letter.State.FAILED, device_key__in=[one.key for one in devices])
    return dict(failed.order_by().values_list("device_key").annotate(count=Count("pk")))


@transaction.atomic
def add_device(
    *,
    network: str,
    key: str,
    name: str,
    organisation: Organisation | None,
    decoder: Decoder | None = None,
    thing: Thing | None = None,
    by: Person,
) -> Device:
    """Raises BadInput (network, key), NotAllowed. Its values go nowhere before `map_fields`."""
    require(by, MANAGE, organisation.pk if organisation else None)
    if organisation is None and not reach(by, MANAGE).all:
        raise NotAllowed(_("Wählen Sie eine Ihrer Stellen."))
    _check_thing(thing, by)
    values = {"network": network, "name": name, "organisation": organisation, "decoder": decoder, "thing": thing}
    device, is_new = Device.objects.get_or_create(key=key_of(network, key), defaults=values)
    if not is_new:
        raise BadInput(fields={"key": _taken(device, by)})
    _note("added", device, by)
    return device


@transaction.atomic
def change_device(device_id: int, *, name: str, decoder: Decoder | None, thing: Thing | None, by: Person) -> Device:
    """Raises NotAllowed, NotFound. The next message is read by the new decoder."""
    device = _held(device_id, by)
    if thing is not None and thing.pk != device.thing_id:
        _check_thing(thing, by)
    device.name, device.decoder, device.thing = name, decoder, thing
    device.save(update_fields=["name", "decoder", "thing"])
    _note("changed", device, by, decoder=decoder.key if decoder else None, thing=thing.pk if thing else None)
    return device


@transaction.atomic
def map_fields(
    device_id: int, *, fields: Mapping[str, Any], time_field: str = "", battery_field: str = "", by: Person
) -> Device:
    """Which decoded field goes into which datastream (`fields` as the table keeps them).

    Raises BadInput (fields): a datastream that is not the steward's and was not there before. NotAllowed, NotFound.
    """
    device = _held(device_id, by)
    if len(fields) > MOST_FIELDS:
        raise BadInput(fields={"fields": _("Höchstens %(most)s Felder.") % {"most": MOST_FIELDS}})
    try:
        wanted = _datastreams(fields) - _datastreams(device.fields)
    except mapping.BadFields as error:
        raise BadInput(fields={"fields": str(error)}) from error
    mine = Datastream.objects.filter(reach(by, MANAGE).q("organisation"), pk__in=wanted).values_list("pk", flat=True)
    if foreign := wanted - set(mine):
        told = {"numbers": ", ".join(map(str, sorted(foreign)))}
        raise BadInput(fields={"fields": _("Keine Messreihe Ihrer Stellen: %(numbers)s") % told})
    device.fields, device.time_field, device.battery_field = dict(fields), time_field, battery_field
    device.save(update_fields=["fields", "time_field", "battery_field"])
    _note("mapped", device, by, fields=len(fields))
    return device


@transaction.atomic
def switch(device_id: int, *, is_active: bool, by: Person) -> Device:
    """Messages of a device that is off are kept for some days, and no values are made of them."""
    device = _held(device_id, by)
    if device.is_active != is_active:
        device.is_active = is_active
        device.save(update_fields=["is_active"])
        _note("switched_on" if is_active else "switched_off", device, by)
    return device


def targets_of(device: Device, person: Person) -> "QuerySet[Datastream]":
    """Where its values may go: datastreams at its thing, and those they go to already."""
    at_its_thing = Q(thing=device.thing_id) if device.thing_id else Q(pk__in=[])
    try:
        now = _datastreams(device.fields)
    except mapping.BadFields:
        now = set()
    mine = reach(person, MANAGE).q("organisation")
    found = Datastream.objects.filter((at_its_thing & mine) | Q(pk__in=now))
    return found.select_related("thing", "observed_property").order_by("thing_id", "name", "pk")


def key_of(network: str, key: str) -> str:
    """The key as letters carry it: the device EUI in upper case, or one topic. Raises BadInput (network, key)."""
    if network not in Device.Network.values:
        raise BadInput(fields={"network": _("Das steht nicht zur Wahl.")})
    if network == Device.Network.MQTT:
        return _topic(key.strip())
    try:
        return eui_of(key.strip(), "DevEUI")
    except BadEnvelope as error:
        raise BadInput(fields={"key": _("Eine DevEUI hat 16 Zeichen aus 0–9 und A–F.")}) from error


def _topic(topic: str) -> str:
    if not topic or len(topic) > 200 or topic.startswith("$") or set("+#") & set(topic):
        raise BadInput(fields={"key": _("Ein Thema, ohne + und #, höchstens 200 Zeichen.")})
    return topic


def _latest_word() -> Any:
    """The moment before which a device of `devices_of` is silent."""
    span = ExpressionWrapper(F("patience") * Value(timedelta(seconds=1)), output_field=DurationField())
    now: datetime = clock.now()
    return ExpressionWrapper(Value(now, output_field=DateTimeField()) - span, output_field=DateTimeField())


def _datastreams(fields: Mapping[str, Any]) -> set[int]:
    return {target.datastream_id for target in mapping.targets(fields).values() if target}


def _held(device_id: int, by: Person) -> Device:
    mine = Device.objects.filter(reach(by, MANAGE).q("organisation"), pk=device_id)
    device = mine.select_for_update().first()
    if device is None:
        raise NotFound(_("Dieses Gerät gibt es nicht, oder es gehört einer anderen Stelle."))
    return device


def _check_thing(thing: Thing | None, by: Person) -> None:
    if thing is not None:
        require(by, MANAGE, thing.organisation_id or 0)


def _taken(device: Device, by: Person) -> str:
    if reach(by, MANAGE).covers(device.organisation_id):
        return _("Dieses Gerät gibt es schon: %(name)s") % {"name": device.name or device.key}
    return _("Dieses Gerät gehört schon einer anderen Stelle.")


def _note(verb: str, device: Device, by: Person, **detail: Any) -> None:
    audit.record(
        f"hub.device_{verb}", actor=by, subject=("hub_device", device.pk), detail={"key": device.key, **detail}
    )
