"""Tell what was raised and what is over: each once, bundled by rule, not in the quiet hours.

The row of the rule is held while it is told, so of two workers one tells. After something was told, what the same
rule finds in the next minutes waits and goes out as one message; `is_important` waits for nothing.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from itertools import groupby

from django.db import transaction
from django.db.models import Q, QuerySet

from stadtkern.core import clock
from stadtkern.hub.domain.alerts import deliveries, wording
from stadtkern.hub.domain.alerts.recipients import seen_by, stewards_of
from stadtkern.hub.models import Alert, AlertRule
from stadtkern.people.models import Person
from stadtkern.threads.domain.conversation import contact_for
from stadtkern.threads.domain.due import Quiet
from stadtkern.threads.domain.notifying import notify

TOPIC = "hub.alert"
BUNDLE = timedelta(minutes=10)
MOST = 2_000
PAGE = "/desk/daten/warnungen/"


def tell_of(rule_ids: Iterable[int]) -> None:
    """Tell what can be told now of these rules; the rest is told by the clock."""
    for rule_id in sorted(set(rule_ids)):
        tell(rule_id)


@transaction.atomic
def tell(rule_id: int) -> int:
    """Returns how many alerts were told of (raised or over)."""
    rule = AlertRule.objects.select_for_update().filter(pk=rule_id).first()
    if rule is None or must_wait(rule):
        return 0
    now, open_first = clock.now(), _of(rule)
    raised = list(open_first.filter(told_at=None)[:MOST])
    over = list(open_first.filter(over_at__isnull=False, over_told_at=None, told_at__isnull=False)[:MOST])
    for alerts, what in ((raised, "raised"), (over, "over")):
        if alerts:
            _tell(rule, alerts, what)
    Alert.objects.filter(pk__in=[alert.pk for alert in raised]).update(told_at=now)
    ended = [alert.pk for alert in [*raised, *over] if alert.over_at is not None]
    Alert.objects.filter(pk__in=ended).update(over_told_at=now)
    if raised:  # an all-clear makes no later warning wait
        AlertRule.objects.filter(pk=rule.pk).update(told_at=now)
    return len(raised) + len(over)


def must_wait(rule: AlertRule) -> bool:
    """Quiet hours, or something of the rule was told just now. A clock that was set back holds nothing up."""
    if rule.is_important:
        return False
    since = clock.now() - rule.told_at if rule.told_at else BUNDLE
    return is_quiet(rule, clock.now()) or timedelta(0) <= since < BUNDLE


def is_quiet(rule: AlertRule, moment: datetime) -> bool:
    """Inside the rule's quiet hours, as the city's clocks show them."""
    if rule.quiet_from is None or rule.quiet_until is None:
        return False
    return Quiet(rule.quiet_from, rule.quiet_until).holds(clock.local(moment).time())


def waiting_rules() -> list[int]:
    """The rules of which something is untold."""
    over_untold = Q(over_at__isnull=False, over_told_at=None)
    rows = Alert.objects.filter(Q(told_at=None) | over_untold)
    return list(rows.values_list("rule_id", flat=True).distinct().order_by("rule_id"))


@transaction.atomic
def escalate(rule_id: int) -> int:
    """Nobody has answered for too long: the second in line hears of it, once."""
    rule = AlertRule.objects.select_for_update().filter(pk=rule_id).first()
    now = clock.now()
    if rule is None or not rule.escalate_minutes or (is_quiet(rule, now) and not rule.is_important):
        return 0
    asked_until = now - timedelta(minutes=rule.escalate_minutes)
    unanswered = _of(rule).filter(told_at__lte=asked_until, acknowledged_at=None, over_at=None, escalated_at=None)
    alerts = list(unanswered[:MOST])
    if alerts:
        _tell_people(rule, alerts, "escalated", _second_in_line(rule))
        deliveries.put(rule, alerts, "escalated")
        Alert.objects.filter(pk__in=[alert.pk for alert in alerts]).update(escalated_at=now)
    return len(alerts)


def waiting_for_an_answer() -> list[int]:
    """The rules that escalate and have an alert nobody has answered."""
    rows = Alert.objects.filter(
        rule__escalate_minutes__isnull=False,
        told_at__isnull=False,
        acknowledged_at=None,
        over_at=None,
        escalated_at=None,
    )
    return list(rows.values_list("rule_id", flat=True).distinct().order_by("rule_id"))


def _of(rule: AlertRule) -> QuerySet[Alert]:
    return Alert.objects.filter(rule=rule).select_related("datastream__thing").order_by("pk")


def _tell(rule: AlertRule, alerts: Sequence[Alert], what: str) -> None:
    if rule.is_default:
        for house, group in groupby(sorted(alerts, key=_house), _house):
            _tell_people(rule, list(group), what, stewards_of(house or None))
        return
    _tell_people(rule, alerts, what, _first_in_line(rule))
    deliveries.put(rule, alerts, what)


def _house(alert: Alert) -> int:
    return alert.datastream.organisation_id or 0


def _first_in_line(rule: AlertRule) -> list[Person]:
    people = [rule.person] if rule.person is not None else []
    return people + (stewards_of(rule.organisation_id) if rule.organisation_id else [])


def _second_in_line(rule: AlertRule) -> list[Person]:
    people = [rule.escalate_person] if rule.escalate_person is not None else []
    return people + (stewards_of(rule.escalate_organisation_id) if rule.escalate_organisation_id else [])


def _tell_people(rule: AlertRule, alerts: Sequence[Alert], what: str, people: Iterable[Person]) -> None:
    """Everybody reads of just those datastreams they may see; who sees the same gets the same message."""
    groups: dict[tuple[int, ...], list[Person]] = {}
    for person in {person.pk: person for person in people}.values():
        seen = seen_by(person, [alert.datastream_id for alert in alerts])
        mine = tuple(alert.pk for alert in alerts if alert.datastream_id in seen)
        groups.setdefault(mine, []).append(person)
    for ids, group in groups.items():
        if ids:
            _notify(rule, [alert for alert in alerts if alert.pk in set(ids)], what, group)


def _notify(rule: AlertRule, alerts: Sequence[Alert], what: str, people: Sequence[Person]) -> None:
    def said(say: Callable[[], str]) -> wording.Said:
        return wording.in_each_language(say)

    notify(
        topic=TOPIC,
        happening=f"hub-alert:{alerts[0].pk}:{what}",
        title=said(lambda: wording.title(rule, alerts, what)),
        body=said(lambda: wording.body(rule, alerts)),
        url=f"{PAGE}{alerts[0].pk}/" if len(alerts) == 1 else PAGE,
        to=[contact_for(person=person) for person in people],
        urgent=rule.is_important,
    )
