"""How these tests use the desk: forms as its pages send them."""

from typing import Any

from stadtkern.reports.models import Report

INBOX = "/desk/meldungen/"


def page_of(made: Report) -> str:
    return f"{INBOX}{made.pk}/"


def fields(key: str, **given: Any) -> dict[str, Any]:
    return {f"{key}-{name}": value for name, value in given.items()}


def post(desk: Any, made: Report, key: str, **given: Any) -> Any:
    """Send the form of one action with the version `made` was read with."""
    return desk.post(f"{page_of(made)}{key}/", fields(key, **{"version": made.version, **given}))


def chosen(*reports: Report) -> dict[str, list[Any]]:
    """What the list sends for these rows."""
    return {"id": [made.pk for made in reports], "seen": [f"{made.pk}:{made.version}" for made in reports]}
