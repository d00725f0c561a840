"""Retention: every table with personal data says how long it keeps it; a nightly job obeys."""

import logging

from django.db import transaction
from django.utils import timezone

from stadtkern.core import audit
from stadtkern.core.jobs import nightly
from stadtkern.core.parts import retention_rules

log = logging.getLogger(__name__)


def apply_rules() -> dict[str, int]:
    """Run every rule, each in its own transaction; returns how many rows each one took."""
    taken = {}
    for rule in retention_rules:
        try:
            with transaction.atomic():
                taken[rule.key] = rule.purge(timezone.now() - rule.keep)
                if taken[rule.key]:
                    audit.record(
                        "retention.applied",
                        subject=("retention_rule", rule.key),
                        detail={"rows": taken[rule.key]},
                    )
        except Exception:
            log.exception("retention rule %s failed", rule.key)
            taken[rule.key] = -1
    return taken


@nightly("core.retention")
def nightly_retention() -> None:
    failed = [key for key, count in apply_rules().items() if count < 0]
    if failed:
        raise RuntimeError(f"retention rules failed: {', '.join(failed)}")
