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
    meaning: Any = _("Das liegt an uns. Wir haben es bemerkt; versuchen Sie es später noch einmal.")

    def __init__(
        self, detail: Any = "", *, fields: Mapping[str, Any] | None = None, retry_after: int | None = None
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.fields = dict(fields or {})
        self.retry_after = retry_after

    def __str__(self) -> str:
        return str(self.detail or self.title)

    @classmethod
    def address(cls) -> str:
        """Where this kind is explained (portal/web/problems.py)."""
        return f"/api/problems/{cls.kind}"

    def as_json(self) -> dict[str, Any]:
        """The members of RFC 9457, plus `errors` by field."""
        body: dict[str, Any] = {
            "type": self.address(),
            "title": str(self.title),
            "status": self.status,
            "detail": str(self),
        }
        if self.fields:
            body["errors"] = {name: str(reason) for name, reason in self.fields.items()}
        return body


class BadQuery(Problem):
    status, kind, title = 400, "bad-query", _("Diese Anfrage verstehen wir nicht.")
    meaning = _("Ein Parameter fehlt, ist unbekannt oder hat einen Wert, den es nicht gibt.")


class NotAllowed(Problem):
    status, kind, title = 403, "not-allowed", _("Das dürfen Sie hier nicht.")
    meaning = _("Diese Person oder dieser Schlüssel hat das Recht dazu nicht.")


class NotFound(Problem):
    status, kind, title = 404, "not-found", _("Das haben wir nicht gefunden.")
    meaning = _("Unter dieser Adresse gibt es nichts, oder nichts Öffentliches.")


class Conflict(Problem):
    status, kind, title = 409, "conflict", _("Jemand war schneller.")
    meaning = _("Es hat sich inzwischen etwas geändert; lesen Sie neu und versuchen Sie es noch einmal.")


class TooLarge(Problem):
    status, kind, title = 413, "too-large", _("Das ist zu groß.")
    meaning = _("Der Inhalt der Anfrage ist größer, als wir annehmen.")


class BadInput(Problem):
    status, kind, title = 422, "bad-input", _("Bitte prüfen Sie Ihre Angaben.")
    meaning = _("Die Angaben sind lesbar, aber nicht zu gebrauchen; errors nennt den Grund für jedes Feld.")


class TooMany(Problem):
    status, kind, title = 429, "too-many", _("Das war etwas zu oft.")
    meaning = _("Die Grenze für diese Zeit ist erreicht; Retry-After sagt, wann es weitergeht.")


class Unavailable(Problem):
    status, kind, title = 503, "unavailable", _("Das geht gerade nicht.")
    meaning = _("Etwas, das wir dazu brauchen, antwortet gerade nicht.")


def every_kind() -> list[type[Problem]]:
    """All problems, as /api/problems/ lists them."""
    return sorted([Problem, *Problem.__subclasses__()], key=lambda kind: kind.status)
