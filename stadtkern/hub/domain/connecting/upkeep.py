"""What of the log is not kept for ever: old runs, and drafts nobody finished."""

from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _

from stadtkern.core.parts import RetentionRule, retention_rules
from stadtkern.hub.domain.connecting.uploads import drop_upload
from stadtkern.hub.models import Connector, Run


def register() -> None:
    """Called once, when the application starts."""
    retention_rules.add(
        RetentionRule(key="hub.runs", what=_("Läufe der Datenquellen"), keep=timedelta(days=365), purge=purge_runs)
    )
    retention_rules.add(
        RetentionRule(
            key="hub.drafts",
            what=_("Entwürfe von Datenquellen, die niemand fertiggestellt hat"),
            keep=timedelta(days=30),
            purge=purge_drafts,
        )
    )


def purge_runs(before: datetime) -> int:
    """Ended runs from before."""
    return Run.objects.filter(ended_at__lt=before).delete()[0]


def purge_drafts(before: datetime) -> int:
    """Drafts that nobody has changed since, with their files."""
    old = Connector.objects.filter(state=Connector.State.DRAFT, changed_at__lt=before)
    for connector in old:
        drop_upload(connector)
    return old.delete()[0]
