"""What the alerts add to the house: their topic, how long they are kept, their jobs."""

from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from stadtkern.core.parts import RetentionRule, Topic, retention_rules, topics
from stadtkern.hub.domain.alerts import clock, deliveries, forecasting, telling

JOBS = (clock.turn, clock.follow_the_rights, forecasting.forecast_all)  # they are known once they are imported


def register() -> None:
    """Called once, when the application starts."""
    topics.add(Topic(key=telling.TOPIC, label=_("Warnungen aus Messdaten"), audience="staff"))
    for key, what, days, purge in (
        ("hub.alert_deliveries", _("Warnungen an andere Systeme"), 90, deliveries.forget),
        ("hub.alerts", _("Vergangene Warnungen aus Messdaten"), 2 * 365, deliveries.forget_alerts),
    ):
        retention_rules.add(RetentionRule(key=key, what=what, keep=timedelta(days=days), purge=purge))
