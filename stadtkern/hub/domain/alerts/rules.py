"""Alert rules: made, changed and ended by those who may; acknowledged by those who are told."""

import re
from datetime import time
from typing import Any, TypedDict, Unpack

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from stadtkern.core import audit, clock
from stadtkern.core.problems import BadInput, NotAllowed, NotFound
from stadtkern.hub.domain.alerts import targets, webhooks
from stadtkern.hub.domain.alerts.recipients import seen_by, sees_thing
from stadtkern.hub.domain.alerts.standing import Direction, Kind
from stadtkern.hub.domain.readers import reader_of
from stadtkern.hub.domain.seen import is_seen
from stadtkern.hub.domain.watched import mark
from stadtkern.hub.models import Alert, AlertRule, AlertState
from stadtkern.hub.rights import MANAGE
from stadtkern.people.models import Person
from stadtkern.people.rights import reach, require

State = AlertState.State
TOPIC = re.compile(r"^(?![$/])(?!v1\.)[^#+\x00]+$")  # below v1.1 stand observations, nobody may invent those


class Wishes(TypedDict, total=False):
    """What a person says of a rule; see models.AlertRule. Numbers in the unit of the datastream, times local."""

    name: str
    organisation_id: int | None
    datastream_id: int | None
    thing_id: int | None
    observed_property_id: int | None
    kind: str
    direction: str
    threshold: float | None
    clear: float | None
    seconds: int | None
    hold_seconds: int
    quiet_from: time | None
    quiet_until: time | None
    is_important: bool
    escalate_minutes: int | None
    escalate_person_id: int | None
    escalate_organisation_id: int | None
    webhook_url: str
    mqtt_topic: str
    is_active: bool


SUBJECTS = ("datastream_id", "thing_id", "observed_property_id")


@transaction.atomic
def keep_alert_rule(rule: AlertRule | None, *, by: Person, **wishes: Unpack[Wishes]) -> tuple[AlertRule, str]:
    """Make a rule, or change one. Returns it and, when its webhook is new, the secret that is shown just once.

    Raises BadInput (with the field), NotAllowed.
    """
    require(by, MANAGE)
    if rule is None:
        rule = AlertRule(person=by)
    elif not rules_of(by).filter(pk=rule.pk).exists():
        raise NotAllowed
    for name, value in wishes.items():
        setattr(rule, name, value)
    old = AlertRule.objects.filter(pk=rule.pk).first() or AlertRule()
    url_is_new = rule.webhook_url != old.webhook_url
    _check(rule, old, by, url_is_new=url_is_new)
    secret = _secret_for(rule, is_new=url_is_new)
    rule.save()
    audit.record("hub.alert_rule_kept", actor=by, subject=("alert_rule", rule.pk), detail={"kind": rule.kind})
    targets.refresh(rule)
    return rule, secret


@transaction.atomic
def end_alert_rule(rule: AlertRule, *, by: Person) -> None:
    """The rule and its history are gone."""
    if not rules_of(by).filter(pk=rule.pk).exists():
        raise NotAllowed
    watched = list(rule.states.values_list("datastream_id", flat=True))
    audit.record("hub.alert_rule_ended", actor=by, subject=("alert_rule", rule.pk), detail={"kind": rule.kind})
    rule.delete()
    mark(watched)


def rules_of(person: Person) -> QuerySet[AlertRule]:
    """The rules a person may see and change: the own ones, and those of the organisations they manage."""
    mine = reach(person, MANAGE)
    if not mine:
        return AlertRule.objects.none()
    houses = Q() if mine.all else Q(organisation__in=mine.organisations) | Q(person=person)
    return AlertRule.objects.filter(houses, is_default=False).select_related(
        "datastream__thing", "thing", "observed_property", "organisation", "person"
    )


def alerts_for(person: Person) -> QuerySet[Alert]:
    """What a person may see of what was raised: of their rules, and feeds of their organisations that fell silent."""
    mine = reach(person, MANAGE)
    if not mine:
        return Alert.objects.none()
    silent = Q(rule__is_default=True) & mine.q("datastream__organisation")
    told = Alert.objects.filter(Q(rule__in=rules_of(person).values("pk")) | silent)
    told = told.filter(is_seen(reader_of(person), "hub_alert.datastream_id"))
    return told.select_related("rule", "datastream__thing", "acknowledged_by")


@transaction.atomic
def acknowledge(alert_ids: list[int], *, by: Person, note: str = "") -> int:
    """Somebody takes care of it: nobody else is called. Returns how many were open and unanswered."""
    found = alerts_for(by).filter(pk__in=alert_ids, over_at=None, acknowledged_at=None)
    _hold_states(found)
    alerts = list(found.select_for_update(of=("self",)).order_by("pk"))
    for alert in alerts:
        alert.acknowledged_at, alert.acknowledged_by, alert.note = clock.now(), by, note[:400]
        alert.save(update_fields=["acknowledged_at", "acknowledged_by", "note"])
        raised = AlertState.objects.filter(rule=alert.rule_id, datastream=alert.datastream_id, state=State.RAISED)
        raised.update(state=State.ACKNOWLEDGED)
        audit.record("hub.alert_acknowledged", actor=by, subject=("alert", alert.pk))
    return len(alerts)


def _hold_states(alerts: QuerySet[Alert]) -> None:
    """The states before the alerts, as who judges: two that hold one each would wait for each other for ever."""
    pairs = list(alerts.values_list("rule_id", "datastream_id"))
    rule_ids, datastream_ids = {rule for rule, _stream in pairs}, {stream for _rule, stream in pairs}
    states = AlertState.objects.filter(rule__in=rule_ids, datastream__in=datastream_ids)
    list(states.select_for_update().order_by("datastream_id", "pk").values_list("pk", flat=True))


def alert_for(person: Person, alert_id: int) -> Alert:
    """One alert that this person may see; raises NotFound."""
    alert = alerts_for(person).filter(pk=alert_id).first()
    if alert is None:
        raise NotFound
    return alert


@transaction.atomic
def renew_secret(rule: AlertRule, *, by: Person) -> str:
    """A new secret for the rule's webhook; the old one ends at once."""
    if not rule.webhook_url or not rules_of(by).filter(pk=rule.pk).exists():
        raise NotAllowed
    audit.record("hub.webhook_secret_renewed", actor=by, subject=("alert_rule", rule.pk))
    secret = webhooks.new_secret()
    rule.webhook_secret = webhooks.sealed(secret)
    rule.save(update_fields=["webhook_secret"])
    return secret


@transaction.atomic
def erase_person(person_id: int) -> int:
    """The person's rules go with them, and their name from what they acknowledged and were second in line for."""
    mine = AlertRule.objects.filter(person=person_id)
    watched = list(AlertState.objects.filter(rule__in=mine).values_list("datastream_id", flat=True))
    count = mine.count() + Alert.objects.filter(acknowledged_by=person_id).update(acknowledged_by=None)
    mine.delete()
    mark(watched)
    return count + AlertRule.objects.filter(escalate_person=person_id).update(escalate_person=None)


def _secret_for(rule: AlertRule, *, is_new: bool) -> str:
    if not rule.webhook_url:
        rule.webhook_secret = ""
        return ""
    if not is_new:
        return ""
    secret = webhooks.new_secret()
    rule.webhook_secret = webhooks.sealed(secret)
    return secret


def _check(rule: AlertRule, old: AlertRule, by: Person, *, url_is_new: bool) -> None:
    wrong = _wrong_subject(rule, old, by)
    if rule.organisation_id is not None and not reach(by, MANAGE).covers(rule.organisation_id):
        wrong["organisation_id"] = _("Für diese Stelle dürfen Sie keine Regeln pflegen.")
    wrong |= _wrong_limits(rule)
    if (rule.quiet_from is None) != (rule.quiet_until is None):
        wrong["quiet_until"] = _("Ruhezeiten brauchen Anfang und Ende.")
    if rule.escalate_minutes and not (rule.escalate_person_id or rule.escalate_organisation_id):
        wrong["escalate_minutes"] = _("Wer soll es dann erfahren?")
    if rule.mqtt_topic and not TOPIC.match(rule.mqtt_topic):
        wrong["mqtt_topic"] = _("Dieses Topic geht nicht: ohne #, + und $, und nicht unter v1.")
    if wrong:
        raise BadInput(fields=wrong)
    if rule.webhook_url and url_is_new:
        webhooks.check_address(rule.webhook_url)


def _wrong_subject(rule: AlertRule, old: AlertRule, by: Person) -> dict[str, Any]:
    """What a person may not see does not exist for them; a subject that stays was somebody's who could."""
    if sum(getattr(rule, name) is not None for name in SUBJECTS) != 1:
        return {"subject": _("Wählen Sie genau eines: eine Messreihe, ein Objekt oder eine Messgröße.")}
    if rule.datastream_id not in (None, old.datastream_id) and not seen_by(by, [rule.datastream_id]):
        return {"datastream_id": _("Diese Messreihe gibt es nicht.")}
    if rule.thing_id not in (None, old.thing_id) and not sees_thing(by, rule.thing_id):
        return {"thing_id": _("Dieses Objekt gibt es nicht.")}
    return {}


def _wrong_limits(rule: AlertRule) -> dict[str, Any]:
    wrong: dict[str, Any] = {}
    if rule.kind != Kind.SILENCE and rule.threshold is None:
        wrong["threshold"] = _("Ab welchem Wert?")
    if rule.kind in (Kind.SILENCE, Kind.RATE) and not rule.seconds:
        wrong["seconds"] = _("In welcher Zeit?")
    if rule.clear is not None and rule.threshold is not None:
        inward = rule.threshold - rule.clear
        if rule.direction == Direction.BELOW and rule.kind != Kind.RATE:
            inward = -inward
        if inward < 0:
            wrong["clear"] = _("Die Entwarnung muss auf der ruhigen Seite des Grenzwerts liegen.")
    return wrong
