"""The ground floor's own retention rules."""

from datetime import timedelta

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from stadtkern.core import audit, idempotency, limits, mail
from stadtkern.core.parts import RetentionRule, retention_rules

retention_rules.add(
    RetentionRule(
        key="core.idempotency",
        what=_("Merkzettel für doppelt gesendete Anfragen"),
        keep=idempotency.KEEP,
        purge=idempotency.forget,
    )
)
retention_rules.add(
    RetentionRule(
        key="core.limits",
        what=_("Zähler gegen Missbrauch (ohne lesbare Adressen)"),
        keep=timedelta(days=2),
        purge=limits.forget,
    )
)
retention_rules.add(
    RetentionRule(
        key="core.failed_mail",
        what=_("E-Mails, die nicht zugestellt werden konnten (verschlüsselt)"),
        keep=timedelta(days=14),
        purge=mail.forget,
    )
)
retention_rules.add(
    RetentionRule(
        key="core.audit",
        what=_("Protokoll: wer am Schreibtisch was getan oder angesehen hat"),
        keep=timedelta(days=365 * max(settings.AUDIT_YEARS, 1)),
        purge=audit.forget,
    )
)
