"""Personal data in the hub: how long it stays, what a person gets of it, what goes with the account."""

from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from stadtkern.core.parts import (
    Eraser,
    PersonExport,
    RetentionRule,
    Topic,
    erasers,
    exports,
    retention_rules,
    topics,
)
from stadtkern.hub.domain import access_log, contracts
from stadtkern.hub.domain.alerts import rules as alert_rules

YEAR = timedelta(days=365)


def erase_person(person_id: int) -> int:
    """Everything the hub keeps of a person; returns how many rows changed."""
    return access_log.erase_person(person_id) + alert_rules.erase_person(person_id)


def register() -> None:
    """Called once, when the application starts."""
    topics.add(Topic(key=contracts.TOPIC, label=_("Datenverträge"), audience="staff"))
    what = _("Wer nichtöffentliche Messdaten gelesen hat")
    retention_rules.add(RetentionRule(key="hub.access", what=what, keep=YEAR, purge=access_log.forget))
    exports.add(PersonExport(key="hub", label=_("Messdaten: Verträge und Zugriffe"), rows=access_log.export_of))
    erasers.add(Eraser(key="hub", erase=erase_person))
