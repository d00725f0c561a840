"""One kind of error for everything: a page, RFC 9457 JSON, or what a standard asks for.

Raise a Problem anywhere below a view; `core.web.middleware` renders it once.
The detail is shown to the person: a whole sentence, saying what to do.
"""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _


class Problem(Exception):
    """Something the caller can be told. `fields` names the reason for each wrong field."""

    status = 500
    kind = "unexpected"
    title: Any = _("Da ist etwas schiefgegangen.")

    def __init__(
        self, detail: Any = "", *, fields: Mapping[str, Any] | None = None, retry_after: int | None = None
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.fields = dict(fields or {})
        self.retry_after = retry_after

    def __str__(self) -> str:
        return str(self.detail or self.title)

    def as_json(self) -> dict[str, Any]:
        """The members of RFC 9457, plus `errors` by field."""
        body: dict[str, Any] = {
            "type": f"/api/problems/{self.kind}",
            "title": str(self.title),
            "status": self.status,
            "detail": str(self),
        }
        if self.fields:
            body["errors"] = {name: str(reason) for name, reason in self.fields.items()}
        return body


class BadQuery(Problem):
    status, kind, title = 400, "bad-query", _("Diese Anfrage verstehen wir nicht.")


class NotAllowed(Problem):
    status, kind, title = 403, "not-allowed", _("Das dürfen Sie hier nicht.")


class NotFound(Problem):
    status, kind, title = 404, "not-found", _("Das haben wir nicht gefunden.")


class Conflict(Problem):
    status, kind, title = 409, "conflict", _("Jemand war schneller.")


class TooLarge(Problem):
    status, kind, title = 413, "too-large", _("Das ist zu groß.")


class BadInput(Problem):
    status, kind, title = 422, "bad-input", _("Bitte prüfen Sie Ihre Angaben.")


class TooMany(Problem):
    status, kind, title = 429, "too-many", _("Das war etwas zu oft.")


class Unavailable(Problem):
    status, kind, title = 503, "unavailable", _("Das geht gerade nicht.")


def every_kind() -> list[type[Problem]]:
    """All problems, as the handbook and /api/problems/ list them."""
    return sorted(Problem.__subclasses__(), key=lambda kind: kind.status)
