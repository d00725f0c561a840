"""The audit log: append-only, enforced by triggers of the database; old entries go by its own function alone."""

from datetime import datetime
from typing import Any

from django.db import connection

from stadtkern.core.models import AuditEntry


def record(
    action: str,
    *,
    actor: Any = None,
    subject: tuple[str, Any] | None = None,
    detail: dict[str, Any] | None = None,
) -> None:
    """Write one line. `actor` is a person or None for the machine; the detail holds no personal data."""
    kind, id = subject or ("", "")
    AuditEntry.objects.create(
        action=action,
        actor_id=getattr(actor, "pk", None),
        subject_kind=kind,
        subject_id=str(id),
        detail=detail or {},
    )


def forget(before: datetime) -> int:
    """Delete the entries from before, but never one that is younger than a year; returns how many."""
    with connection.cursor() as cursor:
        cursor.execute("select core_forget_audit(%s)", [before])
        return int(cursor.fetchone()[0])
