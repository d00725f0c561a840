"""How long letters are kept. What waits is never deleted."""

from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _

from stadtkern.core.parts import RetentionRule, retention_rules
from stadtkern.hub.models import Letter

KEEP_DONE, KEEP_FAILED = timedelta(days=14), timedelta(days=90)


def purge_done(before: datetime) -> int:
    done = (Letter.State.DONE, Letter.State.DROPPED)
    return Letter.objects.filter(state__in=done, done_at__lt=before).delete()[0]


def purge_failed(before: datetime) -> int:
    return Letter.objects.filter(state=Letter.State.FAILED, received_at__lt=before).delete()[0]


retention_rules.add(
    RetentionRule(
        key="hub.letters",
        what=_("Nachrichten von Sensoren, die verarbeitet oder verworfen sind"),
        keep=KEEP_DONE,
        purge=purge_done,
    )
)
retention_rules.add(
    RetentionRule(
        key="hub.failed_letters",
        what=_("Nachrichten von Sensoren, aus denen keine Messwerte wurden"),
        keep=KEEP_FAILED,
        purge=purge_failed,
    )
)
