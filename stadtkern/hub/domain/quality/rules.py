"""Give a datastream rules, change and end them."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from stadtkern.core import audit
from stadtkern.core.problems import BadInput, NotFound
from stadtkern.hub.domain.quality.reevaluating import judge_last_days
from stadtkern.hub.domain.watched import mark
from stadtkern.hub.models import Datastream, QualityRule
from stadtkern.hub.rights import MANAGE
from stadtkern.people.models import Person
from stadtkern.people.rights import require

Kind, Severity = QualityRule.Kind, QualityRule.Severity
LIMITS = ("low", "high", "seconds", "count")
USED: dict[str, tuple[str, ...]] = {
    Kind.RANGE: ("low", "high"),
    Kind.STEP: ("high", "seconds"),
    Kind.STUCK: ("count", "seconds"),
    Kind.GAP: ("seconds",),
    Kind.DUPLICATE: (),
    Kind.DRIFT: ("seconds",),
    Kind.LATE: ("seconds",),
    Kind.OUTLIER: ("high", "count"),
}


@transaction.atomic
def keep_rule(
    datastream: Datastream,
    *,
    kind: str,
    severity: str = Severity.SUSPECT,
    low: float | None = None,
    high: float | None = None,
    seconds: int | None = None,
    count: int | None = None,
    note: str = "",
    by: Person | None,
    again_days: int = 0,
) -> QualityRule:
    """The datastream's rule of this kind and severity is now this; `by` None: the house itself (demo data).

    `again_days`: values of the last days are judged anew by a job. Raises BadInput (with the field), NotAllowed.
    """
    if by is not None:
        require(by, MANAGE, datastream.organisation_id or 0)
    limits = {"low": low, "high": high, "seconds": seconds, "count": count}
    check_limits(kind, limits)
    meant = {name: value if name in USED[kind] else None for name, value in limits.items()}
    rule, _made = QualityRule.objects.update_or_create(
        datastream=datastream, kind=kind, severity=severity, defaults=meant | {"note": note, "changed_by": by}
    )
    audit.record(
        "hub.rule_kept",
        actor=by,
        subject=("datastream", datastream.pk),
        detail={"kind": kind, "severity": severity}
        | {name: value for name, value in meant.items() if value is not None},
    )
    _take_effect(datastream.pk, again_days)
    return rule


@transaction.atomic
def end_rule(rule_id: int, *, by: Person, again_days: int = 0) -> None:
    """The rule is gone; with `again_days` its findings of the last days go too."""
    rule = QualityRule.objects.select_related("datastream").filter(pk=rule_id).first()
    if rule is None:
        raise NotFound
    require(by, MANAGE, rule.datastream.organisation_id or 0)
    rule.delete()
    detail = {"kind": rule.kind, "severity": rule.severity}
    audit.record("hub.rule_ended", actor=by, subject=("datastream", rule.datastream_id), detail=detail)
    _take_effect(rule.datastream_id, again_days)


def check_limits(kind: str, limits: Mapping[str, Any]) -> None:
    """Raises BadInput when the rule would say nothing, or never anything sensible."""
    low, high, seconds, count = (limits.get(name) for name in LIMITS)
    wrong: dict[str, Any] = {}
    if kind == Kind.RANGE and low is None and high is None:
        wrong["low"] = _("Nennen Sie mindestens eine Grenze.")
    if kind == Kind.RANGE and low is not None and high is not None and low > high:
        wrong["high"] = _("Die obere Grenze liegt unter der unteren.")
    if kind == Kind.STEP and (high is None or high < 0):
        wrong["high"] = _("Wie groß darf eine Änderung sein?")
    if kind == Kind.STUCK and not _has_a_length(seconds, count):
        wrong["count"] = _("Nennen Sie eine Anzahl ab 2 oder eine Dauer.")
    if kind == Kind.LATE and not seconds:
        wrong["seconds"] = _("Ab wann ist ein Wert verspätet?")
    if kind == Kind.OUTLIER and high is not None and high <= 0:
        wrong["high"] = _("Ab wie vielen Abweichungen? Üblich sind 5.")
    if wrong:
        raise BadInput(fields=wrong)


def _has_a_length(seconds: int | None, count: int | None) -> bool:
    return bool(seconds) or (count is not None and count >= 2)


def _take_effect(datastream_id: int, again_days: int) -> None:
    mark([datastream_id])
    if again_days:
        judge_last_days(datastream_id, again_days)
