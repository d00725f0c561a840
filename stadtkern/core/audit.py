"""The audit log: append-only, enforced by a trigger of the database."""

from typing import Any

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
