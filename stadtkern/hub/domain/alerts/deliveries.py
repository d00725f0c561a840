"""What machines are told of alerts: put down in the transaction of the telling, carried out afterwards.

MQTT: rows wait with the topic; NOTIFY `hub_alert` wakes the door, which publishes them (`mqtt_waiting`, `mark_sent`).
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import psycopg
from django.utils import timezone

from stadtkern.core import clock, live
from stadtkern.hub.domain.alerts import recipients, webhooks
from stadtkern.hub.domain.connection import cursor
from stadtkern.hub.models import Alert, AlertDelivery, AlertRule
from stadtkern.hub.words import Visibility

CHANNEL = "hub_alert"
MOST_IN_ONE = 500
WAITING = """
update hub_alertdelivery set state = 'sending', claimed_at = now(), tries = tries + 1 where id in (
    select id from hub_alertdelivery where way = 'mqtt' and state = 'waiting' order by id limit %s
    for update skip locked
) returning id, target, body::text
"""
SENT = "update hub_alertdelivery set state = 'sent', sent_at = now(), claimed_at = null where id = any(%s)"


def put(rule: AlertRule, alerts: Sequence[Alert], what: str) -> None:
    """Have the rule's webhook and topic told; `what`: raised, over, escalated."""
    seen = _seen(rule, alerts)
    mine = [alert for alert in alerts if alert.datastream_id in seen]
    if rule.webhook_url:
        for part in _parts(mine):
            webhooks.send_soon(_row(rule, AlertDelivery.Way.WEBHOOK, rule.webhook_url, part, what))
    if rule.mqtt_topic:
        for part in _parts([alert for alert in mine if is_public(alert)]):
            row = _row(rule, AlertDelivery.Way.MQTT, rule.mqtt_topic, part, what)
            live.tell(CHANNEL, {"delivery": row.pk})


def _parts(alerts: Sequence[Alert]) -> Iterator[Sequence[Alert]]:
    """As many as fit into one message each."""
    return (alerts[start : start + MOST_IN_ONE] for start in range(0, len(alerts), MOST_IN_ONE))


def is_public(alert: Alert) -> bool:
    """Whoever listens at the broker may be anybody."""
    return alert.datastream.visibility == Visibility.PUBLIC and alert.datastream.thing.visibility == Visibility.PUBLIC


def _seen(rule: AlertRule, alerts: Sequence[Alert]) -> set[int]:
    ids = [alert.datastream_id for alert in alerts]
    return recipients.seen_by(rule.person, ids) if rule.person is not None else set()


def _row(rule: AlertRule, way: str, target: str, alerts: Sequence[Alert], what: str) -> AlertDelivery:
    return AlertDelivery.objects.create(
        rule=rule, way=way, target=target, body=told(rule, alerts, what), due_at=timezone.now()
    )


def told(rule: AlertRule, alerts: Sequence[Alert], what: str) -> dict[str, Any]:
    """The message: times in ISO 8601, values in the unit of the datastream."""
    return {
        "type": f"alert.{what}",
        "timestamp": clock.now().isoformat(),
        "data": {"rule": {"id": rule.pk, "name": rule.name, "kind": rule.kind}, "alerts": [_alert(a) for a in alerts]},
    }


def _alert(alert: Alert) -> dict[str, Any]:
    stream = alert.datastream
    return {
        "id": alert.pk,
        "datastream": {"id": stream.pk, "name": stream.name, "unit": stream.unit},
        "thing": {"id": stream.thing_id, "name": stream.thing.name},
        "value": alert.value,
        "threshold": alert.limit,
        "since": alert.since.isoformat(),
        "raised_at": alert.raised_at.isoformat(),
        "over_at": alert.over_at.isoformat() if alert.over_at else None,
    }


def mqtt_waiting(connection: "psycopg.Connection[Any]", most: int = 100) -> list[tuple[int, str, str]]:
    """Take messages for the broker: (id, topic, JSON text). Commit before publishing; then `mark_sent`."""
    return cursor(connection).execute(WAITING, [most]).fetchall()


def mark_sent(connection: "psycopg.Connection[Any]", ids: Sequence[int]) -> None:
    cursor(connection).execute(SENT, [list(ids)])


def put_back(ids: Sequence[int]) -> int:
    """The broker did not take these: they wait again."""
    taken = AlertDelivery.objects.filter(pk__in=ids, state=AlertDelivery.State.SENDING)
    return taken.update(state=AlertDelivery.State.WAITING, claimed_at=None)


def free_lost(before: datetime | None = None) -> int:
    """What was taken and never answered for (a process died) waits again: machines may be told twice, not never."""
    limit = before or timezone.now() - timedelta(minutes=10)
    lost = AlertDelivery.objects.filter(state=AlertDelivery.State.SENDING, claimed_at__lt=limit)
    return lost.update(state=AlertDelivery.State.WAITING, due_at=timezone.now(), claimed_at=None)


def wake_the_door() -> None:
    """Messages for the broker wait: whoever publishes them may have missed the first call."""
    if AlertDelivery.objects.filter(way=AlertDelivery.Way.MQTT, state=AlertDelivery.State.WAITING).exists():
        live.tell(CHANNEL, {})


def forget(before: datetime) -> int:
    return AlertDelivery.objects.filter(created_at__lt=before).delete()[0]


def forget_alerts(before: datetime) -> int:
    return Alert.objects.filter(over_at__lt=before).delete()[0]
